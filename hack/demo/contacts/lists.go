package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/fairlead/fairlead/internal/customer/match"
)

// longestLabel is how long a part of a host's name may be (RFC 1035).
const longestLabel = 63

// exhibitor is a firm as a list writes it.
type exhibitor struct{ name, country string }

// firm is an exhibitor, however the lists write it.
type firm struct {
	// as is how a list writes it that says where it is.
	as exhibitor
	// codes are the countries it is in (ISO 3166-1 alpha-2).
	codes []string
	// came to the series, and to one of its last editions.
	came, cameLast bool
}

// lists are what was read.
type lists struct {
	// last are those who were at one of the last editions, each as it is written.
	last []exhibitor
	// firms in the order in which they come.
	firms []*firm
}

// readLists reads packed lists: of which series and edition, who, and from where.
func readLists(packed io.Reader, s settings) (read lists, err error) {
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		return read, fmt.Errorf("unpacking the lists: %w", err)
	}
	rows := csv.NewReader(unpacked)
	written, known := map[exhibitor]bool{}, map[string]*firm{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return read, nil
		}
		if err != nil {
			return read, fmt.Errorf("reading the lists: %w", err)
		}
		one, isLast := exhibitor{row[2], row[3]}, row[0] == s.series && slices.Contains(s.editions, row[1])
		if isLast && labelOf(one.name) != "" && !written[one] {
			written[one] = true
			read.last = append(read.last, one)
		}
		key := match.Organization(one.name)
		if key == "" {
			continue
		}
		if known[key] == nil {
			known[key] = &firm{}
			read.firms = append(read.firms, known[key])
		}
		known[key].add(one, row[0] == s.series, isLast)
	}
}

// add adds what a row says.
func (f *firm) add(one exhibitor, came, cameLast bool) {
	f.came, f.cameLast = f.came || came, f.cameLast || cameLast
	code, is := match.Country(one.country)
	if !is || slices.Contains(f.codes, code) {
		return
	}
	if f.codes = append(f.codes, code); len(f.codes) == 1 {
		f.as = one
	}
}

// contactRows give every exhibitor of the last editions an address.
func contactRows(read lists) (rows [][]string) {
	for _, one := range read.last {
		rows = append(rows, []string{one.name, one.country, "office@" + labelOf(one.name) + ".example"})
	}
	return rows
}

// labelOf makes a part of a host's name out of a firm's; "" if nothing is left of it.
func labelOf(name string) string {
	label := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return '-'
	}, name)
	label = strings.Join(strings.FieldsFunc(label, func(r rune) bool { return r == '-' }), "-")
	return strings.TrimRight(label[:min(len(label), longestLabel)], "-")
}
