package store

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// block is a run of numbers that were taken at once.
type block struct{ next, limit int64 }

// blockSize is how many numbers are taken where nobody knew how many it would be.
const blockSize = 256

// number takes the next number of a name.
func (b *batch) number(name string) (int64, error) {
	if numbers := b.blocks[name]; numbers == nil || numbers.next == numbers.limit {
		if err := b.reserve(map[string]int64{name: blockSize}); err != nil {
			return 0, err
		}
	}
	numbers := b.blocks[name]
	numbers.next++
	return numbers.next - 1, nil
}

// reserve takes numbers of several names at once.
func (b *batch) reserve(counts map[string]int64) error {
	var values []string
	var args []any
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if counts[name] == 0 {
			continue
		}
		values = append(values, fmt.Sprintf("($%d, $%d)", len(args)+1, len(args)+2))
		args = append(args, name, counts[name]+1)
	}
	if len(values) == 0 {
		return nil
	}
	err := b.t.query(func(rows *sql.Rows) error {
		var name string
		var next int64
		if err := rows.Scan(&name, &next); err != nil {
			return err
		}
		b.blocks[name] = &block{next - counts[name], next}
		return nil
	}, takeNumbers+strings.Join(values, ", ")+takenNumbers, args...)
	if err != nil {
		return fmt.Errorf("taking numbers: %w", err)
	}
	return nil
}

// reserveParties takes the numbers that parties which may be new will need.
func (b *batch) reserveParties(missing []unknown) error {
	counts := map[string]int64{}
	for _, u := range missing {
		if _, found := b.records[u.id]; found || b.rejected[u.row] {
			continue
		}
		counts["party"]++
		counts["party_record"]++
		for _, field := range []int{customer.PartyEmail, customer.PartyPhone, customer.PartyWebsite} {
			if partyValue(&b.rows[u.row].Parties[u.n], field) != "" {
				counts["contact_point"]++
			}
		}
	}
	return b.reserve(counts)
}

// returnNumbers gives back what was taken and not used: nobody else could take
// numbers since.
func (b *batch) returnNumbers() error {
	var rests, names []string
	var args []any
	for _, name := range slices.Sorted(maps.Keys(b.blocks)) {
		numbers := b.blocks[name]
		if numbers.next == numbers.limit {
			continue
		}
		rests = append(rests, fmt.Sprintf("WHEN $%d THEN CAST($%d AS BIGINT)", len(args)+1, len(args)+2))
		names = append(names, fmt.Sprintf("$%d", len(args)+1))
		args = append(args, name, numbers.limit-numbers.next)
		numbers.limit = numbers.next
	}
	if len(rests) == 0 {
		return nil
	}
	_, err := b.t.exec("UPDATE number_block SET next = next - CASE name "+strings.Join(rests, " ")+" END WHERE name IN ("+strings.Join(names, ", ")+")", args...)
	if err != nil {
		return fmt.Errorf("giving numbers back: %w", err)
	}
	return nil
}
