package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// segmentLock is the advisory lock of whoever evaluates segments.
const segmentLock = writersLock + 4

// Segment is who is meant by a name.
type Segment struct {
	// Name of the segment in its store.
	Name string
	// Definition is a digest of all that makes it what it is. With another one the
	// next evaluation is a baseline.
	Definition string
	// Predicate is true for members.
	Predicate Predicate
	// Classes that members are split into; nil for none.
	Classes *Classification
	// Asks are other segments that the predicate asks for.
	Asks []string
}

// MissingSegmentError says that a segment asks for one that was never evaluated.
type MissingSegmentError struct{ Name string }

func (e *MissingSegmentError) Error() string {
	if program, is := strings.CutPrefix(e.Name, tiersPrefix); is {
		return fmt.Sprintf("the points of the loyalty program %s were not reckoned yet", program)
	}
	return fmt.Sprintf("segment %s was not evaluated yet", e.Name)
}

// Evaluated is what an evaluation found.
type Evaluated struct {
	// Members that the segment has now.
	Members int64
	// Entered and Left are transitions that were recorded, and Moved those from one class
	// to another.
	Entered, Left, Moved int64
	// Baseline says that there was nothing to compare with: no transitions.
	Baseline bool
	// Looked is how many customers were looked at; -1 for everybody.
	Looked int64
}

// segmentState is how far a segment was evaluated.
type segmentState struct {
	definition                                                               string
	baseline, baselineTransition, sequence, transition, points, day, members int64
	digest                                                                   sql.NullInt64
}

// evaluation is one of a segment, in one transaction.
type evaluation struct {
	*transaction
	segment    Segment
	parameters map[string]any
	before     *segmentState
	now        segmentState
	// who says that only those in segment_who are looked at.
	who  bool
	done Evaluated
}

// Evaluate brings the members of a segment up to date with profiles and records who
// entered and left. It looks only at customers who may have changed, unless the
// segment itself did or the day matters. Without a change it writes nothing.
func (s *Store) Evaluate(ctx context.Context, segment Segment) (Evaluated, error) {
	if done, is, err := s.isEvaluated(ctx, segment); is || err != nil {
		if err != nil {
			err = fmt.Errorf("looking whether segment %s is evaluated: %w", segment.Name, err)
		}
		return done, err
	}
	t, err := s.begin(ctx, nil)
	if err != nil {
		return Evaluated{}, err
	}
	defer t.end()
	if err := t.dialect.lockSegments(t); err != nil {
		return Evaluated{}, fmt.Errorf("waiting for another evaluation: %w", err)
	}
	e := &evaluation{transaction: t, segment: segment}
	if err := e.run(); err != nil {
		return Evaluated{}, fmt.Errorf("evaluating segment %s: %w", segment.Name, err)
	}
	if err := t.dialect.dropTemporary(t, temporarySegment); err != nil {
		return Evaluated{}, err
	}
	return e.done, t.commit()
}

func (e *evaluation) run() error {
	candidates, everybody, err := e.prepare()
	if err != nil {
		return err
	}
	e.done.Looked = -1
	if e.who = !everybody; e.who {
		e.done.Looked = int64(len(candidates))
		if len(candidates) == 0 {
			e.done.Members = e.before.members
			return e.remember()
		}
	}
	if err := e.layOut(candidates); err != nil {
		return err
	}
	if err := e.layOutRanks(); err != nil {
		return err
	}
	same, err := e.isUnchanged()
	if err != nil {
		return err
	}
	if !same {
		if err := e.replace(); err != nil {
			return err
		}
	}
	e.done.Members = e.now.members
	return e.remember()
}

// look reads how far the segment is, and what it follows from. How far refreshes are is
// read before anything that is evaluated: what they write meanwhile is then looked at
// again next time.
func (e *evaluation) look() (err error) {
	if e.before, err = readSegment(e.transaction, e.segment.Name); err != nil {
		return err
	}
	e.now = segmentState{day: e.today()}
	if e.before != nil {
		e.now = *e.before
	}
	e.now.definition = e.segment.Definition
	if e.now.sequence, err = lastLogged(e.transaction); err != nil {
		return err
	}
	return e.readAsked()
}

func (e *evaluation) today() int64 { return asOf(e.transaction.now).today }

// isAnotherDay tells whether everybody has to be looked at since the day matters.
func (e *evaluation) isAnotherDay() bool { return e.segment.byDay() && e.before.day != e.today() }

