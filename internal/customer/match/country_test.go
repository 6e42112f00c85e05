package match

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // For the zones, wherever the test runs.
	"unicode"
)

// TestListOfCountries holds the list to its form, so that whoever extends it
// is told at once.
func TestListOfCountries(t *testing.T) {
	upper := func(text string, length int) bool {
		return len(text) == length && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	}
	codes, spellings := map[string]string{}, map[string]string{}
	last := ""
	for line := range strings.Lines(countriesList) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(line, "\n"), ";")
		if len(fields) < 3 || !upper(fields[0], 2) || !upper(fields[1], 3) {
			t.Errorf("a line has to begin with two codes and a name: %q", line)
			continue
		}
		if fields[0] <= last {
			t.Errorf("%s stands after %s", fields[0], last)
		}
		last = fields[0]
		for _, code := range fields[:2] {
			if codes[code] != "" {
				t.Errorf("%s stands on two lines", code)
			}
			codes[code] = fields[0]
		}
		for _, name := range fields[2:] {
			key := countryKey(name)
			switch {
			case name == "" || name != strings.TrimSpace(name) || strings.ContainsFunc(name, unicode.IsControl):
				t.Errorf("%s: %q is no name", fields[0], name)
			case len(key) == 1:
				t.Errorf("%s: %q is one letter when folded", fields[0], name)
			case spellings[key] == fields[0]:
				t.Errorf("%s: %q is spelled twice", fields[0], name)
			case spellings[key] != "":
				t.Errorf("%q stands under %s and under %s", name, spellings[key], fields[0])
			}
			spellings[key] = fields[0]
		}
	}
	for spelling, code := range spellings {
		if other := codes[strings.ToUpper(spelling)]; other != "" && other != code {
			t.Errorf("%q of %s is the code of %s", spelling, code, other)
		}
	}
	if len(codes) != 2*250 {
		t.Errorf("there are %d codes: ISO 3166-1 has 249 countries of two each, and there is Kosovo", len(codes))
	}
}

func TestTimeZonesLoad(t *testing.T) {
	for country, zone := range timeZones() {
		if CountryName(country) == "" {
			t.Errorf("%s is no country", country)
		}
		if _, err := time.LoadLocation(zone); err != nil {
			t.Errorf("%s: %v", country, err)
		}
	}
	for country := range countries().english {
		if TimeZone(country) == "" && country != "BV" && country != "HM" {
			t.Errorf("%s has no time zone, and people", country)
		}
	}
}

