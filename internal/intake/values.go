package intake

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/customer/match"
)

// longestText is how many characters a text may have.
const longestText = 10_000

// conventions are how a file writes values, and what else reading one depends on.
type conventions struct {
	decimalComma bool
	dates        dateFormat
	zone         *time.Location
	// digits after the point in the currency of the row; -1 without a currency.
	digits int
	// exact is true for a number of JSON, which no convention touches.
	exact bool
	// decoded is true where the file was not UTF-8: what could not be decoded is
	// U+FFFD then.
	decoded bool
}

// fault is why a value was not read: a reason that rejects the row, or a warning
// that leaves the field absent. The zero fault is none.
type fault struct {
	reason  string
	warning WarningKind
}

// refuse makes a fault that rejects the row.
func refuse(format string, arguments ...any) (customer.Value, fault) {
	return customer.Value{}, fault{reason: fmt.Sprintf(format, arguments...)}
}

// warn makes a fault that leaves the field absent.
func warn(kind WarningKind) (customer.Value, fault) {
	return customer.Value{}, fault{warning: kind}
}

// readFunc reads a text, trimmed and not empty, as the kind of a step.
type readFunc func(c *conventions, s *step, text string) (customer.Value, fault)

// readerOf gives the function that reads the kind of a step.
func readerOf(s *step) readFunc {
	if s.target == toPartySource {
		return readSource
	}
	if s.target == toParty && s.slot == customer.PartyEmail {
		return readEmail
	}
	if read := kindReaders[s.meaning.Kind]; read != nil {
		return read
	}
	return readText
}

// kindReaders read the kinds that are not kept as they are written.
var kindReaders = [...]readFunc{
	customer.Word:          readWord,
	customer.Words:         readWords,
	customer.Whole:         readNumber,
	customer.Decimal:       readNumber,
	customer.Money:         readMoney,
	customer.Currency:      readCurrency,
	customer.Day:           readDay,
	customer.Instant:       readInstant,
	customer.Truth:         readTruth,
	customer.Country:       readCountry,
	customer.Zone:          readZone,
	customer.Language:      readLanguage,
	customer.HashedAddress: nil,
}

// trim takes white space off both ends: all that Unicode calls so, the
// non-breaking and the ideographic space included. Quotes do not protect it.
func trim(text string) string {
	if text == "" || plainEdge(text[0]) && plainEdge(text[len(text)-1]) {
		return text
	}
	return strings.TrimSpace(text)
}

// plainEdge tells whether a byte is a character of its own and no space.
func plainEdge(b byte) bool { return b > ' ' && b < utf8.RuneSelf }

// shorten makes a text short enough for a message.
func shorten(text string) string {
	const longest = 60
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	return string([]rune(text)[:longest]) + "..."
}

// quote a text for a message.
func quote(text string) string { return strconv.Quote(shorten(text)) }

func readText(c *conventions, _ *step, text string) (customer.Value, fault) {
	if reason := checkText(text, c.decoded); reason != "" {
		return customer.Value{}, fault{reason: reason}
	}
	return customer.String(text), fault{}
}

// checkText says why a text cannot be kept; "" if it can.
func checkText(text string, decoded bool) string {
	if len(text) > longestText {
		if count := utf8.RuneCountInString(text); count > longestText {
			return fmt.Sprintf("has %d characters; %d are the most", count, longestText)
		}
	}
	for i := range len(text) {
		if b := text[i]; b < ' ' || b >= 0x7f {
			return checkCharacters(text, i, decoded)
		}
	}
	return ""
}

// checkCharacters goes on, where there is more than plain ASCII, from an offset
// at which a character begins.
func checkCharacters(text string, from int, decoded bool) string {
	for i := from; i < len(text); {
		char, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case char == utf8.RuneError && size == 1:
			return fmt.Sprintf("is not valid UTF-8 at byte %d (0x%02X): is format.encoding right?", i+1, text[i])
		case char == utf8.RuneError && decoded:
			return "has bytes that are nothing in the file's encoding: is format.encoding right?"
		case char == '\t', char == '\n', char == '\r':
		case char < ' ', char == 0x7f:
			// Those of Latin-1 (U+0080 to U+009F) are taken: lists that were read in the
			// wrong encoding once are full of them, and they part nothing.
			return fmt.Sprintf("has the control character U+%04X", char)
		}
		i += size
	}
	return ""
}

func readSource(_ *conventions, _ *step, text string) (customer.Value, fault) {
	if !sourceName.MatchString(text) {
		return refuse("%s is no name of a source: small letters, digits and hyphens", quote(text))
	}
	return customer.String(text), fault{}
}

// readEmail checks an address and keeps it as it was written. The text of a bad
// one is nobody's business in a log, so the warning goes without it.
func readEmail(c *conventions, s *step, text string) (customer.Value, fault) {
	if _, err := match.Email(text); err != nil {
		return warn(BadEmail)
	}
	return readText(c, s, text)
}

func readWord(_ *conventions, s *step, text string) (customer.Value, fault) {
	if word := wordOf(s.meaning.Words, text); word != "" {
		return customer.String(word), fault{}
	}
	return refuse("%s is none of the words%s", quote(text), suggest(text, s.meaning.Words))
}

// wordOf finds a word without regard to case; "" if there is none.
func wordOf(words []string, text string) string {
	for _, word := range words {
		if len(word) == len(text) && strings.EqualFold(word, text) {
			return word
		}
	}
	return ""
}

// readWords reads a set of words, which ";" separates.
func readWords(_ *conventions, s *step, text string) (customer.Value, fault) {
	var bits int64
	for part := range strings.SplitSeq(text, ";") {
		part = trim(part)
		if part = s.translate(part); part == "" {
			continue
		}
		word := wordOf(s.meaning.Words, part)
		if word == "" {
			return refuse("%s is none of the words%s", quote(part), suggest(part, s.meaning.Words))
		}
		bits |= customer.Bit(s.meaning.Words, word)
	}
	if bits == 0 {
		return customer.Value{}, fault{}
	}
	return customer.Number(bits), fault{}
}

// translate gives what the mapping puts in the place of a text.
func (s *step) translate(text string) string {
	for i := range s.words {
		if s.words[i].from == text {
			return s.words[i].to
		}
	}
	return text
}

func readTruth(_ *conventions, _ *step, text string) (customer.Value, fault) {
	switch strings.ToLower(text) {
	case "true", "yes", "t", "y", "1":
		return customer.Number(1), fault{}
	case "false", "no", "f", "n", "0":
		return customer.Number(0), fault{}
	}
	return refuse("%s is neither true nor false (nor yes, no, 1, 0): translate it with words", quote(text))
}

func readCountry(_ *conventions, _ *step, text string) (customer.Value, fault) {
	if code, ok := match.Country(text); ok {
		return customer.String(code), fault{}
	}
	return warn(UnknownCountry)
}

func readZone(_ *conventions, _ *step, text string) (customer.Value, fault) {
	if _, ok := loadZone(text); !ok {
		return warn(UnknownZone)
	}
	return customer.String(text), fault{}
}

// loadZone finds a time zone by its name in the IANA database.
func loadZone(name string) (*time.Location, bool) {
	// Local is whatever the machine has.
	if name == "Local" || name == "" {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

func readLanguage(_ *conventions, _ *step, text string) (customer.Value, fault) {
	tag, err := language.Parse(text)
	if err != nil {
		return warn(UnknownLanguage)
	}
	return customer.String(tag.String()), fault{}
}