// isEvaluated tells whether nothing happened since the last evaluation. It takes nobody's
// turn to write.
func (s *Store) isEvaluated(ctx context.Context, segment Segment) (done Evaluated, is bool, err error) {
	err = s.read(ctx, func(t *transaction) error {
		e := &evaluation{transaction: t, segment: segment}
		if err := e.look(); err != nil {
			return err
		}
		if is = e.before != nil && *e.before == e.now && !e.isAnotherDay(); is {
			done.Members = e.before.members
		}
		return nil
	})
	return done, is, err
}

// prepare finds out whom to look at.
func (e *evaluation) prepare() (candidates []int64, everybody bool, err error) {
	e.parameters = parametersOf(e.transaction, e.segment)
	if err := e.look(); err != nil {
		return nil, false, err
	}
	if e.before == nil || e.before.definition != e.now.definition {
		e.now.day = e.today()
		return nil, true, e.beginAnew()
	}
	if e.isAnotherDay() {
		e.now.day = e.today()
		return nil, true, nil
	}
	looked, everybody, err := lookedBetween(e.transaction, e.before.sequence, e.now.sequence)
	if everybody || err != nil {
		return nil, everybody, err
	}
	moved, err := e.movedElsewhere()
	if err != nil {
		return nil, false, err
	}
	candidates = distinctNumbers(append(looked, moved...))
	// Where all are ranked, one who changed may move any other.
	return candidates, len(candidates) > loggedAtMost || e.segment.ranked() && len(candidates) > 0, nil
}

// beginAnew makes the evaluation a baseline. Each has a number that no other one has,
// also of segments that are forgotten, so that who asks for a segment notices.
func (e *evaluation) beginAnew() (err error) {
	e.done.Baseline = true
	if e.now.baseline, err = e.numbers("segment_baseline", 1); err != nil {
		return err
	}
	if e.now.baselineTransition, err = e.number(`SELECT coalesce(max(id), 0) FROM segment_transition`); err != nil {
		return fmt.Errorf("reading transitions: %w", err)
	}
	return nil
}

// readAsked reads how far the segments are that this one asks for. Their baselines are
// part of this one's definition: what changed there without a transition makes a new
// baseline here.
func (e *evaluation) readAsked() error {
	for _, name := range e.segment.Asks {
		asked, err := readSegment(e.transaction, name)
		if err != nil {
			return err
		}
		if asked == nil {
			return &MissingSegmentError{name}
		}
		e.now.definition += fmt.Sprintf(" %s %d", name, asked.baseline)
		last, err := e.number(`SELECT coalesce(max(id), 0) FROM segment_transition WHERE segment = $1`, name)
		if err != nil {
			return fmt.Errorf("reading transitions of segment %s: %w", name, err)
		}
		// Erasures take transitions away.
		e.now.transition = max(e.now.transition, last)
	}
	return e.readPoints()
}

// movedElsewhere gives who entered or left the segments that this one asks for, and whose points
// changed.
func (e *evaluation) movedElsewhere() (moved []int64, err error) {
	if e.now.transition > e.before.transition {
		condition, names := among(e.transaction, "segment", 1, e.segment.Asks)
		err = e.query(scanInto(&moved), `SELECT customer_id FROM segment_transition WHERE `+condition+` AND id > $2 AND id <= $3`,
			names, e.before.transition, e.now.transition)
		if err != nil {
			return nil, fmt.Errorf("reading transitions of other segments: %w", err)
		}
	}
	return e.withPoints(moved)
}

func readSegment(t *transaction, name string) (*segmentState, error) {
	s := &segmentState{}
	err := t.row(`SELECT definition, baseline, baseline_transition, sequence, transition, points, day, members, digest FROM segment WHERE name = $1`, name).
		Scan(&s.definition, &s.baseline, &s.baselineTransition, &s.sequence, &s.transition, &s.points, &s.day, &s.members, &s.digest)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading how far segment %s is: %w", name, err)
	}
	return s, nil
}

// remember records how far the segment is, unless it is recorded already.
func (e *evaluation) remember() error {
	if e.before != nil && *e.before == e.now {
		return nil
	}
	n := e.now
	_, err := e.exec(`INSERT INTO segment (name, definition, baseline, baseline_transition, sequence, transition, points, day, members, digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, baseline = excluded.baseline, baseline_transition = excluded.baseline_transition, sequence = excluded.sequence, transition = excluded.transition,
			points = excluded.points, day = excluded.day, members = excluded.members, digest = excluded.digest`,
		e.segment.Name, n.definition, n.baseline, n.baselineTransition, n.sequence, n.transition, n.points, n.day, n.members, n.digest)
	if err != nil {
		return fmt.Errorf("recording how far it is: %w", err)
	}
	return nil
}
