package mail

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// What is wrong with an address. None of them repeats it.
var (
	errAddressParts  = errors.New("it has no @ with something on both sides")
	errAddressLong   = errors.New("it is too long")
	errAddressLocal  = errors.New("a character before the @ cannot stand there, or a dot stands at an edge or beside another")
	errAddressDomain = errors.New("what follows the @ is not the name of a host")
)

// Limits of an address in bytes (RFC 5321, section 4.5.3.1).
const (
	longestAddress = 254
	longestLocal   = 64
	longestLabel   = 63
)

// atomByte holds what may stand in a dot-atom of RFC 5322, the dot included.
var atomByte = bytesOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.")

// bytesOf gives the set of bytes that a text has.
func bytesOf(text string) (set [256]bool) {
	for i := range len(text) {
		set[text[i]] = true
	}
	return set
}

// NeedsSMTPUTF8 tells whether an address has a name before its @ that only
// servers with SMTPUTF8 (RFC 6531) can take. International domains do not count:
// they are written in their ASCII form.
func (m *Message) NeedsSMTPUTF8() bool {
	return !asciiLocal(m.From.Address) || !asciiLocal(m.ReplyTo.Address) || !asciiLocal(m.To.Address)
}

// asciiLocal tells whether what stands before the @ is ASCII.
func asciiLocal(address string) bool {
	return isASCII(address[:max(0, strings.LastIndexByte(address, '@'))])
}

// isASCII tells whether no byte has its highest bit set.
func isASCII[T string | []byte](text T) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendAddress appends an address as it goes over the wire: the name as it was
// written, the domain in its ASCII form. Only plain names are taken: quoted ones
// and addresses of machines in brackets have no customer behind them.
func appendAddress(out []byte, address string) ([]byte, error) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 {
		return out, errAddressParts
	}
	local, domain := address[:at], address[at+1:]
	if len(local) > longestLocal || len(domain) > longestAddress {
		return out, errAddressLong
	}
	if !validLocal(local) {
		return out, errAddressLocal
	}
	if !validHost(domain) {
		// The library's error repeats the domain, so it is not passed on.
		ascii, err := idna.Lookup.ToASCII(domain)
		if err != nil || !validHost(ascii) {
			return out, errAddressDomain
		}
		domain = ascii
	}
	if len(local)+len("@")+len(domain) > longestAddress {
		return out, errAddressLong
	}
	out = append(out, local...)
	out = append(out, '@')
	return append(out, domain...), nil
}

// validLocal tells whether a name may stand before the @: a dot-atom, with
// letters of every script.
func validLocal(local string) bool {
	if dotsMisplaced(local) {
		return false
	}
	for i, character := range local {
		switch {
		case character < utf8.RuneSelf:
			if !atomByte[character] {
				return false
			}
		case character == utf8.RuneError && !strings.HasPrefix(local[i:], "\uFFFD"):
			return false
		case !unicode.IsGraphic(character) || unicode.IsSpace(character):
			return false
		}
	}
	return true
}

// dotsMisplaced tells whether a dot does not stand between two other characters.
func dotsMisplaced(text string) bool {
	return text[0] == '.' || text[len(text)-1] == '.' || strings.Contains(text, "..")
}

// validHost tells whether a domain is a host name in ASCII.
func validHost(domain string) bool {
	label := 0
	for i := range len(domain) {
		switch b := domain[i]; {
		case b == '.':
			if label == 0 || domain[i-1] == '-' {
				return false
			}
			label = 0
			continue
		case b == '-':
			if label == 0 {
				return false
			}
		case b < '0' || b > 'z' || b > '9' && b < 'A' || b > 'Z' && b < 'a':
			return false
		}
		if label++; label > longestLabel {
			return false
		}
	}
	return label > 0 && domain[len(domain)-1] != '-'
}
