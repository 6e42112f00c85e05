package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// Source is where an import's rows come from (map row B6).
type Source struct {
	// Name of the source; keys are unique within it.
	Name string
	// Trust in it, 0 to 100: of two sources the more trusted one's fields stand.
	Trust int
	// LegalBasis and Acquired are provenance, in words.
	LegalBasis, Acquired string
}

// Resolution is a way to find out who a row means. Whoever a source named
// before by the same key is always found.
type Resolution string

// The resolutions.
const (
	// ByExternalKey finds whom a source named by this key or code.
	ByExternalKey Resolution = "ExternalKey"
	// ByEmail finds who is reached under the same e-mail address and is not
	// called otherwise.
	ByEmail Resolution = "Email"
	// ByMatchKey finds an organization that is called the same, whatever the
	// spelling, in no other country.
	ByMatchKey Resolution = "MatchKey"
)

// Scope is what a file is complete for.
type Scope string

// The scopes of a snapshot.
const (
	// Delta: a file says only what is new or changed.
	Delta Scope = ""
	// WholeSource: what the file does not have, the source no longer says.
	WholeSource Scope = "Source"
	// EditionsInFile: the same, for the editions that the file speaks of.
	EditionsInFile Scope = "Edition"
)

// Sealer encrypts sensitive fields. Its one implementation is
// internal/customer/sensitive; a store without a keyset has none.
type Sealer interface {
	// Seal encrypts a value, bound to a record and a field.
	Seal(record int64, field, value string) (string, error)
	// Open decrypts what Seal made for the same record and field.
	Open(record int64, field, sealed string) (string, error)
	// Hash is equal for equal values of a field, as long as the key is the same.
	Hash(field, value string) string
	// Current tells whether a value is encrypted with the newest key.
	Current(sealed string) bool
}

// ImportOptions are how a file is imported.
type ImportOptions struct {
	// Source of the rows.
	Source Source
	// Entity of the rows.
	Entity *customer.Entity
	// FileName for the record of imports.
	FileName string
	// ResolveBy are the ways to find out who a row means, in order.
	ResolveBy []Resolution
	// RejectUnknown refuses rows of parties that nobody knows, instead of making them.
	RejectUnknown bool
	// Snapshot is what the file is complete for.
	Snapshot Scope
	// Keys encrypt sensitive fields; without them such rows are refused.
	Keys Sealer
	// DryRun changes nothing: all of it happens in one transaction that is rolled
	// back, so that the figures are exact. Other writers wait meanwhile.
	DryRun bool
}

// Tally counts what became of rows.
type Tally struct {
	// Read is all rows that came.
	Read int64 `json:"read"`
	// New, Changed and Unchanged are rows as the store had them before.
	New       int64 `json:"new"`
	Changed   int64 `json:"changed"`
	Unchanged int64 `json:"unchanged"`
	// Erased rows are about persons who were erased, and were left out. They are
	// among Unchanged.
	Erased int64 `json:"erased"`
	// Rejected rows could not be taken.
	Rejected int64 `json:"rejected"`
	// Withdrawn facts are those that a snapshot no longer has.
	Withdrawn int64 `json:"withdrawn"`
	// Parties that were made, and Candidates for being the same as others.
	Parties    int64 `json:"parties"`
	Candidates int64 `json:"candidates"`
}

func (t *Tally) add(other Tally) {
	t.Read += other.Read
	t.New += other.New
	t.Changed += other.Changed
	t.Unchanged += other.Unchanged
	t.Erased += other.Erased
	t.Rejected += other.Rejected
	t.Withdrawn += other.Withdrawn
	t.Parties += other.Parties
	t.Candidates += other.Candidates
}

// RowRejection says why a row was not taken.
type RowRejection struct {
	// Line of the file on which the row begins.
	Line int64
	// Field that is wrong, as mapping files name it; "" if none in particular.
	Field string
	// Reason in words.
	Reason string
	// Original is the row's.
	Original string
}

// Import takes the rows of one file. It is for one goroutine.
type Import struct {
	store    *Store
	options  ImportOptions
	parties  []int
	resolves map[Resolution]bool

	runID     int64
	sourceID  int64
	sensitive []string
	sources   map[string]int64
	editions  map[string]int64
	hashKey   []byte
	tally     Tally
	// lookFirst asks for existing rows before adding new ones: worth it while the
	// file repeats what is there. SQLite always looks: to take rows back that were
	// added in vain, it would keep every page that it changes in memory.
	lookFirst bool
	// seen are the editions that a snapshot speaks of.
	seen map[int64]bool
	// dry is the one transaction of a dry run.
	dry *transaction

	cache
	// open is the batch that takes rows, behind the one that is being written; nil
	// if there is none.
	open, behind *batch
	// rejections nobody asked for yet.
	rejections []RowRejection
	// spare is the memory of batches that are done.
	spare []*buffers
}

