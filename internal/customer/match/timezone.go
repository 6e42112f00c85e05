package match

import (
	_ "embed" // For the list of time zones.
	"strings"
	"sync"
)

// timeZonesList gives one time zone for every country.
//
//go:embed timezones.txt
var timeZonesList string

var timeZones = sync.OnceValue(func() map[string]string {
	zones := map[string]string{}
	for line := range strings.Lines(timeZonesList) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] != "#" {
			zones[fields[0]] = fields[1]
		}
	}
	return zones
})

// TimeZone gives the IANA time zone that most people of a country live in, for
// when nothing better is known, by the country's ISO 3166-1 alpha-2 code in
// either case. It is empty if the code is unknown or nobody lives there. The
// list is timezones.txt.
func TimeZone(country string) string {
	return timeZones()[strings.ToUpper(country)]
}
