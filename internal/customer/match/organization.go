package match

import (
	"html"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// Organization gives the match key of an organization's name: equal keys mean
// the same name, however it was written. It is empty if there is nothing in the
// name to compare: no letter and no digit of any script.
//
// What makes no difference: case, accents (so ü is u; "ue" stays itself, since
// too many names have it for other reasons), width, punctuation, spaces, "and"
// for "&" ("und", "et", "og" and "och" between words too), a leading "The", and
// the legal forms of companies at the end, and where a language puts them there,
// at the front ("Foo GmbH & Co. KG", "Foo Pty. Ltd", "JSC Foo", "株式会社 Foo").
//
// What makes a difference: every other word, so Group, Holding, International,
// 集团 and a country in the name; a legal form in the middle of a name; marks
// that make another letter, as in カ and ガ; 國 and 国. A name that is made of
// forms only keeps what it needs to be one: "SA Ltd" is "sa".
//
// The key has at most 512 bytes; a name is read no further than it takes to
// fill them.
func Organization(name string) string {
	name = withoutEntities(shorten(name, longestText))
	read := spellings.Get().(*spelling)
	defer spellings.Put(read)
	read.reset()
	if isASCII(name) {
		read.read(name)
	} else {
		read.read(parenthesizedForms.Replace(fold(name)))
	}
	read.dropForms(forms())
	// Letters that have come together may have to be composed again.
	return norm.NFC.String(read.join())
}

// spellings are kept for the next name, since an import reads a million of them.
// What one takes is bounded by how much of a name is read.
var spellings = sync.Pool{New: func() any { return new(spelling) }}

// parenthesizedForms are the short ways to write a form in Japan and Korea.
// One character such as ㈱ has become three before.
var parenthesizedForms = strings.NewReplacer(
	"(株)", " 株式会社 ", "(有)", " 有限会社 ", "(合)", " 合同会社 ", "(주)", " 주식회사 ", "(유)", " 유한회사 ")

// withoutEntities gives the text with the entities of HTML resolved: lists are
// often copied from pages, "&amp;" and all.
func withoutEntities(text string) string {
	at := strings.IndexByte(text, '&')
	if at < 0 {
		return text
	}
	if strings.IndexByte(text[at:], ';') > 0 {
		// Twice, for what was made an entity twice.
		text = html.UnescapeString(html.UnescapeString(text))
	}
	return strings.ReplaceAll(text, "&amp", "&")
}

// join puts the words together without spaces. Between two digits a space
// stays: "Hall 1 2" is not "Hall 12".
func (s *spelling) join() string {
	var room [128]byte
	key := room[:0]
	for at, one := range s.words {
		text := s.text(one)
		if at > 0 && at < len(s.words)-1 && s.conjunction(one) {
			text = []byte("and")
		}
		if len(key) > 0 && isDigit(key[len(key)-1]) && isDigit(text[0]) {
			key = append(key, ' ')
		}
		key = append(key, text...)
	}
	return string(key)
}

func isDigit(character byte) bool { return '0' <= character && character <= '9' }
