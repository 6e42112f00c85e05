package match

import (
	"bytes"
	_ "embed" // For the list of forms.
	"slices"
	"strings"
	"sync"
)

// formsList is the list of legal forms, kept for people to extend.
//
//go:embed forms.txt
var formsList string

// longestSpelledForm is how many single letters with spaces between may make
// up a form, as in "S P R L".
const longestSpelledForm = 6

// formLists are the legal forms, read from the list.
type formLists struct {
	// end and front hold forms as spelling writes them: "sp zoo", "a s".
	end, front map[string]bool
	// last and first hold the words that such a form may end with, or begin.
	last, first map[string]bool
	// dotted are forms only where written with dots.
	dotted map[string]bool
	// mostWords is how many words the longest form has.
	mostWords int
	// attached are forms that need no space before or after them.
	attached [][]byte
}

var forms = sync.OnceValue(func() *formLists { return parseForms(formsList) })

// parseForms reads the list of forms. A line it can make nothing of gives no
// form; a test demands that there is none.
func parseForms(list string) *formLists {
	read := &formLists{
		end: map[string]bool{}, front: map[string]bool{}, dotted: map[string]bool{},
		last: map[string]bool{}, first: map[string]bool{},
	}
	section := ""
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "["):
			section = line
			continue
		}
		var form spelling
		form.read(fold(line))
		if len(form.words) == 0 {
			continue
		}
		read.mostWords = max(read.mostWords, len(form.words))
		switch section {
		case "[end]":
			read.end[string(form.letters)] = true
			read.last[string(form.text(form.words[len(form.words)-1]))] = true
			// Before a name in quotation marks it may stand too.
			read.first[string(form.text(form.words[0]))] = true
		case "[dotted]":
			read.dotted[string(form.letters)] = true
			read.last[string(form.letters)] = true
		case "[front]":
			read.front[string(form.letters)] = true
			read.first[string(form.text(form.words[0]))] = true
		case "[attached]":
			read.attached = append(read.attached, form.letters)
		}
	}
	return read
}

// empty tells of the words that are no name by themselves.
func (s *spelling) empty(one word) bool {
	return s.conjunction(one) || string(s.text(one)) == "the"
}

// conjunction tells of the words that stand for and.
func (s *spelling) conjunction(one word) bool {
	switch string(s.text(one)) {
	case "and", "und", "et", "og", "och":
		return true
	}
	return false
}

// name tells whether there is a name in the words, or only small words.
func (s *spelling) name(words []word) bool {
	return slices.ContainsFunc(words, func(one word) bool { return !s.empty(one) })
}

// dropForms takes the legal forms from both ends of the name, as often as there
// is one, and never more than leaves a name.
func (s *spelling) dropForms(known *formLists) {
	for s.dropDangling(known) || s.dropAtEnd(known) || s.dropAttached(known) || s.dropAtFront(known) {
		continue
	}
}

// dropDangling takes a sign from the end together with the form before it, as of
// "Foo GmbH &", which some list has cut. Elsewhere the sign stays: there is no
// telling what the second half of "Foo &" was.
func (s *spelling) dropDangling(known *formLists) bool {
	whole, last := s.words, len(s.words)-1
	if last < 1 || !whole[last].sign {
		return false
	}
	s.words = whole[:last]
	if s.dropAtEnd(known) {
		return true
	}
	s.words = whole
	return false
}

// dropAtEnd takes one form from the end, the longest there is, with the "and"
// before it.
func (s *spelling) dropAtEnd(known *formLists) bool {
	if len(s.words) < 2 {
		return false
	}
	if last := s.words[len(s.words)-1]; last.letters != 1 && !known.last[string(s.text(last))] {
		return false
	}
	for count := min(len(s.words)-1, max(known.mostWords, longestSpelledForm)); count > 0; count-- {
		split := len(s.words) - count
		form, rest := s.words[split:], s.words[:split]
		if !known.atEnd(s, form) {
			continue
		}
		for len(rest) > 0 && s.conjunction(rest[len(rest)-1]) {
			rest = rest[:len(rest)-1]
		}
		if s.name(rest) {
			s.words = rest
			return true
		}
	}
	return false
}

// atEnd tells whether these words are a form that may end a name.
func (known *formLists) atEnd(s *spelling, words []word) bool {
	if len(words) <= known.mostWords && known.end[string(s.text(words...))] {
		return true
	}
	if len(words) == 1 {
		return words[0].letters > 1 && known.dotted[string(s.text(words[0]))]
	}
	if len(words) > longestSpelledForm {
		return false
	}
	var room [4 * longestSpelledForm]byte
	spelled := room[:0]
	for _, one := range words {
		if one.letters != 1 {
			return false
		}
		spelled = append(spelled, s.text(one)...)
	}
	return known.end[string(spelled)]
}

// dropAtFront takes one form from the beginning of the name.
func (s *spelling) dropAtFront(known *formLists) bool {
	if len(s.words) < 2 || !known.first[string(s.text(s.words[0]))] {
		return false
	}
	for count := min(len(s.words)-1, known.mostWords); count > 0; count-- {
		form, rest := s.words[:count], s.words[count:]
		text := s.text(form...)
		if (known.front[string(text)] || rest[0].quoted && known.end[string(text)]) && s.name(rest) {
			s.words = rest
			return true
		}
	}
	return false
}

// dropAttached takes one form from the end or the beginning of a word that is
// written without spaces.
func (s *spelling) dropAttached(known *formLists) bool {
	if len(s.words) == 0 {
		return false
	}
	first, last := &s.words[0], &s.words[len(s.words)-1]
	if s.letters[last.end-1] < 0x80 && s.letters[first.start] < 0x80 {
		return false
	}
	for _, form := range known.attached {
		if bytes.HasSuffix(s.text(*last), form) && s.mayEnd(*last, form) {
			if last.end -= len(form); last.start == last.end {
				s.words = s.words[:len(s.words)-1]
			}
			return true
		}
		if bytes.HasPrefix(s.text(*first), form) && string(form) != companyOfChina && s.namedWithout(form) {
			if first.start += len(form); first.start == first.end {
				s.words = s.words[1:]
			}
			return true
		}
	}
	return false
}

// companyOfChina is a form only where nothing tells which company of several
// it is.
const companyOfChina = "公司"

// mayEnd tells whether a name without this form at its end is still one, and
// the same company's: a branch, a subsidiary and a parent are others.
func (s *spelling) mayEnd(last word, form []byte) bool {
	if string(form) == companyOfChina {
		before := s.letters[last.start : last.end-len(form)]
		for _, kind := range []string{"分", "子", "总", "總", "母", "有限", "有限责任", "有限責任"} {
			if bytes.HasSuffix(before, []byte(kind)) {
				return false
			}
		}
	}
	return s.namedWithout(form)
}

// namedWithout tells whether a name remains if the form goes.
func (s *spelling) namedWithout(form []byte) bool {
	letters := 0
	for _, one := range s.words {
		// Small words count here: joined with others, they are small no more.
		letters += one.end - one.start
	}
	return letters > len(form)
}
