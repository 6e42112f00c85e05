// Command contacts makes up an e-mail address for every exhibitor of the lists that took part
// in one of some editions: office@NAME.example, which leads nowhere (RFC 2606).
//
//	go run ./hack/demo/contacts -series Farnborough -editions 2024,2026 data/airshows/exhibitors.csv.gz
package main

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
)

// longestLabel is how long a part of a host's name may be (RFC 1035).
const longestLabel = 63

func main() {
	series, editions := flag.String("series", "Farnborough", "series"), flag.String("editions", "2024,2026", "editions, separated by commas")
	flag.Parse()
	if err := run(flag.Arg(0), *series, strings.Split(*editions, ","), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "contacts:", err)
		os.Exit(1)
	}
}

func run(path, series string, editions []string, out io.Writer) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening the lists: %w", err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("unpacking the lists: %w", err)
	}
	rows, contacts := csv.NewReader(unpacked), csv.NewWriter(out)
	written := map[string]bool{}
	_ = contacts.Write([]string{"exhibitor", "country", "email"}) // Flush tells
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading the lists: %w", err)
		}
		label := labelOf(row[2])
		if row[0] != series || !slices.Contains(editions, row[1]) || label == "" || written[row[2]+"\n"+row[3]] {
			continue
		}
		written[row[2]+"\n"+row[3]] = true
		_ = contacts.Write([]string{row[2], row[3], "office@" + label + ".example"})
	}
	contacts.Flush()
	return contacts.Error()
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
