package generate

import (
	"strconv"
	"strings"
	"unicode"
)

// Syllables of stems. Each of an onset and a rest, so that no two rows of
// syllables read the same, and stems of different numbers differ.
var (
	onsets = [16]string{"b", "d", "f", "g", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z"}
	rests  = [8]string{"a", "e", "i", "o", "u", "an", "el", "or"}
)

// counting are the characters that the days of the old calendars are counted
// by: in a row they are nobody's name.
var counting = [22]string{"甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸", "子", "丑", "寅", "卯", "辰", "巳", "午", "未", "申", "酉", "戌", "亥"}

// stemBits are those of a stem of three syllables.
const stemBits = 21

// stem is a made-up word for a number: another one for every number, and not
// alike for neighbours.
func (w *world) stem(n int) string {
	const mask = 1<<stemBits - 1
	low := (uint64(n)*0x12d591 + w.seed*0x9e3779b1) & mask
	var text [24]byte
	word := text[:0]
	for high := uint64(n) >> stemBits; high > 0; high >>= 7 {
		word = appendSyllable(word, high)
	}
	for range 3 {
		word = appendSyllable(word, low)
		low >>= 7
	}
	return string(word)
}

func appendSyllable(word []byte, bits uint64) []byte {
	return append(append(word, onsets[bits>>3&15]...), rests[bits&7]...)
}

// count is a number in counting characters, for names that are written in Han.
func (w *world) count(n int) string {
	var text strings.Builder
	rest := (uint64(n)*0x12d591 + w.seed*0x9e3779b1) & (1<<stemBits - 1)
	for high := uint64(n) >> stemBits; high > 0; high /= 22 {
		text.WriteString(counting[high%22])
	}
	for range 5 {
		text.WriteString(counting[rest%22])
		rest /= 22
	}
	return text.String()
}

// title gives a word of ASCII a capital.
func title(word string) string { return string(word[0]-'a'+'A') + word[1:] }

// spelling is how the name of a firm is written.
type spelling int

const (
	asIs spelling = iota
	capitals
	otherForm
	withoutForm
	withoutAccents
	// misspelt has two letters the wrong way round.
	misspelt
)

// firmName writes the name of a firm.
func (w *world) firmName(f *firm, as spelling) string {
	c := f.country.culture
	form := c.forms[f.form]
	switch as {
	case otherForm:
		form = c.otherForms[f.form]
	case withoutForm:
		form = ""
	}
	mark, trade := c.firmMarks[f.mark], c.trades[f.trade]
	if c.han {
		core := mark + w.count(f.n) + trade
		if as == misspelt {
			core = mark + trade + w.count(f.n)
		}
		if c.formFirst && f.n%2 == 0 {
			return form + core
		}
		return core + form
	}
	stem := title(f.stem)
	if as == misspelt {
		stem = stem[:1] + stem[2:3] + stem[1:2] + stem[3:]
	}
	name := mark + " " + stem + " " + trade
	if f.employees > 2000 {
		name += " Group"
	}
	if form != "" {
		name += " " + form
	}
	switch as {
	case capitals:
		return strings.ToUpper(name)
	case withoutAccents:
		if bare := plain(name); bare != name {
			return bare
		}
		return strings.ToUpper(name)
	}
	return name
}

// plain takes the accents off Latin letters, as a machine without them did.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 || !unicode.Is(unicode.Latin, r) {
			return r
		}
		const accented, bare = "äáàâåãçéèêëíîïñöóôøúûüÄÅÁÉÎÖÓÚÜ", "aaaaaaceeeeiiinooooouuuAAAEIOOUU"
		at := 0
		for _, other := range accented {
			if other == r {
				return rune(bare[at])
			}
			at++
		}
		return r
	}, text)
}

// personName writes the name of a person, and the part of an address before the @.
func (w *world) personName(d *dice, c *culture, n int) (name, mailbox string) {
	first := pick(d, c.given)
	bits := d.below(1 << 14)
	if c.han {
		name = first.native + counting[bits%22] + counting[bits/22%22] + counting[bits/484%22]
		return name, first.plain + "." + w.latin(bits) + strconv.Itoa(n)
	}
	family := w.latin(bits)
	mailbox = first.plain + "." + family
	if n > 1 {
		mailbox += strconv.Itoa(n)
	}
	if c.beforeStem != "" {
		family = c.beforeStem + family
	} else {
		family = title(family) + c.afterStem
	}
	return first.native + " " + family, mailbox
}

// latin is a stem of two syllables.
func (w *world) latin(bits int) string {
	var text [8]byte
	return string(appendSyllable(appendSyllable(text[:0], uint64(bits)>>7), uint64(bits)&127))
}

// phone gives a number that is kept for fiction, if the country keeps any.
func (d *dice) phone(of *country) string {
	if of.phone == "" {
		return ""
	}
	limit := 1
	for range of.open {
		limit *= 10
	}
	digits := strconv.Itoa(limit + d.below(limit))
	return of.phone + digits[1:]
}