// Import begins an import. It has to be ended by Finish or Abandon.
func (s *Store) Import(ctx context.Context, options ImportOptions) (*Import, error) {
	if err := s.CheckSchema(ctx); err != nil {
		return nil, err
	}
	i := &Import{
		store: s, options: options, parties: options.Entity.Parties(), resolves: map[Resolution]bool{},
		sources: map[string]int64{}, editions: map[string]int64{}, seen: map[int64]bool{},
		lookFirst: options.Snapshot != Delta || s.IsSQLite(),
	}
	for _, resolution := range options.ResolveBy {
		i.resolves[resolution] = true
	}
	if options.DryRun {
		t, err := s.begin(ctx, nil)
		if err != nil {
			return nil, err
		}
		i.dry = t
		if err := t.dialect.lock(t); err != nil {
			t.end()
			return nil, fmt.Errorf("waiting for other writers: %w", err)
		}
	}
	if err := i.write(ctx, i.record); err != nil {
		i.Abandon()
		return nil, err
	}
	return i, nil
}

// write runs work in a transaction of its own, or in the dry run's.
func (i *Import) write(ctx context.Context, work func(*transaction) error) error {
	if i.dry == nil {
		return i.store.write(ctx, work)
	}
	i.dry.ctx = ctx
	return work(i.dry)
}

// record the source and the run.
func (i *Import) record(t *transaction) error {
	mark, err := readMark(t)
	if err != nil {
		return err
	}
	i.sensitive = mark.SensitiveFields
	if i.hashKey, err = readHashKey(t); err != nil {
		return err
	}
	source := i.options.Source
	err = t.row(`SELECT id FROM source WHERE name = $1`, source.Name).Scan(&i.sourceID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if i.sourceID, err = t.numbers("source", 1); err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO source (id, name, trust, legal_basis, acquired) VALUES ($1, $2, $3, $4, $5)`,
			i.sourceID, source.Name, source.Trust, source.LegalBasis, source.Acquired)
	case err == nil:
		err = i.changeSource(t)
	}
	if err != nil {
		return fmt.Errorf("recording the source: %w", err)
	}
	i.sources[source.Name] = i.sourceID
	if i.runID, err = t.numbers("import", 1); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO import_run (id, source_id, entity, file_name, started_at) VALUES ($1, $2, $3, $4, $5)`,
		i.runID, i.sourceID, i.options.Entity.Name, i.options.FileName, t.now)
	if err != nil {
		return fmt.Errorf("recording the import: %w", err)
	}
	return i.beginCache(t)
}

// changeSource brings a known source up to date. When trust in it changes, the
// fields of its parties have to be decided anew.
func (i *Import) changeSource(t *transaction) error {
	source := i.options.Source
	trust, err := t.number(`SELECT trust FROM source WHERE id = $1`, i.sourceID)
	if err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE source SET trust = $2, legal_basis = $3, acquired = $4 WHERE id = $1`,
		i.sourceID, source.Trust, source.LegalBasis, source.Acquired); err != nil {
		return err
	}
	if trust == int64(source.Trust) {
		return nil
	}
	var shared []int64
	err = t.query(scanInto(&shared), `
		SELECT DISTINCT r.party_id FROM party_record r
		 WHERE r.source_id = $1 AND EXISTS (SELECT 1 FROM party_record o WHERE o.party_id = r.party_id AND o.source_id <> r.source_id)
		 ORDER BY r.party_id`, i.sourceID)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(shared, 10_000) {
		if _, err := decideAgain(t, chunk); err != nil {
			return err
		}
	}
	// Of two sources' preferences that of the more trusted one stands, whichever
	// source's key they named the party by.
	if err := t.query(scanInto(&shared), `SELECT DISTINCT party_id FROM preference WHERE source_id = $1`, i.sourceID); err != nil {
		return err
	}
	return mark(t, append(shared, ratesMark))
}

// Reject counts rows that never came to the store.
func (i *Import) Reject(rows int64) {
	i.tally.Read += rows
	i.tally.Rejected += rows
}

// Tally is what became of the rows so far.
func (i *Import) Tally() Tally { return i.tally }

// Finish writes what is left and ends the import: a snapshot withdraws what its
// file does not have. A row that was rejected stands in the file all the same, and
// nobody knows which fact it was: then nothing is withdrawn.
func (i *Import) Finish(ctx context.Context) error {
	defer i.Abandon()
	if err := i.Flush(ctx); err != nil {
		return err
	}
	if err := i.Wait(); err != nil {
		return err
	}
	return i.write(ctx, func(t *transaction) error {
		if i.options.Snapshot != Delta && i.tally.Rejected == 0 {
			withdrawn, err := i.withdraw(t)
			if err != nil {
				return fmt.Errorf("withdrawing what the snapshot does not have: %w", err)
			}
			i.tally.Withdrawn += withdrawn
		}
		y := i.tally
		_, err := t.exec(`
			UPDATE import_run SET finished_at = $2, rows_read = $3, rows_new = $4, rows_changed = $5, rows_unchanged = $6, rows_rejected = $7
			 WHERE id = $1`, i.runID, t.now, y.Read, y.New, y.Changed, y.Unchanged, y.Rejected)
		if err != nil {
			return fmt.Errorf("recording the end of the import: %w", err)
		}
		return nil
	})
}

// Abandon ends what is under way. What was committed stays; of a dry run nothing.
func (i *Import) Abandon() {
	// Whoever abandons an import has its error, or wants none.
	_ = i.Wait()
	i.open = nil
	if i.dry != nil {
		i.dry.end()
		i.dry = nil
	}
}

// scanInto collects a column of numbers.
func scanInto(numbers *[]int64) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var number int64
		if err := rows.Scan(&number); err != nil {
			return err
		}
		*numbers = append(*numbers, number)
		return nil
	}
}
