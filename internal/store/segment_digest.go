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

// digestOfBucket sums up the members in a bucket.
type digestOfBucket struct{ members, digest int64 }

// isUnchanged tells whether everybody who belongs is a member in the same class, and
// nobody else, by digests that cost little more than counting. Where few buckets differ
// it has only those looked at who are in them. Where the database computes no digest, or
// only some are looked at, nothing is known.
func (e *evaluation) isUnchanged() (bool, error) {
	if e.before == nil || e.who || e.dialect.digest("", "") == "" {
		return false, nil
	}
	belong, err := e.digests("(" + e.belonging() + ") m")
	if err != nil {
		return false, fmt.Errorf("asking who belongs: %w", err)
	}
	var all digestOfBucket
	for _, bucket := range belong {
		all.members, all.digest = all.members+bucket.members, all.digest^bucket.digest
	}
	if e.before.members == all.members && e.before.digest == (sql.NullInt64{Int64: all.digest, Valid: true}) {
		return true, nil
	}
	members, err := e.digests("(SELECT m.customer_id, m.class FROM segment_member m WHERE m.segment = @segment) m")
	if err != nil {
		return false, fmt.Errorf("asking who is a member: %w", err)
	}
	// By what the members are, whatever is recorded of them.
	e.now.members, e.now.digest = 0, sql.NullInt64{Valid: true}
	for _, bucket := range members {
		e.now.members, e.now.digest.Int64 = e.now.members+bucket.members, e.now.digest.Int64^bucket.digest
	}
	changed := differing(belong, members)
	if len(changed) == 0 {
		return true, nil
	}
	return false, e.narrow(changed, len(belong))
}

// digests of members and their classes, by bucket.
func (e *evaluation) digests(from string) (map[int64]digestOfBucket, error) {
	text, args := newRefresh(e.transaction).bind(fmt.Sprintf("SELECT m.customer_id / %d, count(*), %s FROM %s GROUP BY 1", bucketSize, e.dialect.digest("m.customer_id", "m.class"), from), e.parameters)
	buckets := map[int64]digestOfBucket{}
	err := e.query(func(rows *sql.Rows) error {
		var number int64
		var bucket digestOfBucket
		err := rows.Scan(&number, &bucket.members, &bucket.digest)
		buckets[number] = bucket
		return err
	}, text, args...)
	return buckets, err
}

// differing are the numbers of the buckets that differ, and of those that only one has.
func differing(a, b map[int64]digestOfBucket) (numbers []int64) {
	for number, bucket := range a {
		if b[number] != bucket {
			numbers = append(numbers, number)
		}
	}
	for number := range b {
		if _, both := a[number]; !both {
			numbers = append(numbers, number)
		}
	}
	return distinctNumbers(numbers)
}

// narrow has those looked at who are in some buckets, if these are few of all.
func (e *evaluation) narrow(buckets []int64, all int) error {
	if len(buckets) > all/fewBuckets {
		return nil
	}
	e.who = true
	var customers []int64
	for _, bucket := range buckets {
		for n := range int64(bucketSize) {
			customers = append(customers, bucket*bucketSize+n)
		}
	}
	return e.layOutWho(customers)
}
