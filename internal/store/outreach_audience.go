package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// Audience is who is written to.
type Audience struct {
	// Include these segments; Any wants members of one of them, and otherwise of all.
	Include []SegmentChoice
	Any     bool
	// Exclude the members of these.
	Exclude []SegmentChoice
	// ContactRoles of persons at an organization, the first one best; none for anybody.
	ContactRoles []string
	// AllPersons with such a role are written to, and not the first one only.
	AllPersons bool
	// NoFallback drops an organization where nobody has such a role.
	NoFallback bool
}

// SegmentChoice is a segment, or some of its classes.
type SegmentChoice struct {
	Name    string
	Classes []string
}

// customers is a SELECT of the customers that match. within is a condition on rows m of
// segment_member, "" for all.
func (a Audience) customers(within string) string {
	join := " INTERSECT "
	if a.Any {
		join = " UNION "
	}
	number := 0
	members := func(choices []SegmentChoice) []string {
		var all []string
		for _, choice := range choices {
			text := fmt.Sprintf("SELECT m.customer_id FROM segment_member m WHERE m.segment = @segment%d"+within, number)
			var classes []string
			for i := range choice.Classes {
				classes = append(classes, fmt.Sprintf("@class%dx%d", number, i))
			}
			if len(classes) > 0 {
				text += " AND m.class IN (" + strings.Join(classes, ", ") + ")"
			}
			all, number = append(all, text), number+1
		}
		return all
	}
	text := "SELECT i.customer_id FROM (" + strings.Join(members(a.Include), join) + ") i"
	if excluded := members(a.Exclude); len(excluded) > 0 {
		text += " EXCEPT " + strings.Join(excluded, " EXCEPT ")
	}
	return text
}

// parameters adds the names of segments and classes.
func (a Audience) parameters(all map[string]any) map[string]any {
	number := 0
	for _, choices := range [][]SegmentChoice{a.Include, a.Exclude} {
		for _, choice := range choices {
			all[fmt.Sprintf("segment%d", number)] = choice.Name
			for i, class := range choice.Classes {
				all[fmt.Sprintf("class%dx%d", number, i)] = class
			}
			number++
		}
	}
	return all
}

// Ranks of who might be written to: below withoutRole are those who are wanted, in the order
// of roles.
const (
	withoutRole    = 100
	organizationIn = 200
)

// candidates is a SELECT of who might be written to for each customer, with the contact point
// that would be used: NULL for none. A customer who is a person is written to itself; an
// organization where nobody can be reached has its own address. celebrates is an expression on
// parties p that is 1 for those whose day it is: of persons with a wanted role they come first,
// and best is the rank of the best whatever day it is. "" is for no day.
func (a Audience) candidates(celebrates string) string {
	first, best := "", ""
	if celebrates != "" {
		first = fmt.Sprintf("CASE WHEN u.celebrates = 1 AND u.rank < %d THEN 0 ELSE 1 END, ", withoutRole)
		best = "min(u.rank) OVER (PARTITION BY u.customer_id) AS best, "
	} else {
		celebrates = "1"
	}
	rank := "0"
	if len(a.ContactRoles) > 0 {
		rank = "CASE"
		for i, role := range a.ContactRoles {
			rank += fmt.Sprintf(" WHEN coalesce(f.roles, 0) & %d <> 0 THEN %d", customer.Bit(customer.ContactRoles, role), i)
		}
		rank += fmt.Sprintf(" ELSE %d END", withoutRole)
	}
	text := `SELECT u.*, ` + best + `row_number() OVER (PARTITION BY u.customer_id ORDER BY CASE WHEN u.point_id IS NULL THEN 1 ELSE 0 END, ` + first + `u.rank, u.is_primary DESC, u.recipient_id) AS place
		FROM (
			SELECT u.customer_id, u.recipient_id, min(u.rank) AS rank, max(u.is_primary) AS is_primary, max(u.celebrates) AS celebrates, (SELECT k.id FROM contact_point k
				WHERE k.party_id = u.recipient_id AND k.medium = @medium AND k.withdrawn_at IS NULL AND coalesce(k.state, 'Unknown') IN ('Unknown', 'Valid')
				ORDER BY CASE WHEN k.is_primary THEN 0 ELSE 1 END, k.id LIMIT 1) AS point_id
			FROM (
				SELECT c.customer_id, c.customer_id AS recipient_id, CASE WHEN p.kind = 'Person' THEN 0 ELSE ` + fmt.Sprint(organizationIn) + ` END AS rank, 0 AS is_primary, ` + celebrates + ` AS celebrates
				FROM freeze_customer c JOIN party p ON p.id = c.customer_id WHERE p.erased_at IS NULL
				UNION ALL
				SELECT c.customer_id, f.person_id, ` + rank + `, CASE WHEN f.is_primary THEN 1 ELSE 0 END, ` + celebrates + `
				FROM freeze_customer c JOIN affiliation f ON f.organization_id = c.customer_id JOIN party p ON p.id = f.person_id
				WHERE f.withdrawn_at IS NULL AND p.erased_at IS NULL AND coalesce(f.valid_from, @today) <= @today AND coalesce(f.valid_to, @today) >= @today
			) u GROUP BY u.customer_id, u.recipient_id
		) u`
	if a.NoFallback {
		text += fmt.Sprintf(" WHERE u.rank < %d", withoutRole)
	}
	return text
}

// chosen is the condition that a candidate is written to. onDay wants those whose day it is: of
// persons with a wanted role, or who would be written to where nobody has one.
func (a Audience) chosen(onDay bool) string {
	chosen := "r.place = 1"
	if a.AllPersons {
		chosen = fmt.Sprintf("(r.place = 1 OR r.rank < %d)", withoutRole)
	}
	if onDay {
		chosen += fmt.Sprintf(" AND r.celebrates = 1 AND (r.rank < %[1]d OR r.best >= %[1]d)", withoutRole)
	}
	return chosen
}

// Two primes: what is left of a number divided by one has every value alike.
const (
	oneModulus   = 2147483629
	otherModulus = 2147483587
)

// heldOut places a customer among 10000, by a hash that both databases compute alike.
func heldOut(customer string) string {
	mixed := fmt.Sprintf("((%s %% %d * 1566083941 + @salt) %% %d)", customer, oneModulus, oneModulus)
	return fmt.Sprintf("((%[1]s * (%[1]s %% 65521 + 1) + @salt) %% %[2]d %% 10000)", mixed, otherModulus)
}

// saltOf makes the hashes of two keys have nothing to do with each other.
func saltOf(key string) int64 {
	sum := sha256.Sum256([]byte(key))
	return int64(binary.BigEndian.Uint32(sum[:4]) % oneModulus)
}

// localeOf picks the first of several locales that is a party's, or its language; otherwise
// the first of all.
func localeOf(locale string, locales []string) (expression string, parameters map[string]any) {
	parameters = map[string]any{}
	exact, language := "", ""
	for i, name := range locales {
		key := fmt.Sprintf("locale%d", i)
		parameters[key] = name
		exact += fmt.Sprintf(" WHEN %s = @%s THEN %d", locale, key, i)
		short, _, _ := strings.Cut(name, "-")
		key = fmt.Sprintf("language%d", i)
		parameters[key] = short
		language += fmt.Sprintf(" WHEN %[1]s = @%[2]s OR substr(%[1]s, 1, %[3]d) = CAST(@%[2]s AS TEXT) || '-' THEN %[4]d", locale, key, len(short)+1, i)
	}
	if exact == "" {
		return "0", parameters
	}
	return "CASE" + exact + language + " ELSE 0 END", parameters
}
