package message

import (
	"fmt"
	"strings"
	"text/template/parse"

	"golang.org/x/net/html"
)

// refusedElements are elements that no mail should have, and what to do instead.
var refusedElements = map[string]string{
	"script": "mail programs run no scripts", "noscript": "mail programs run no scripts",
	"iframe": "mail programs drop it: link to the page", "frame": "mail programs drop it: link to the page",
	"frameset": "mail programs drop it: link to the page",
	"object":   "mail programs drop it: link to it", "embed": "mail programs drop it: link to it", "applet": "mail programs drop it: link to it",
	"form": "many mail programs drop it or warn of it: link to a page that has it", "input": "many mail programs drop it: link to a page that has it",
	"button": "many mail programs drop it: write a link", "select": "many mail programs drop it: link to a page that has it",
	"textarea": "many mail programs drop it: link to a page that has it",
	"base":     "mail programs drop it: write links in full",
	"link":     "mail programs fetch no styles: write <style> or style=\"...\"",
}

// linking attributes have a link as their value.
var linking = map[string]bool{"href": true, "src": true, "action": true, "background": true, "poster": true, "data": true, "cite": true, "xlink:href": true}

// refusedSchemes are what no link may begin with.
var refusedSchemes = []string{"javascript:", "vbscript:", "data:text/html"}

// checkHTML finds what mail programs drop, and what nobody should send, in an
// html.
func checkHTML(source string, found func(at int, message string)) {
	tokens := html.NewTokenizer(strings.NewReader(source))
	at := 0
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return
		}
		begins := at
		at += len(tokens.Raw())
		if kind == html.CommentToken && strings.HasPrefix(strings.TrimSpace(string(tokens.Text())), "[if") {
			found(begins, "comments are not sent, conditional ones for Outlook neither: write what every mail program reads")
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		token := tokens.Token()
		if why := refusedElements[token.Data]; why != "" {
			found(begins, fmt.Sprintf("<%s> is not sent: %s", token.Data, why))
		}
		for _, attribute := range token.Attr {
			if why := refusedAttribute(token.Data, attribute); why != "" {
				found(begins, why)
			}
		}
	}
}

// refusedAttribute says why an attribute is refused; "" if it is not.
func refusedAttribute(element string, attribute html.Attribute) string {
	name := attribute.Key
	switch {
	case strings.HasPrefix(name, "on"):
		return fmt.Sprintf("%s is not sent: mail programs run no scripts", name)
	case element == "meta" && name == "http-equiv" && strings.EqualFold(strings.TrimSpace(attribute.Val), "refresh"):
		return "a mail does not lead to another page by itself: write a link"
	}
	value := strings.ToLower(strings.Map(visible, attribute.Val))
	for _, scheme := range refusedSchemes {
		if linking[name] && strings.HasPrefix(value, scheme) {
			return fmt.Sprintf("%s begins with %s, which is not sent: link to a page", name, scheme)
		}
	}
	return ""
}

// visible drops what browsers pass over in a link.
func visible(r rune) rune {
	if r <= ' ' || r == '\u00a0' {
		return -1
	}
	return r
}

// withoutActions is a template with spaces for its actions, so that every literal
// keeps its place.
func withoutActions(source string, tree *parse.Tree) string {
	blank := []byte(source)
	for i := range blank {
		if blank[i] != '\n' {
			blank[i] = ' '
		}
	}
	eachLiteral(tree.Root, func(node *parse.TextNode) { copy(blank[node.Pos:], node.Text) })
	return string(blank)
}

// eachLiteral visits what a template says itself, in its order.
func eachLiteral(list *parse.ListNode, visit func(*parse.TextNode)) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.TextNode:
			visit(node)
		case *parse.IfNode:
			eachBranch(&node.BranchNode, visit)
		case *parse.WithNode:
			eachBranch(&node.BranchNode, visit)
		case *parse.RangeNode:
			eachBranch(&node.BranchNode, visit)
		}
	}
}

func eachBranch(branch *parse.BranchNode, visit func(*parse.TextNode)) {
	eachLiteral(branch.List, visit)
	eachLiteral(branch.ElseList, visit)
}
