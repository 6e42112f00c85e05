package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// Candidate is a pair of parties that may be one.
type Candidate struct {
	ID     int64  `json:"id"`
	Reason string `json:"reason"`
	// Party and Other are the two, the older first.
	Party CandidateParty `json:"party"`
	Other CandidateParty `json:"other"`
	// Conflicts are the fields on which their sources disagree.
	Conflicts []string `json:"conflicts,omitempty"`
}

// CandidateParty is one of two parties that may be one.
type CandidateParty struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	Country string `json:"country,omitempty"`
	// Records is how many sources' keys it has.
	Records int64 `json:"records"`
	id      int64
}

// Candidates gives pairs that wait for a decision, oldest first, after the
// given number, and how many wait in all. Pairs of which one was merged or
// erased meanwhile are left out.
func (s *Store) Candidates(ctx context.Context, after int64, limit int) (candidates []Candidate, total int64, err error) {
	const open = `FROM match_candidate c JOIN party p ON p.id = c.party_id JOIN party o ON o.id = c.other_id
	  WHERE c.decision IS NULL AND p.merged_into IS NULL AND o.merged_into IS NULL AND p.erased_at IS NULL AND o.erased_at IS NULL`
	err = s.read(ctx, func(t *transaction) error {
		if total, err = t.number(`SELECT count(*) ` + open); err != nil {
			return fmt.Errorf("counting candidates: %w", err)
		}
		err := t.query(func(rows *sql.Rows) error {
			var c Candidate
			err := rows.Scan(&c.ID, &c.Reason, &c.Party.id, &c.Party.Code, &c.Party.Name, &c.Party.Country, &c.Party.Records,
				&c.Other.id, &c.Other.Code, &c.Other.Name, &c.Other.Country, &c.Other.Records)
			candidates = append(candidates, c)
			return err
		}, `SELECT c.id, c.reason,
		       p.id, p.code, coalesce(p.name, ''), coalesce(p.country, ''), (SELECT count(*) FROM party_record r WHERE r.party_id = p.id),
		       o.id, o.code, coalesce(o.name, ''), coalesce(o.country, ''), (SELECT count(*) FROM party_record r WHERE r.party_id = o.id)
		  `+open+` AND c.id > $1 ORDER BY c.id LIMIT $2`, after, limit)
		if err != nil {
			return fmt.Errorf("reading candidates: %w", err)
		}
		return addConflicts(t, candidates)
	})
	return candidates, total, err
}

func addConflicts(t *transaction, candidates []Candidate) error {
	var ids []int64
	for _, c := range candidates {
		ids = append(ids, c.Party.id, c.Other.id)
	}
	if len(ids) == 0 {
		return nil
	}
	records, err := readRecords(t, distinctNumbers(ids))
	if err != nil {
		return err
	}
	for i := range candidates {
		candidates[i].Conflicts = conflicts(slices.Concat(records[candidates[i].Party.id], records[candidates[i].Other.id]))
	}
	return nil
}

// AcceptCandidate merges a pair into the older party, and gives the merge's number.
func (s *Store) AcceptCandidate(ctx context.Context, id int64, actor string) (mergeID int64, err error) {
	err = s.write(ctx, func(t *transaction) error {
		survivor, loser, err := decide(t, id, "Accepted", actor)
		if err != nil {
			return err
		}
		to, err := findParty(t, survivor)
		if err != nil {
			return err
		}
		from, err := findParty(t, loser)
		if err != nil {
			return err
		}
		mergeID, err = merge(t, to, from, fmt.Sprintf("candidate %d", id), actor)
		return err
	})
	return mergeID, err
}

// RejectCandidate says that a pair is not one. It is not put up again.
func (s *Store) RejectCandidate(ctx context.Context, id int64, actor string) error {
	return s.write(ctx, func(t *transaction) error {
		_, _, err := decide(t, id, "Rejected", actor)
		return err
	})
}

// decide records a decision on a pair and gives the codes of its parties.
func decide(t *transaction, id int64, decision, actor string) (first, second string, err error) {
	var before sql.NullString
	err = t.row(`SELECT p.code, o.code, c.decision FROM match_candidate c JOIN party p ON p.id = c.party_id JOIN party o ON o.id = c.other_id WHERE c.id = $1`, id).
		Scan(&first, &second, &before)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", "", &NotFoundError{fmt.Sprintf("there is no candidate %d", id)}
	case err != nil:
		return "", "", fmt.Errorf("reading the candidate: %w", err)
	case before.Valid:
		return "", "", &ConflictError{fmt.Sprintf("candidate %d was decided already: %s", id, before.String)}
	}
	_, err = t.exec(`UPDATE match_candidate SET decision = $2, decided_at = $3, decided_by = $4 WHERE id = $1`, id, decision, t.now, actor)
	if err != nil {
		return "", "", fmt.Errorf("recording the decision: %w", err)
	}
	return first, second, nil
}
