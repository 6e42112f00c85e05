package mail

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths of header text.
const (
	// longestLine is what a line with encoded words may have (RFC 2047), and what
	// is kept elsewhere wherever a line can be folded.
	longestLine = 76
	// longestName is the longest name written as it is; a longer one is encoded,
	// because only encoded words can be folded anywhere.
	longestName = 60
	// longestWord is the longest word of a text written as it is.
	longestWord = 60
	// longestText is far above what any reader shows.
	longestText = 4096
)

// header writes header fields. The first error stays, and later writing does no
// harm.
type header struct {
	out []byte
	// line is where the current line begins.
	line int
	err  error
}

// begin ends the field before and begins another.
func (h *header) begin(field string) {
	h.out = append(h.out, "\r\n"...)
	h.line = len(h.out)
	h.out = append(h.out, field...)
}

// room is how much of the line is left.
func (h *header) room() int { return longestLine - (len(h.out) - h.line) }

// fold goes on in the next line.
func (h *header) fold() {
	h.out = append(h.out, "\r\n "...)
	h.line = len(h.out) - len(" ")
}

// angle writes a URL in angle brackets.
func (h *header) angle(url string) {
	h.out = append(h.out, '<')
	h.out = append(h.out, url...)
	h.out = append(h.out, '>')
}

// mailbox writes an address with its name.
func (h *header) mailbox(field string, address Address) {
	if address.Name != "" {
		if literalName(address.Name) {
			h.quoted(address.Name)
		} else {
			h.encoded(address.Name)
		}
		if h.room() < len(" <>")+len(address.Address) {
			h.fold()
		} else {
			h.out = append(h.out, ' ')
		}
	}
	h.out = append(h.out, '<')
	out, err := appendAddress(h.out, address.Address)
	if err != nil && h.err == nil {
		h.err = fmt.Errorf("the %s cannot be written to: %w", field, err)
	}
	h.out = append(out, '>')
}

// literalName tells whether a name can stand in quotes as it is.
func literalName(name string) bool {
	return len(name) <= longestName && isASCII(name) && !strings.Contains(name, "=?")
}

// quoted writes a name in quotes.
func (h *header) quoted(name string) {
	h.out = append(h.out, '"')
	for i := range len(name) {
		if name[i] == '"' || name[i] == '\\' {
			h.out = append(h.out, '\\')
		}
		h.out = append(h.out, name[i])
	}
	h.out = append(h.out, '"')
}

// text writes free text, as it is where every parser gives it back unchanged.
func (h *header) text(text string) {
	if !literalText(text) {
		h.encoded(text)
		return
	}
	for first := true; text != ""; first = false {
		word, rest, _ := strings.Cut(text, " ")
		switch {
		case first:
		case h.room() < len(" ")+len(word):
			h.fold()
		default:
			h.out = append(h.out, ' ')
		}
		h.out = append(h.out, word...)
		text = rest
	}
}

// literalText tells whether text survives as it is: parsers join folded lines
// with one space, cut spaces at the ends, and decode what looks encoded.
func literalText(text string) bool {
	word := 0
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
		if text[i] != ' ' {
			if word++; word > longestWord {
				return false
			}
			continue
		}
		if word == 0 {
			return false
		}
		word = 0
	}
	return (word > 0 || text == "") && !strings.Contains(text, "=?")
}

// Encoded words of RFC 2047.
const (
	wordOpenQ = "=?utf-8?q?"
	wordOpenB = "=?utf-8?b?"
	wordClose = "?="
	// leastRoom lets one character of four bytes stand in a word.
	leastRoom = len(wordOpenQ) + len("=F0=9F=8E=AA") + len(wordClose)
)

// wordByte holds what may stand for itself in an encoded word, also in one that
// is part of a name (RFC 2047, section 5).
var wordByte = bytesOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")

const hexDigits = "0123456789ABCDEF"

// encoded writes text as encoded words, each with whole characters only.
func (h *header) encoded(text string) {
	escapes := 0
	for i := range len(text) {
		if text[i] != ' ' && !wordByte[text[i]] {
			escapes++
		}
	}
	// Letters that nearly all need three bytes are shorter in base64.
	inBase64 := escapes > len(text)/6
	for text != "" {
		if h.room() < leastRoom {
			h.fold()
		}
		end := fitting(text, h.room()-len(wordOpenQ)-len(wordClose), inBase64)
		if inBase64 {
			h.out = append(h.out, wordOpenB...)
			// AppendEncode wants bytes; a word is short enough for the stack.
			var word [longestLine]byte
			h.out = base64.StdEncoding.AppendEncode(h.out, word[:copy(word[:], text[:end])])
		} else {
			h.out = append(h.out, wordOpenQ...)
			h.out = appendQ(h.out, text[:end])
		}
		h.out = append(h.out, wordClose...)
		if text = text[end:]; text != "" {
			h.fold()
		}
	}
}

// fitting gives how many bytes of the text fit into the room once encoded.
func fitting(text string, room int, inBase64 bool) int {
	end, used := 0, 0
	for end < len(text) {
		_, size := utf8.DecodeRuneInString(text[end:])
		if inBase64 {
			used = base64.StdEncoding.EncodedLen(end + size)
		} else if wordByte[text[end]] || text[end] == ' ' {
			used++
		} else {
			used += len("=00") * size
		}
		if used > room {
			break
		}
		end += size
	}
	return end
}

// appendQ appends text in the Q encoding.
func appendQ(out []byte, text string) []byte {
	for i := range len(text) {
		switch b := text[i]; {
		case b == ' ':
			out = append(out, '_')
		case wordByte[b]:
			out = append(out, b)
		default:
			out = append(out, '=', hexDigits[b>>4], hexDigits[b&0xF])
		}
	}
	return out
}

// checkText refuses what could end a header line, and what is no text.
func checkText(field, text string) error {
	if len(text) > longestText {
		return fmt.Errorf("the %s has more than %d bytes", field, longestText)
	}
	for i, character := range text {
		switch {
		case character >= ' ' && character < '\x7f':
		case unicode.IsControl(character), character == '\u2028', character == '\u2029':
			return fmt.Errorf("the %s has a line break or another control character", field)
		case character == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			return fmt.Errorf("the %s is not valid UTF-8", field)
		}
	}
	return nil
}
