package match

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one word of a name: where it stands among the letters, and what there
// is to know of how it was written.
type word struct {
	start, end int
	// letters is how many single letters the word was put together from: 2 for
	// "s.a." and 1 for "s", 0 where there was a longer part.
	letters int
	// quoted tells that a quotation mark stood before the word.
	quoted bool
	// sign tells that the word was written as a sign, such as &.
	sign bool
}

// spelling takes a folded name apart. Its words stand in letters, in lower case,
// with one space between.
type spelling struct {
	letters []byte
	words   []word

	open   bool // A word is being written.
	length int  // How many letters that word has so far.
	dot    bool // Since the last word there was one dot and nothing else.
	gap    bool // Since the last word there was anything else.
	quote  bool // Since the last word there was a quotation mark.
	joined bool // The last word ends in a script that needs no spaces.
	full   bool // There are as many letters as a key may have.
}

// reset makes room for another name. What was read before is gone.
func (s *spelling) reset() {
	*s = spelling{letters: s.letters[:0], words: s.words[:0]}
}

// read takes the text apart. It must be ASCII, or come from fold.
func (s *spelling) read(text string) {
	for at := 0; at < len(text) && !s.full; {
		character, size := rune(text[at]), 1
		if character >= utf8.RuneSelf {
			character, size = utf8.DecodeRuneInString(text[at:])
		}
		at += size
		switch {
		case isLetter(character):
			s.letter(lower(character))
		case character == '\'':
			s.quote = s.quote || !s.open
		case character == '&':
			s.sign("and", len(s.words) > 0 || s.open)
		case character == '+':
			s.plus(text[at:])
		default:
			s.separate(character)
		}
	}
	s.close()
}

// isLetter tells what words are made of: letters, digits, and the marks on them.
func isLetter(character rune) bool {
	if character >= utf8.RuneSelf {
		return isLetterBeyondASCII(character)
	}
	return 'a' <= character|0x20 && character|0x20 <= 'z' || '0' <= character && character <= '9'
}

func isLetterBeyondASCII(character rune) bool {
	return unicode.IsLetter(character) || unicode.IsNumber(character) || unicode.Is(unicode.M, character)
}

// lower is for ASCII, whose case a text may still have; fold has seen to others.
func lower(character rune) rune {
	if 'A' <= character && character <= 'Z' {
		return character + 'a' - 'A'
	}
	return character
}

// letter writes one letter or digit, in a new word if none is open. The limit
// stands here, before forms go: a key cut later might end in a form again.
func (s *spelling) letter(character rune) {
	if s.full = s.full || len(s.letters)+len(" ")+utf8.RuneLen(character) > longestKey; s.full {
		return
	}
	spaceless := character >= utf8.RuneSelf && withoutSpaces(character)
	switch {
	case s.open:
	case spaceless && s.joined && len(s.words) > 0:
		// Such scripts write no spaces, so one that stands there means nothing.
		s.words[len(s.words)-1].letters, s.length = 0, 2
	default:
		if len(s.words) > 0 {
			s.letters = append(s.letters, ' ')
		}
		s.words = append(s.words, word{start: len(s.letters), quoted: s.quote})
		s.length = 0
	}
	s.open, s.joined = true, spaceless
	s.length++
	s.letters = utf8.AppendRune(s.letters, character)
}

// separate ends the open word, and remembers by what.
func (s *spelling) separate(character rune) {
	wasOpen := s.open
	s.close()
	switch character {
	case '.':
		s.dot = wasOpen
		s.gap = s.gap || !wasOpen
	case '"':
		s.quote, s.gap = true, true
	default:
		s.gap = true
	}
}

// close ends the open word. A single letter goes to the single letters before
// it where only a dot stands between: "s.a." is one word.
func (s *spelling) close() {
	if !s.open {
		return
	}
	last := len(s.words) - 1
	s.words[last].end = len(s.letters)
	if s.length == 1 {
		s.words[last].letters = 1
	}
	if last > 0 && s.dot && !s.gap && s.length == 1 && s.words[last-1].letters > 0 {
		before := &s.words[last-1]
		s.letters = append(s.letters[:before.end], s.letters[s.words[last].start:]...)
		before.end = len(s.letters)
		before.letters++
		s.words = s.words[:last]
	}
	s.open, s.dot, s.gap, s.quote = false, false, false, false
}

// sign writes the word that a sign stands for, if it stands between words.
func (s *spelling) sign(spoken string, wanted bool) {
	s.close()
	s.gap = true
	if !wanted {
		return
	}
	s.joined = false
	for at := range len(spoken) {
		s.letter(rune(spoken[at]))
	}
	if s.open {
		s.close()
		s.words[len(s.words)-1].sign = true
	}
	s.gap = true
}

// plus reads "Kuehne + Nagel" as and, "Canal+" as plus.
func (s *spelling) plus(rest string) {
	wanted := len(s.words) > 0 || s.open
	if next, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, " ")); isLetter(next) {
		s.sign("and", wanted)
		return
	}
	s.sign("plus", wanted)
}

// withoutSpaces tells of the scripts that are written without spaces between
// words, and of Korean, which is not strict about them.
func withoutSpaces(character rune) bool {
	return character >= 0x0E00 && unicode.In(character, unicode.Han, unicode.Hiragana, unicode.Katakana,
		unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		character == 'ー'
}

// text gives a word's letters, or those of several with the spaces between.
func (s *spelling) text(words ...word) []byte {
	return s.letters[words[0].start:words[len(words)-1].end]
}
