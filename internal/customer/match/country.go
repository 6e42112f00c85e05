package match

import (
	_ "embed" // For the list of countries.
	"strings"
	"sync"
)

// countriesList is the list of countries and their spellings, kept for people
// to extend.
//
//go:embed countries.txt
var countriesList string

// countryLists are the countries, read from the list.
type countryLists struct {
	// codes gives the alpha-2 code for both kinds of code.
	codes map[string]string
	// names gives the alpha-2 code for every spelling, as countryKey writes it.
	names map[string]string
	// english gives the English short name for an alpha-2 code.
	english map[string]string
}

var countries = sync.OnceValue(func() *countryLists { return parseCountries(countriesList) })

// parseCountries reads the list of countries. A line it can make nothing of
// gives no country; a test demands that there is none.
func parseCountries(list string) *countryLists {
	read := &countryLists{codes: map[string]string{}, names: map[string]string{}, english: map[string]string{}}
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		fields := strings.Split(line, ";")
		if strings.HasPrefix(line, "#") || len(fields) < 3 {
			continue
		}
		code := fields[0]
		read.codes[code], read.codes[fields[1]] = code, code
		read.english[code] = fields[2]
		for _, name := range fields[2:] {
			read.names[countryKey(name)] = code
		}
	}
	return read
}

// Country gives the ISO 3166-1 alpha-2 code of the country that the text names,
// and whether it names one. It reads codes (alpha-2 and alpha-3), English names,
// official names and their variants, frequent misspellings, and the names in
// many languages; case, accents and punctuation make no difference. The list is
// countries.txt. The names of states that are gone count where all they held is
// one country today (Burma, West Germany), and not else (Czechoslovakia).
//
// A name may stand the other way round ("Korea, Republic of") and at the end of
// an address ("Main St 1; Canada", "Paris, France"). There, two letters are no
// code, since they are as often a state's of the United States or a province's
// ("Chicago, IL"), and Georgia is not taken for the country.
//
// Not answered is what names no one country: Borneo, the Channel Islands. XK for
// Kosovo is not of ISO 3166-1, but from the codes it leaves to its users.
func Country(text string) (code string, ok bool) {
	text = strings.TrimSpace(shorten(text, longestText))
	known := countries()
	if code, ok = known.codes[countryCode(text)]; ok {
		return code, true
	}
	if code, ok = known.names[countryKey(text)]; ok {
		return code, true
	}
	if name, rest, found := strings.Cut(text, ","); found && !strings.Contains(rest, ",") {
		if code, ok = known.names[countryKey(rest+" "+name)]; ok {
			return code, true
		}
	}
	return known.atEnd(text)
}

// CountryName gives the English short name for an ISO 3166-1 alpha-2 code, in
// either case, or nothing if there is no such code.
func CountryName(code string) string {
	return countries().english[strings.ToUpper(code)]
}

// atEnd finds the country that an address ends with.
func (known *countryLists) atEnd(text string) (code string, ok bool) {
	at := strings.LastIndexAny(text, ";\r\n")
	if at < 0 {
		at = strings.LastIndexByte(text, ',')
	}
	if at < 0 {
		return "", false
	}
	last := strings.TrimSpace(text[at+1:])
	if len(last) == len("AUS") {
		if code, ok = known.codes[last]; ok {
			return code, true
		}
	}
	code, ok = known.names[countryKey(last)]
	if code == "GE" {
		return "", false
	}
	return code, ok
}

// countryCode gives the text as a code might be written, or nothing. Two codes
// are words as well when they are not in capitals: "no", and "na", which many
// write where nothing is to be said.
func countryCode(text string) string {
	if len(text) != 2 && len(text) != 3 || text == "no" || text == "na" {
		return ""
	}
	return strings.ToUpper(text)
}

// countryKey gives a country's name as compared: folded, without punctuation,
// spaces and a leading "the", and with Saint written out.
func countryKey(name string) string {
	var read spelling
	read.read(fold(name))
	var key strings.Builder
	for at, one := range read.words {
		switch word := string(read.text(one)); {
		case at == 0 && word == "the" && len(read.words) > 1:
		case word == "st":
			key.WriteString("saint")
		case word == "rep":
			key.WriteString("republic")
		default:
			key.WriteString(word)
		}
	}
	return key.String()
}
