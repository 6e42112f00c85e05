// Command contacts makes up whom to write to at the exhibitors of the lists: an address for every
// one that took part in some editions of a series, and for a part of those that ever did persons,
// with birthdays and consents. All addresses end in .example, and lead nowhere (RFC 2606); the
// names are those of internal/generate, which nobody has.
//
//	go run ./hack/demo/contacts -into dist/demo data/airshows/exhibitors.csv.gz
//
// It writes contacts.csv, persons.csv and consents.csv, which are imported by the files beside
// this one, and birthdays.csv: who has their birthday today. All follows from the lists and from
// what time it is.
package main

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// settings say what to make up.
type settings struct {
	// series that exhibitors took part in, and its last editions: who was at none of these has
	// stayed away.
	series   string
	editions []string
	// share of firms, in percent, that persons are made up for.
	share int
	// now decides who has their birthday.
	now time.Time
	// celebrating is how many persons of firms that stayed away have it; a third as many do of others.
	celebrating int
}

func main() {
	var s settings
	var editions, now, into string
	flag.StringVar(&s.series, "series", "Farnborough", "series")
	flag.StringVar(&editions, "editions", "2024,2026", "its last editions, separated by commas")
	flag.IntVar(&s.share, "share", 30, "percentage of firms to make up persons for")
	flag.StringVar(&now, "now", time.Now().UTC().Format(time.RFC3339), "moment that decides who has their birthday")
	flag.IntVar(&s.celebrating, "celebrating", 12, "how many persons of firms that stayed away have their birthday")
	flag.StringVar(&into, "into", ".", "folder to write to")
	flag.Parse()
	s.editions = strings.Split(editions, ",")
	var err error
	if s.now, err = time.Parse(time.RFC3339, now); err == nil {
		err = run(flag.Arg(0), s, into)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "contacts:", err)
		os.Exit(1)
	}
}

func run(path string, s settings, into string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening the lists: %w", err)
	}
	defer file.Close()
	read, err := readLists(file, s)
	if err != nil {
		return err
	}
	persons, err := makePersons(read, s)
	if err != nil {
		return err
	}
	return errors.Join(
		write(filepath.Join(into, "contacts.csv"), "exhibitor,country,email", contactRows(read)),
		write(filepath.Join(into, "persons.csv"), "key,name,email,locale,time_zone,born,exhibitor,country,role,primary", personRows(persons)),
		write(filepath.Join(into, "consents.csv"), "person,email,given,withdrawn,expires,holds", consentRows(persons, s.now)),
		write(filepath.Join(into, "birthdays.csv"), "email,born,time_zone,stayed_away", birthdayRows(persons)),
	)
}

// write writes a file with the names of its columns.
func write(path, columns string, rows [][]string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return csv.NewWriter(file).WriteAll(append([][]string{strings.Split(columns, ",")}, rows...))
}
