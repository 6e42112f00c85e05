package match

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// What is wrong with an address that Email refuses. Some say more than these.
var (
	errEmailEmpty     = errors.New("there is no address")
	errEmailEncoding  = errors.New("the address is not valid UTF-8")
	errEmailNoAt      = errors.New("the address has no @")
	errEmailNoLocal   = errors.New("there is nothing before the @")
	errEmailNoDomain  = errors.New("there is nothing after the @")
	errEmailTooLong   = errors.New("the address has more than 254 bytes")
	errEmailLongLocal = errors.New("there are more than 64 bytes before the @")
	errEmailDots      = errors.New("a dot has to stand between two other characters before the @")
	errEmailQuoted    = errors.New("quoted names before the @ are not taken")
	errEmailLiteral   = errors.New("an address of a machine in brackets is not taken")
	errEmailOneLabel  = errors.New("the domain has no dot")
	errEmailNumeric   = errors.New("the domain ends in a number")
	errEmailMark      = errors.New("a name before the @ cannot begin with a combining mark")
)

// Limits of an address in bytes, of RFC 5321, sections 4.5.3.1.1 and 4.5.3.1.3
// (a path of 256 with its angle brackets), and of a domain, of RFC 1035.
const (
	longestAddress = 254
	longestLocal   = 64
)

// domains maps a domain to its ASCII form, as one that is to be looked up: width
// and case go, punycode is checked, and what DNS takes for no host name, as an
// underscore, a label of 64 bytes or a hyphen at an edge, is an error. So are
// two hyphens in third and fourth place, which mark a coding of which there is
// none but punycode.
var domains = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.Transitional(false),
	idna.VerifyDNSLength(true),
)

// Email gives an e-mail address as compared, or an error that says what is wrong
// with it. The address given can be written to as well.
//
// Space around the address goes. The domain comes in lower case and in its ASCII
// form (IDNA 2008, UTS 46). The part before the @ comes in lower case too, and
// in NFC: RFC 5321 lets a host tell Info@ from info@, and none that people use
// does. Nothing else is guessed: dots and +tags stay, since only the host knows
// what they mean.
//
// What is accepted is what can be delivered without asking twice: a dot-atom of
// RFC 5322 before the @, letters of any script included (RFC 6531), and after it
// a host name with a dot. So these are refused, although some standard has
// them: comments, folding white space, quoted names, addresses of machines in
// brackets, a display name around the address, a domain of one label. CR, LF
// and NUL are refused wherever they stand, at the ends too, so an address cannot
// end a header line. Whether the domain exists, and takes mail, is not asked.
func Email(address string) (string, error) {
	if at := strings.IndexAny(address, "\r\n\x00"); at >= 0 {
		return "", fmt.Errorf("the address contains %q", address[at])
	}
	if !utf8.ValidString(address) {
		return "", errEmailEncoding
	}
	address = strings.TrimFunc(address, func(character rune) bool {
		// The last two come along when an address is copied from a page.
		return character == '\t' || unicode.Is(unicode.Zs, character) || character == '\u200b' || character == '\ufeff'
	})
	if address == "" {
		return "", errEmailEmpty
	}
	if len(address) > longestText {
		return "", errEmailTooLong
	}
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "", errEmailNoAt
	}
	local, err := emailLocal(address[:at])
	if err != nil {
		return "", err
	}
	domain, err := emailDomain(address[at+1:])
	if err != nil {
		return "", err
	}
	if len(local)+len("@")+len(domain) > longestAddress {
		return "", errEmailTooLong
	}
	return local + "@" + domain, nil
}

// emailLocal gives the part before the @ as compared.
func emailLocal(local string) (string, error) {
	local = norm.NFC.String(strings.ToLower(norm.NFC.String(local)))
	switch {
	case local == "":
		return "", errEmailNoLocal
	case local[0] == '"':
		return "", errEmailQuoted
	case local[0] == '.', local[len(local)-1] == '.', strings.Contains(local, ".."):
		return "", errEmailDots
	}
	for at, character := range local {
		if !emailAtom(character) {
			return "", fmt.Errorf("%q cannot stand before the @", character)
		}
		if at == 0 && unicode.Is(unicode.M, character) {
			return "", errEmailMark
		}
	}
	if len(local) > longestLocal {
		return "", errEmailLongLocal
	}
	return local, nil
}

// emailAtom tells whether a character may stand before the @: atext of RFC 5322
// and the dot, and beyond ASCII (RFC 6531) what can be seen and told apart.
func emailAtom(character rune) bool {
	switch {
	case 'a' <= character && character <= 'z', '0' <= character && character <= '9':
		return true
	case character < utf8.RuneSelf:
		return strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", character)
	case !emailAtomOfASCII(character):
		return false
	}
	return unicode.IsGraphic(character) && !unicode.IsSpace(character) && !invisible(character)
}

// emailAtomOfASCII refuses what may turn into a sign of the syntax when somebody
// takes letters apart: ≮ is < with a stroke through it.
func emailAtomOfASCII(character rune) bool {
	base, _ := utf8.DecodeRuneInString(norm.NFD.String(string(character)))
	return base >= utf8.RuneSelf || emailAtom(unicode.ToLower(base))
}

// emailDomain gives the domain as compared.
func emailDomain(domain string) (string, error) {
	switch {
	case domain == "":
		return "", errEmailNoDomain
	case domain[0] == '[':
		return "", errEmailLiteral
	}
	ascii, err := domains.ToASCII(domain)
	if err != nil {
		return "", fmt.Errorf("the domain is not one: %w", err)
	}
	top := ascii[strings.LastIndexByte(ascii, '.')+1:]
	switch {
	case top == ascii:
		return "", errEmailOneLabel
	case strings.Trim(top, "0123456789") == "":
		// Such a domain cannot be told from the address of a machine.
		return "", errEmailNumeric
	}
	return ascii, nil
}
