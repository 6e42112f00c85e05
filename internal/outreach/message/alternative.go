package message

import (
	"strconv"
	"strings"
	"text/template/parse"
	"unicode"

	"golang.org/x/net/html"
)

// Marks stand around the number of what was taken out of a template. They are
// for private use: no text has them.
const (
	markBegin = '\ue000'
	markEnd   = '\ue001'
)

// textOf makes the template of a text of that of an html, once for a plan rather
// than for every recipient: actions stay what they are, and what is between them
// loses its tags. Libraries that do this run on what is rendered, and either run
// the cells of a table together or draw a frame around them; mails are laid out
// by tables.
func textOf(source string, tree *parse.Tree) string {
	marked, actions := markActions(source, tree)
	out := flow{actions: actions}
	skipped := ""
	tokens := html.NewTokenizer(strings.NewReader(marked))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return out.text.String()
		case html.TextToken:
			if skipped == "" {
				out.write(tokens.Token().Data)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			if silent[token.Data] {
				skipped = token.Data
			}
			out.opens(token)
		case html.EndTagToken:
			token := tokens.Token()
			if token.Data == skipped {
				skipped = ""
			}
			out.closes(token.Data)
		}
	}
}

// markActions puts a mark in the place of every action.
func markActions(source string, tree *parse.Tree) (marked string, actions []string) {
	var out strings.Builder
	at := 0
	cut := func(to int) {
		if to > at {
			out.WriteRune(markBegin)
			out.WriteString(strconv.Itoa(len(actions)))
			out.WriteRune(markEnd)
			actions = append(actions, untrimmed.Replace(source[at:to]))
		}
	}
	eachLiteral(tree.Root, func(node *parse.TextNode) {
		cut(int(node.Pos))
		out.WriteString(unmarked.Replace(string(node.Text)))
		at = int(node.Pos) + len(node.Text)
	})
	cut(len(source))
	return out.String(), actions
}

var (
	// untrimmed takes out what trims the text around an action: the lines of a text
	// are others than those of the html. Comments have no space around them.
	untrimmed = strings.NewReplacer("{{- /*", "{{/*", "{{-\n/*", "{{/*", "*/ -}}", "*/}}", "*/\n-}}", "*/}}", "{{- ", "{{ ", "{{-\n", "{{ ", " -}}", " }}", "\n-}}", " }}")
	unmarked  = strings.NewReplacer(string(markBegin), "", string(markEnd), "")
)

var (
	// silent elements have a content that is no text.
	silent = map[string]bool{"head": true, "style": true, "script": true, "title": true}
	// lines begin with these elements and end with them; paragraphs have an empty
	// line around them.
	lines      = map[string]bool{"div": true, "tr": true, "li": true, "dt": true, "dd": true, "section": true, "article": true, "header": true, "footer": true}
	paragraphs = map[string]bool{
		"p": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true,
		"ul": true, "ol": true, "dl": true, "table": true, "blockquote": true, "pre": true, "hr": true,
	}
)

// flow is a text as it comes into being.
type flow struct {
	actions []string
	text    strings.Builder
	// owed stands before the next word.
	owed gap
	// blocks are what was owed where each open {{ if }}, {{ with }} or {{ range }}
	// began.
	blocks []gap
	// link is where the open link leads, linked where its text begins.
	link   string
	linked int
}

// gap is what stands between two words: a space or lines.
type gap struct {
	newlines int
	space    bool
}

func (g gap) or(other gap) gap {
	return gap{max(g.newlines, other.newlines), g.space || other.space}
}

func (f *flow) opens(token html.Token) {
	f.breaks(token.Data)
	switch token.Data {
	case "br":
		f.owed.newlines = min(f.owed.newlines+1, 2)
	case "li":
		f.write("- ")
	case "img":
		f.write(attribute(token, "alt"))
	case "a":
		f.link, f.linked = attribute(token, "href"), f.text.Len()
	}
}

func (f *flow) closes(element string) {
	f.breaks(element)
	switch element {
	case "td", "th":
		f.owed.space = true
	case "a":
		link := flow{actions: f.actions}
		link.write(f.link)
		f.link = ""
		text := strings.TrimSpace(f.text.String()[f.linked:])
		if to := link.text.String(); to != "" && to[0] != '#' && to != text {
			f.owed.space = f.owed.space || text != ""
			f.words("(")
			f.text.WriteString(to + ")")
		}
	}
}

func attribute(token html.Token, name string) string {
	for _, one := range token.Attr {
		if one.Key == name {
			return one.Val
		}
	}
	return ""
}

// breaks owes the lines that an element is set apart by.
func (f *flow) breaks(element string) {
	switch {
	case paragraphs[element]:
		f.owed.newlines = 2
	case lines[element]:
		f.owed.newlines = max(f.owed.newlines, 1)
	}
}

// write adds words and actions.
func (f *flow) write(marked string) {
	for marked != "" {
		literal, rest, found := strings.Cut(marked, string(markBegin))
		f.words(literal)
		if !found {
			return
		}
		number, after, _ := strings.Cut(rest, string(markEnd))
		if i, err := strconv.Atoi(number); err == nil && i < len(f.actions) {
			f.action(f.actions[i])
		}
		marked = after
	}
}

// words adds words; between them all space is one.
func (f *flow) words(text string) {
	for _, r := range text {
		if unicode.IsSpace(r) && r != '\u00a0' {
			f.owed.space = true
			continue
		}
		f.settle()
		if r == '{' {
			// It must not begin an action.
			f.text.WriteString(`{{"{"}}`)
			continue
		}
		f.text.WriteRune(r)
	}
}

// settle writes what is owed.
func (f *flow) settle() {
	switch {
	case f.text.Len() == 0:
	case f.owed.newlines > 0:
		f.text.WriteString("\n\n"[:f.owed.newlines])
	case f.owed.space:
		f.text.WriteByte(' ')
	}
	f.owed = gap{}
}

// action adds an action. One that only begins or ends a block writes nothing: what
// is owed is owed to what is in the block and, where the block is left out, to
// what is behind it.
func (f *flow) action(action string) {
	keyword := ""
	if words := strings.Fields(strings.Trim(action, "{} \n")); len(words) > 0 && strings.Count(action, "{{") == 1 {
		keyword = words[0]
	}
	last := len(f.blocks) - 1
	switch {
	case keyword == "if" || keyword == "with":
		f.blocks = append(f.blocks, f.owed)
	case keyword == "range":
		// What is owed stands once before all.
		f.settle()
		f.blocks = append(f.blocks, f.owed)
	case keyword == "else" && last >= 0:
		f.owed = f.owed.or(f.blocks[last])
	case keyword == "end" && last >= 0:
		f.owed, f.blocks = f.owed.or(f.blocks[last]), f.blocks[:last]
	default:
		f.settle()
	}
	f.text.WriteString(strings.TrimSpace(action))
}