func TestCountry(t *testing.T) {
	tests := map[string][]string{
		"DE": {"DE", "de", "DEU", "Germany", "GERMANY", "Deutschland", "Allemagne", " Federal Republic of Germany ", "Germany, Federal Republic of", "West Germany", "Berlin; Germany", "ドイツ", "德国", "Германия"},
		"GB": {"GB", "UK", "U.K.", "United Kingdom", "United kingdom", "Great Britain", "England", "Royaume-Uni", "Royaume Uni", "London, UK", "Vereinigtes Königreich"},
		"US": {"US", "USA", "U.S.A.", "U.S.", "u.s.a", "United States", "The United States of America", "Etats-Unis", "États-Unis", "EE.UU.", "Reno, USA"},
		"KR": {"KR", "Korea", "South Korea", "SOUTH KOREA", "Korea, Republic Of", "Republic of Korea", "Corée, République de", "Corée (Corée du Sud), Republique", "13fl. Sungwoo bd; SOUTH KOREA", "대한민국"},
		"KP": {"North Korea", "Korea, Democratic People's Republic of", "Korea (North)", "DPRK"},
		"CZ": {"Czech Republic", "Czechia", "Tchèque, République", "Česko"},
		"SK": {"Slovakia", "Slovaque, République", "Slovak Republic"},
		"RU": {"Russie, Fédération de", "Russia Federation", "Russian Federation", "Россия"},
		"NL": {"Holland", "The Netherlands", "The Netherlans", "Pays-Bas"},
		"HK": {"Hong Kong", "HONG-KONG", "Hong Kong, China", "香港"},
		"TW": {"Taiwan", "Taïwan", "Taiwan, Province of China", "Taiwan, China"},
		"CN": {"China", "P.R. China", "China, People's Republic of", "Shanghai, China", "中国"},
		"CI": {"Côte d'Ivoire", "Cote d’Ivoire", "COTE DIVOIRE", "Ivory Coast"},
		"CG": {"Congo", "Republic of the Congo", "Congo, Republic of the"},
		"CD": {"DR Congo", "Congo, the Democratic Republic of the", "Zaire"},
		"TR": {"Turkey", "Türkiye", "TÜRKIYE", "TURKIYE", "Turquie"},
		"ZA": {"RSA", "South Africa", "Afrique du Sud"},
		"IE": {"EIRE", "Éire", "Ireland", "Ireland, Republic of"},
		"GE": {"Georgia", "GEO", "Sakartvelo"},
		"BE": {"400 Commonwealth Drive\n15096 Warrendale\nBelgium", "Brussels, Belgium"},
		"FR": {"ZA; FRANCE", "France", "fra"},
		"LC": {"St. Lucia", "St Lucia", "Saint Lucia"},
		"BA": {"Bosnia & Herzegovina", "Bosnia and Herzegovina", "BiH"},
		"AE": {"EAU", "UAE", "U.A.E.", "Emirats Arabes Unis"},
		"NA": {"NA", "Namibia"}, "NO": {"NO", "Norge"}, "NE": {"Niger"}, "NG": {"Nigeria"},
		"MM": {"Burma"}, "XK": {"Kosovo"}, "IM": {"Isle of Man - British Isles"},
		"": {"", " ", "N/A", "n/a", "na", "no", "none", "Unspecified", "Europe", "European Community", "Channel Islands", "Borneo",
			"Czechoslovakia", "Yugoslavia", "USSR", "Chicago, IL", "Atlanta, Georgia", "Adelaide, SA", "+33 (0) 1 34 13 21 72", "ACT", "AWEX",
			"-", "?", "ZZ", "A", "\x00", "\xff\xff", ",", ";", ",;\n", "Francexyz"},
	}
	for want, texts := range tests {
		for _, text := range texts {
			if got, ok := Country(text); got != want || ok != (want != "") {
				t.Errorf("%q is %q, %v, not %q", text, got, ok, want)
			}
		}
	}
}

// TestCountryNameIsRead demands that every name given out is one that is read.
func TestCountryNameIsRead(t *testing.T) {
	for code := range countries().english {
		if got, ok := Country(CountryName(strings.ToLower(code))); got != code || !ok {
			t.Errorf("%s is called %q, and that is %q", code, CountryName(code), got)
		}
	}
	if CountryName("ZZ") != "" || CountryName("") != "" || TimeZone("ZZ") != "" {
		t.Error("there is no country ZZ")
	}
}

func TestTimeZone(t *testing.T) {
	for country, want := range map[string]string{
		"US": "America/New_York", "us": "America/New_York", "DE": "Europe/Berlin", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo",
		"RU": "Europe/Moscow", "CN": "Asia/Shanghai", "UA": "Europe/Kyiv", "BV": "", "": "", "Germany": "",
	} {
		if got := TimeZone(country); got != want {
			t.Errorf("%q lives in %q, not %q", country, got, want)
		}
	}
}

func FuzzCountry(f *testing.F) {
	for _, seed := range []string{"Germany", "Korea, Republic of", "Street 1; FRANCE", "de", "\xff", "the", "St. , ", "中国"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, ok := Country(text)
		if ok != (code != "") || ok && CountryName(code) == "" {
			t.Errorf("%q is %q, %v", text, code, ok)
		}
	})
}
