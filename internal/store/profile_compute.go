package store

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// temporary are the tables of a refresh, in the order in which they are made.
var temporary = []string{
	"refresh_touched", "refresh_who", "refresh_held", "refresh_took", "refresh_entry", "refresh_standing", "refresh_money", "refresh_series", "refresh_dimension", "refresh_preference",
	"refresh_customer",
}

// recompute brings the profiles of parties up to date.
func (r *refresh) recompute(parties []int64) error {
	if len(parties) == 0 {
		return nil
	}
	if len(parties) > manyParties {
		r.first, r.last = slices.Min(parties), slices.Max(parties)
	}
	r.parties = parties
	touched := &rowBuffer{width: 1}
	for _, party := range parties {
		touched.add(numberCell(party))
	}
	if _, err := r.exec(`CREATE TEMP TABLE refresh_touched (id BIGINT NOT NULL PRIMARY KEY)` + r.dialect.onCommitDrop()); err != nil {
		return fmt.Errorf("preparing a refresh: %w", err)
	}
	if err := r.insert("refresh_touched", []string{"id"}, touched); err != nil {
		return fmt.Errorf("preparing a refresh: %w", err)
	}
	return r.recomputeTouched(int64(len(parties)))
}

// recomputeTouched brings the profiles of refresh_touched up to date.
func (r *refresh) recomputeTouched(parties int64) error {
	r.done.Looked += parties
	parameters, err := r.compute(parties)
	if err != nil {
		return err
	}
	if err := r.store(parameters); err != nil {
		return err
	}
	return r.dialect.dropTemporary(r.transaction, temporary)
}

// compute lays out how the profiles of refresh_touched have to be, and gives the
// parameters that it was computed with.
func (r *refresh) compute(parties int64) (parameters map[string]any, err error) {
	if err := r.dialect.planFor(r.transaction, parties, "refresh_touched"); err != nil {
		return nil, err
	}
	if parameters, err = r.parameters(); err != nil {
		return nil, err
	}
	for _, step := range []struct {
		statement string
		about     string
	}{
		{`CREATE TEMP TABLE refresh_who (id BIGINT NOT NULL PRIMARY KEY)` + r.dialect.onCommitDrop(), ""},
		{`INSERT INTO refresh_who SELECT p.id FROM refresh_touched w CROSS JOIN party p WHERE p.id IS THEIRS AND p.merged_into IS NULL AND p.erased_at IS NULL`, "refresh_who"},
		{heldEditions(), "refresh_held"},
		{tookPart(""), "refresh_took"},
		{entries(""), "refresh_entry"},
		{bySeriesAndRole(), "refresh_standing"},
		{moneyBySeries(), "refresh_money"},
		{bySeries(), "refresh_series"},
		{lastAnswers, "refresh_dimension"},
		{preferencesByName, "refresh_preference"},
		{byCustomer(), "refresh_customer"},
		// What is recorded of somebody who is no customer makes no profile.
		{`DELETE FROM refresh_dimension WHERE customer_id NOT IN (SELECT c.customer_id FROM refresh_customer c)`, ""},
		{`DELETE FROM refresh_preference WHERE customer_id NOT IN (SELECT c.customer_id FROM refresh_customer c)`, ""},
	} {
		if err := r.run(step.statement, parameters); err != nil {
			return nil, fmt.Errorf("computing profiles (%s): %w", step.about, err)
		}
		if step.about != "" {
			if err := r.dialect.planFor(r.transaction, parties, step.about); err != nil {
				return nil, err
			}
		}
	}
	return parameters, nil
}

var (
	parameter = regexp.MustCompile(`@\w+`)
	// theirs is the condition that a row is of one of the parties w. That it is in their
	// range says nothing new, but lets PostgreSQL read no more than that part of an index.
	theirs = regexp.MustCompile(`(\S+) IS THEIRS`)
)

// run carries out a statement whose parameters have names.
func (r *refresh) run(statement string, parameters map[string]any) error {
	text, args := r.bind(statement, parameters)
	_, err := r.exec(text, args...)
	return err
}

// bind says a statement in the words of the database, and puts numbers for the names
// of its parameters.
func (r *refresh) bind(statement string, parameters map[string]any) (text string, args []any) {
	statement = strings.NewReplacer(" ON COMMIT DROP", r.dialect.onCommitDrop(), "least(", r.dialect.least()+"(", "total(", r.dialect.total()+"(",
		onceEach, r.dialect.onceEach(), "ATTRIBUTES OF y", r.dialect.attributes("y"), ` COLLATE "C"`, r.dialect.byCodePoint()).Replace(statement)
	statement = theirs.ReplaceAllString(statement, "$1 = w.id AND $1 BETWEEN @first AND @last")
	places := map[string]string{}
	statement = parameter.ReplaceAllStringFunc(statement, func(name string) string {
		if places[name] == "" {
			value, known := parameters[name[1:]]
			if !known {
				panic("a statement of the refresh has no parameter " + name)
			}
			args = append(args, value)
			places[name] = fmt.Sprintf("CAST($%d AS %s)", len(args), sqlType(value))
		}
		return places[name]
	})
	return statement, args
}

func sqlType(value any) string {
	if _, is := value.(int64); is {
		return "BIGINT"
	}
	return "TEXT"
}
