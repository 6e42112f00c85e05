package intake

import (
	"hash/maphash"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// The places of a cache, powers of two: for what the world has some hundred of
// in all their spellings, and for the words of a field.
const (
	manyPlaces = 1024
	fewPlaces  = 64
)

// longestCached bounds the memory of a cache, in bytes a text.
const longestCached = 128

// seed of the places of texts.
var seed = maphash.MakeSeed()

// cache remembers what texts were read as. A text has one place, and whoever
// comes later takes it: there is nothing to look for and nothing to evict.
type cache struct {
	entries []cacheEntry
}

type cacheEntry struct {
	text  string
	value customer.Value
	fault fault
}

// newCache makes the cache that a step needs, which may be none.
func newCache(s *step) *cache {
	switch {
	case s.column == "" || !isCached(s):
		return nil
	case s.meaning.Kind == customer.Country:
		return &cache{entries: make([]cacheEntry, manyPlaces)}
	default:
		return &cache{entries: make([]cacheEntry, fewPlaces)}
	}
}

// isCached tells whether the texts of a step come again and again and are dear
// to read.
func isCached(s *step) bool {
	if s.target == toPartySource {
		return true
	}
	switch s.meaning.Kind {
	case customer.Word, customer.Words, customer.Currency, customer.Country, customer.Zone, customer.Language:
		return true
	default:
		return false
	}
}

// convert reads a trimmed text as a step's kind. An empty one is absent, unless
// the mapping translates it.
func (s *step) convert(c *conventions, text string) (customer.Value, fault) {
	if s.cache == nil || text == "" || len(text) > longestCached {
		return s.convertAnew(c, text)
	}
	entry := &s.cache.entries[maphash.String(seed, text)&uint64(len(s.cache.entries)-1)] //nolint:gosec // a length is not negative
	if entry.text != text {
		// The text of the record would keep the whole record.
		entry.text = strings.Clone(text)
		entry.value, entry.fault = s.convertAnew(c, entry.text)
	}
	return entry.value, entry.fault
}

func (s *step) convertAnew(c *conventions, text string) (customer.Value, fault) {
	if len(s.words) > 0 {
		if translated := s.translate(text); translated != text {
			// A text of the mapping is written by the file's conventions.
			text, c.exact = translated, false
		}
	}
	if text == "" {
		return customer.Value{}, fault{}
	}
	return s.read(c, s, text)
}

// editions remembers the values of editions, by series and edition.
type editions struct {
	entries [manyPlaces]struct {
		series, edition string
		value           customer.Value
	}
}

// value of an edition; neither text is empty.
func (e *editions) value(series, edition string) customer.Value {
	entry := &e.entries[(maphash.String(seed, series)*31+maphash.String(seed, edition))%manyPlaces]
	if entry.edition == edition && entry.series == series {
		return entry.value
	}
	value := customer.String(customer.EditionText(series, edition))
	if len(value.Text) <= longestCached {
		entry.series, entry.edition, entry.value = strings.Clone(series), strings.Clone(edition), value
	}
	return value
}
