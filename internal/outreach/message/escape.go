package message

import "strings"

// escaper appends a value as it may stand at some place of a part.
type escaper func(to []byte, value string) []byte

// plainEscapers are those of subjects and texts: there are none.
var plainEscapers = map[string]escaper{
	"": func(to []byte, value string) []byte { return append(to, value...) },
}

// htmlEscapers do to a text what those of html/template do, which reach it by
// reflection only, by what html/template puts behind an action. Its other ones,
// for scripts, styles and values without quotes, are left to it.
var htmlEscapers = map[string]escaper{
	"_html_template_htmlescaper":   escapeMarkup,
	"_html_template_rcdataescaper": escapeMarkup,
	"_html_template_attrescaper":   escapeMarkup,
	"_html_template_urlfilter | _html_template_urlnormalizer | _html_template_attrescaper": escapeLink,
	"_html_template_urlnormalizer | _html_template_attrescaper":                            escapePath,
	"_html_template_urlescaper | _html_template_attrescaper":                               escapeQuery,
}

// references stand for the characters of markup.
var references = [...]string{0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;"}

// escapeMarkup is for what stands between tags or in quotes.
func escapeMarkup(to []byte, value string) []byte {
	done := 0
	for i := range len(value) {
		if c := value[i]; int(c) < len(references) && references[c] != "" {
			to = append(append(to, value[done:i]...), references[c]...)
			done = i + 1
		}
	}
	return append(to, value[done:]...)
}

// escapeLink is for a link, or the beginning of one. One of a scheme that could
// run something leads nowhere.
func escapeLink(to []byte, value string) []byte {
	scheme, _, found := strings.Cut(value, ":")
	if found && !strings.Contains(scheme, "/") &&
		!strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") && !strings.EqualFold(scheme, "mailto") {
		return append(to, "#ZgotmplZ"...)
	}
	return escapePath(to, value)
}

// escapePath is for what stands in a link before its query. What is encoded
// stays so.
func escapePath(to []byte, value string) []byte {
	for i := range len(value) {
		c := value[i]
		isEncoded := c == '%' && i+2 < len(value) && isHex(value[i+1]) && isHex(value[i+2])
		switch {
		case c == '&' || c == '+':
			to = append(to, references[c]...)
		case isEncoded || isUnreserved(c) || strings.IndexByte("!#$*,/:;=?@[]", c) >= 0:
			to = append(to, c)
		default:
			to = encode(to, c)
		}
	}
	return to
}

// escapeQuery is for what stands in the query of a link or behind its #.
func escapeQuery(to []byte, value string) []byte {
	for i := range len(value) {
		if c := value[i]; isUnreserved(c) {
			to = append(to, c)
		} else {
			to = encode(to, c)
		}
	}
	return to
}

func encode(to []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	return append(to, '%', digits[c>>4], digits[c&0xf])
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// isUnreserved tells what has no meaning of its own in a link (RFC 3986, 2.3).
func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
