package store

import (
	"database/sql"
	"fmt"
)

const (
	// bucketSize is how many numbers of customers share a digest.
	bucketSize = 16
	// fewBuckets is of how many parts of all buckets one may differ, so that looking at
	// those in them is quicker than comparing everybody.
	fewBuckets = 8
)

// isUnchanged tells whether everybody who belongs is a member in the same class, and
// nobody else, by digests that cost little more than counting. Where few buckets differ
// it has only those looked at who are in them. Where the database computes no digest, or
// only some are looked at, nothing is known.
//
// The statements are those of PostgreSQL, the only one that computes digests.
func (e *evaluation) isUnchanged() (bool, error) {
	if e.before == nil || e.who || e.dialect.digest("", "") == "" {
		return false, nil
	}
	members, digest, buckets, err := e.digests("segment_belongs", "("+e.belonging()+") m")
	if err != nil {
		return false, fmt.Errorf("asking who belongs: %w", err)
	}
	if e.before.members == members && e.before.digest == digest {
		return true, nil
	}
	// By what the members are, whatever is recorded of them.
	if e.now.members, e.now.digest, _, err = e.digests("segment_held", "(SELECT m.customer_id, m.class FROM segment_member m WHERE m.segment = @segment) m"); err != nil {
		return false, fmt.Errorf("asking who is a member: %w", err)
	}
	if err := e.carryOut(`CREATE TEMP TABLE segment_differs ON COMMIT DROP AS
		SELECT coalesce(b.bucket, h.bucket) AS bucket FROM segment_belongs b FULL JOIN segment_held h ON h.bucket = b.bucket
		WHERE b.bucket IS NULL OR h.bucket IS NULL OR b.members <> h.members OR b.digest <> h.digest`); err != nil {
		return false, fmt.Errorf("comparing members with who belongs: %w", err)
	}
	differing, err := e.number(`SELECT count(*) FROM segment_differs`)
	switch {
	case err != nil:
		return false, fmt.Errorf("comparing members with who belongs: %w", err)
	case differing == 0:
		return true, nil
	case differing > buckets/fewBuckets:
		return false, nil
	}
	e.who = true
	if err := e.beginWho(); err != nil {
		return false, err
	}
	if err := e.carryOut(fmt.Sprintf(`INSERT INTO segment_who SELECT d.bucket * %d + n FROM segment_differs d CROSS JOIN generate_series(0, %d) n`, bucketSize, bucketSize-1)); err != nil {
		return false, fmt.Errorf("laying out whom to look at: %w", err)
	}
	return false, e.dialect.count(e.transaction, "segment_who")
}

// digests lays out digests of members and their classes by bucket, and sums them up.
func (e *evaluation) digests(table, from string) (members int64, digest sql.NullInt64, buckets int64, err error) {
	err = e.carryOut(fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT m.customer_id / %d AS bucket, count(*) AS members, %s AS digest FROM %s GROUP BY 1",
		table, bucketSize, e.dialect.digest("m.customer_id", "m.class"), from))
	if err != nil {
		return 0, digest, 0, err
	}
	err = e.row("SELECT coalesce(total(members), 0), coalesce(bit_xor(digest), 0), count(*) FROM "+table).Scan(&members, &digest, &buckets)
	return members, digest, buckets, err
}
