package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// The actions of an erasure.
const (
	// Removed rows are gone.
	Removed = "Removed"
	// Emptied rows stay without anything personal.
	Emptied = "Emptied"
	// Hashed rows stay as keyed hashes.
	Hashed = "Hashed"
	// Added rows keep an address from being written to again.
	Added = "Added"
)

// Evidence says what an erasure did to one table.
type Evidence struct {
	Table  string `json:"table"`
	Action string `json:"action"`
	Rows   int64  `json:"rows"`
}

// Erasure is a line of the erasure log.
type Erasure struct {
	ID int64 `json:"id"`
	// Code that is left of the party.
	Code   string `json:"code"`
	Reason string `json:"reason"`
	Actor  string `json:"actor"`
	// At in milliseconds since 1970.
	At       int64           `json:"at"`
	Evidence json.RawMessage `json:"evidence"`
}

// Erasures gives the latest erasures, newest first.
func (s *Store) Erasures(ctx context.Context, limit int) (erasures []Erasure, err error) {
	err = s.read(ctx, func(t *transaction) error {
		return t.query(func(rows *sql.Rows) error {
			var e Erasure
			var evidence string
			err := rows.Scan(&e.ID, &e.Code, &e.Reason, &e.Actor, &e.At, &evidence)
			e.Evidence = json.RawMessage(evidence)
			erasures = append(erasures, e)
			return err
		}, `SELECT l.id, p.code, l.reason, l.actor, l.at, l.evidence
		      FROM erasure_log l JOIN party p ON p.id = l.party_id ORDER BY l.id DESC LIMIT $1`, limit)
	})
	return erasures, err
}

// record keeps the evidence and tells everybody else.
func (e *erasure) record(id int64, reason, actor string) error {
	merged := map[Evidence]int64{}
	var order []Evidence
	for _, line := range e.evidence {
		key := Evidence{Table: line.Table, Action: line.Action}
		if _, met := merged[key]; !met {
			order = append(order, key)
		}
		merged[key] += line.Rows
	}
	e.evidence = e.evidence[:0]
	for _, line := range order {
		line.Rows = merged[line]
		e.evidence = append(e.evidence, line)
	}
	data, err := json.Marshal(e.evidence)
	if err != nil {
		return fmt.Errorf("writing the evidence: %w", err)
	}
	number, err := e.t.numbers("erasure", 1)
	if err != nil {
		return err
	}
	if _, err := e.t.exec(`INSERT INTO erasure_log (id, party_id, actor, reason, at, evidence) VALUES ($1, $2, $3, $4, $5, $6)`,
		number, id, actor, reason, e.t.now, string(data)); err != nil {
		return fmt.Errorf("recording the erasure: %w", err)
	}
	if err := identityChanged(e.t); err != nil {
		return err
	}
	return mark(e.t, slices.Collect(maps.Keys(e.others)))
}
