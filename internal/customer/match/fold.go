package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	// longestText is how much of a text is looked at, in bytes. No name is as
	// long; what is longer is a pasted page.
	longestText = 4096
	// longestKey bounds a key, in bytes.
	longestKey = 512
	// mostMarks is how many marks a letter keeps. No script needs more, and
	// heaps of them are made to break screens.
	mostMarks = 4
)

// isASCII tells whether there is nothing in the text but ASCII.
func isASCII(text string) bool {
	for at := range len(text) {
		if text[at] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// shorten cuts a text to so many bytes, never inside a character.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// fold brings a text into one form for comparing: case, width and accents are
// gone (the accents of Latin, Greek and Cyrillic, the vowel points of Hebrew and
// Arabic), digits are ASCII, quotation marks are '"' and apostrophes are plain.
// Where a mark makes another letter, as the dakuten of Japanese or the vowel
// signs of India do, it stays. Punctuation and spaces stay too.
func fold(text string) string {
	text = strings.ToValidUTF8(shorten(text, longestText), " ")
	text = norm.NFKC.String(strings.Map(plainPunctuation, text))
	text = norm.NFKD.String(cases.Fold().String(text))

	var folded strings.Builder
	folded.Grow(len(text))
	var base rune
	marks := 0
	for _, character := range text {
		if unicode.Is(unicode.M, character) {
			if keepsMarks(base) && marks < mostMarks && !invisible(character) {
				marks++
				folded.WriteRune(character)
			}
			continue
		}
		// Again: decomposing and folding bring such signs about as well.
		if character = plainPunctuation(character); character < 0 || invisible(character) {
			continue
		}
		base, marks = character, 0
		writeFolded(&folded, character)
	}
	return norm.NFC.String(folded.String())
}

// plainPunctuation has to come before the compatibility forms of Unicode are
// resolved: those make "TM" of a trade mark sign, and a space with an accent of
// the apostrophe that many keyboards offer.
func plainPunctuation(character rune) rune {
	switch character {
	case '™', '℠', '®', '©', '℗':
		return -1
	case '´', '`', '′', '‘', '’', '‛', 'ʹ', 'ʻ', 'ʼ', 'ʽ', 'ʾ', 'ʿ', 'ˈ', '＇', 'ꞌ':
		return '\''
	case '“', '”', '„', '‟', '«', '»', '‹', '›', '″', '״', '「', '」', '『', '』', '《', '》', '〈', '〉':
		return '"'
	}
	return character
}

// writeFolded writes a letter with its transliteration, where it has one that
// no decomposition of Unicode knows, and a digit of any script in ASCII.
func writeFolded(folded *strings.Builder, character rune) {
	if character < utf8.RuneSelf {
		folded.WriteRune(character)
		return
	}
	if latin := transliterations[character]; latin != "" {
		folded.WriteString(latin)
		return
	}
	if unicode.IsDigit(character) {
		folded.WriteRune(asciiDigit(character))
		return
	}
	if unicode.Is(unicode.Cherokee, character) {
		// Folding goes either way there.
		character = unicode.ToUpper(character)
	}
	folded.WriteRune(character)
}

// transliterations are of the Latin letters whose stroke or shape is not an
// accent to Unicode. The sharp s is not among them: folding case makes it ss.
var transliterations = map[rune]string{
	'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l",
	'ı': "i", 'ħ': "h", 'ŧ': "t", 'ŋ': "n", 'ĸ': "k", 'ƀ': "b", 'ɓ': "b",
	'ɖ': "d", 'ɗ': "d", 'ƙ': "k", 'ɨ': "i", 'ɵ': "o", 'ʉ': "u", 'ƶ': "z",
	'ǥ': "g", 'ɣ': "g", 'ə': "a",
}

// asciiDigit gives a decimal digit of any script in ASCII. Unicode keeps the ten
// digits of a script together, in order from zero, so it is enough to count those
// before.
func asciiDigit(digit rune) rune {
	value := rune(0)
	for unicode.IsDigit(digit - 1 - value) {
		value++
	}
	return '0' + value%10
}

// invisible tells of what a reader does not see: joiners, marks of direction,
// soft hyphens, selectors of a glyph, fillers.
func invisible(character rune) bool {
	switch {
	case character < utf8.RuneSelf:
		return false
	case unicode.Is(unicode.Cf, character), unicode.Is(unicode.Variation_Selector, character):
		return true
	case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, character):
		return true
	}
	return character == 'ـ' // The line that stretches Arabic words.
}

// accented are the blocks of the scripts whose marks are accents or optional
// vowels: Latin, Greek and Cyrillic; Hebrew and Arabic.
var accented = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0000, Hi: 0x052F, Stride: 1},
	{Lo: 0x0590, Hi: 0x06FF, Stride: 1},
	{Lo: 0x1C80, Hi: 0x1C8F, Stride: 1},
	{Lo: 0x1D00, Hi: 0x1DBF, Stride: 1},
	{Lo: 0x1E00, Hi: 0x1FFF, Stride: 1},
	{Lo: 0x2C60, Hi: 0x2C7F, Stride: 1},
	{Lo: 0xA640, Hi: 0xA69F, Stride: 1},
	{Lo: 0xA720, Hi: 0xA7FF, Stride: 1},
	{Lo: 0xAB30, Hi: 0xAB6F, Stride: 1},
}}

// keepsMarks tells whether a mark after this letter makes another letter of it.
func keepsMarks(base rune) bool {
	return unicode.IsLetter(base) && !unicode.Is(accented, base)
}
