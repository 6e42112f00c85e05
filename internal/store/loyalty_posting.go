package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// Kinds of a Posting.
const (
	// PostingRedeemed is for something that the member got.
	PostingRedeemed = "Redeemed"
	// PostingAdjusted is by hand: a gift, or what was given by mistake.
	PostingAdjusted = "Adjusted"
)

// Posting is what a person posts to a member's points.
type Posting struct {
	Program string
	// Customer is its code.
	Customer string
	// Kind is PostingRedeemed or PostingAdjusted.
	Kind string
	// Points in PointUnits; negative for what is redeemed or taken.
	Points int64
	// Reference of what it is for, such as an invoice, within the program. Whoever posts under one
	// again posts nothing.
	Reference string
	// Reason and Actor say why, and who did it.
	Reason, Actor string
}

// Posted is what became of a posting.
type Posted struct {
	// Before says that the reference was posted before, and nothing was posted now.
	Before bool
	Member Membership
}

// InsufficientPointsError refuses to use more points than there are.
type InsufficientPointsError struct {
	// Balance and Wanted in PointUnits.
	Balance, Wanted int64
}

func (e *InsufficientPointsError) Error() string {
	return fmt.Sprintf("there are %s points, and %s are wanted", PointsText(e.Balance), PointsText(e.Wanted))
}

// Post posts to the points of a member, the oldest first where some are used. It gives how the
// member stands then. A program or customer that there is not is a *NotFoundError, a customer who
// is no member, or a reference that was posted otherwise, a *ConflictError, and too many points
// an *InsufficientPointsError: then nothing is posted.
func (s *Store) Post(ctx context.Context, posting Posting) (posted Posted, err error) {
	program, err := s.declaredProgram(ctx, posting.Program)
	if err != nil {
		return posted, err
	}
	err = s.accruing(ctx, program, func(a *accruing) error {
		posted, err = a.postOne(posting)
		if err != nil {
			return err
		}
		if err := a.dialect.dropTemporary(a.transaction, append(temporaryLoyalty, temporarySegment...)); err != nil {
			return err
		}
		return a.commit()
	})
	return posted, err
}

// declaredProgram is a program with the terms that it was carried out with last.
func (s *Store) declaredProgram(ctx context.Context, name string) (program Program, err error) {
	program.Name = name
	err = s.read(ctx, func(t *transaction) error {
		program.Terms, err = readTerms(t, name)
		return err
	})
	return program, err
}

func readTerms(t *transaction, name string) (terms Terms, err error) {
	var text string
	err = t.row(`SELECT g.terms FROM loyalty_program g WHERE g.name = $1`, name).Scan(&text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return terms, &NotFoundError{fmt.Sprintf("there is no loyalty program %s, or its points were not reckoned yet", name)}
	case err != nil:
		return terms, fmt.Errorf("reading the terms of %s: %w", name, err)
	}
	if terms, err = termsOf(text); err != nil {
		return terms, fmt.Errorf("reading the terms of %s: %w", name, err)
	}
	return terms, nil
}

// termsOf are terms as a program notes them.
func termsOf(text string) (terms Terms, err error) {
	err = json.Unmarshal([]byte(text), &terms)
	return terms, err
}

func (a *accruing) postOne(posting Posting) (posted Posted, err error) {
	a.posting = true
	if err := a.row(`SELECT id FROM loyalty_program WHERE name = $1`, posting.Program).Scan(&a.id); err != nil {
		return posted, fmt.Errorf("finding the program: %w", err)
	}
	party, err := standingParty(a.transaction, posting.Customer)
	if err != nil {
		return posted, err
	}
	if posted.Before, err = a.postedBefore(posting, party); err != nil {
		return posted, err
	}
	if posted.Before {
		posted.Member, err = a.membership(posting, party)
		return posted, err
	}
	if _, err := a.membership(posting, party); err != nil {
		return posted, err
	}
	if err := a.insertPosting(posting, party); err != nil {
		return posted, err
	}
	if err := a.reckonOne(party); err != nil {
		return posted, err
	}
	// Whoever looks after refreshes hears of it: programs have other figures, and segments other
	// members.
	if err := mark(a.transaction, []int64{party}); err != nil {
		return posted, fmt.Errorf("marking the customer: %w", err)
	}
	posted.Member, err = a.membership(posting, party)
	if err == nil && posting.Points < 0 && posted.Member.Balance < 0 {
		err = &InsufficientPointsError{Balance: posted.Member.Balance - posting.Points, Wanted: -posting.Points}
	}
	return posted, err
}

// postedBefore tells whether a reference was posted before, in the same way.
func (a *accruing) postedBefore(posting Posting, customer int64) (bool, error) {
	var who, points int64
	var kind string
	err := a.row(`SELECT q.customer_id, q.kind, q.points FROM points_posting q WHERE q.program_id = $1 AND q.reference = $2`, a.id, posting.Reference).Scan(&who, &kind, &points)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("looking for the reference: %w", err)
	case who != customer || kind != posting.Kind || points != posting.Points:
		return false, &ConflictError{fmt.Sprintf("something else was posted under the reference %q: give each posting its own", posting.Reference)}
	}
	return true, nil
}

func (a *accruing) insertPosting(posting Posting, customer int64) error {
	id, err := a.numbers("points_posting", 1)
	if err != nil {
		return err
	}
	_, err = a.exec(`INSERT INTO points_posting (id, program_id, customer_id, customer_record_id, kind, points, at, reference, reason, actor)
		SELECT $1, $2, $3, min(r.id), $4, $5, $6, $7, $8, $9 FROM party_record r WHERE r.party_id = $3`,
		id, a.id, customer, posting.Kind, posting.Points, a.transaction.now, posting.Reference, posting.Reason, posting.Actor)
	if err != nil {
		return fmt.Errorf("posting: %w", err)
	}
	return nil
}

// reckonOne computes how one member stands. What facts earn stays as it is.
func (a *accruing) reckonOne(customer int64) (err error) {
	if a.before, err = readSegment(a.transaction, a.segment.Name); err != nil {
		return err
	}
	// Others are looked at from where the last accrual was.
	a.now, a.who = *a.before, true
	a.parameters = parametersOf(a.transaction, a.segment)
	if err := a.layOutWhom([]int64{customer}); err != nil {
		return err
	}
	parameters, err := a.parametersWith(nil)
	if err != nil {
		return err
	}
	err = a.fill([]layingOut{
		{`CREATE TEMP TABLE loyalty_eligible ON COMMIT DROP AS SELECT m.customer_id FROM loyalty_member m WHERE m.program_id = @program AND m.customer_id IN (SELECT w.id FROM refresh_who w)`, ""},
		{`CREATE TEMP TABLE loyalty_should (customer_id BIGINT, points BIGINT, earned_at BIGINT) ON COMMIT DROP`, ""},
	}, parameters)
	if err == nil {
		err = a.layOutDays(`SELECT q.at FROM refresh_who w CROSS JOIN points_posting q WHERE q.customer_id IS THEIRS AND q.program_id = @program`)
	}
	if err == nil {
		err = a.reckon()
	}
	if err == nil {
		err = a.replace()
	}
	if err == nil {
		err = a.remember()
	}
	if err != nil {
		return fmt.Errorf("reckoning how the member stands: %w", err)
	}
	return nil
}
