package store

import (
	"fmt"
	"hash/maphash"
)

// cacheSize bounds how many of a source's keys an import remembers: about 15 MiB.
const cacheSize = 250_000

// known is a record that is there, or will be with this transaction.
type known struct {
	record, party int64
	// roles that facts under the record gave so far.
	roles int64
	// content as it stands; only while parties themselves are imported, which are
	// not in the cache.
	content string
	// withdrawn says that the source does not say it any more.
	withdrawn bool
	// erased says that the party was erased and must not come back.
	erased bool
}

// cache remembers whom keys of the importing source mean. Keys are remembered by
// 128 bits of hash, of seeds that nobody knows: two keys that share them do not
// come up.
type cache struct {
	slots map[[2]uint64]slot
	seeds [2]maphash.Seed
	// complete says that a key that is not here is not in the store either.
	complete bool
	// erased says that persons were erased, whose keys must not come back.
	erased bool
	// identity is the state of merges that keys stand for.
	identity int64
}

// slot is what the cache knows of a key; without pointers, so that the garbage
// collector passes it by.
type slot struct{ record, party, roles int64 }

func (c *cache) reset(complete bool) {
	if c.slots == nil {
		c.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	}
	c.slots, c.complete = map[[2]uint64]slot{}, complete
}

func (c *cache) hash(key string) [2]uint64 {
	return [2]uint64{maphash.String(c.seeds[0], key), maphash.String(c.seeds[1], key)}
}

// get finds whom a key means.
func (c *cache) get(key string) (known, bool) {
	s, found := c.slots[c.hash(key)]
	return known{record: s.record, party: s.party, roles: s.roles}, found
}

// keep remembers what a batch added.
func (c *cache) keep(added map[string]known) {
	if len(c.slots)+len(added) > cacheSize {
		c.reset(false)
	}
	for key, value := range added {
		if len(c.slots) >= cacheSize {
			c.complete = false
			return
		}
		c.slots[c.hash(key)] = slot{value.record, value.party, value.roles}
	}
}

// follow forgets everything when parties were merged, parted or erased since,
// and tells whether it did.
func (c *cache) follow(t *transaction) (forgot bool, err error) {
	identity, err := t.number(`SELECT coalesce(max(next), 0) FROM number_block WHERE name = 'identity'`)
	if err != nil {
		return false, fmt.Errorf("looking for merges: %w", err)
	}
	if identity == c.identity {
		return false, nil
	}
	erased, err := t.number(`SELECT count(*) FROM (SELECT 1 FROM erased_key LIMIT 1) x`)
	if err != nil {
		return false, fmt.Errorf("looking for erased persons: %w", err)
	}
	c.reset(false)
	c.identity, c.erased = identity, erased > 0
	return true, nil
}

// identityChanged tells running imports that records moved between parties.
func identityChanged(t *transaction) error {
	_, err := t.numbers("identity", 1)
	return err
}

// beginCache begins to remember whom the source's keys mean. The only import of a
// source of which the store knows nobody yet knows every key there will be. Once
// another begins, it does so no more: it is told as of a merge.
func (i *Import) beginCache(t *transaction) error {
	known, err := t.number(`SELECT count(*) FROM (SELECT 1 FROM party_record WHERE source_id = $1 LIMIT 1) x`, i.sourceID)
	if err != nil {
		return fmt.Errorf("looking for the source's parties: %w", err)
	}
	// One that was killed never finished either: then this import only asks more.
	others, err := t.number(`SELECT count(*) FROM import_run WHERE source_id = $1 AND id < $2 AND finished_at IS NULL`, i.sourceID, i.runID)
	if err != nil {
		return fmt.Errorf("looking for other imports of the source: %w", err)
	}
	if others > 0 {
		if err := identityChanged(t); err != nil {
			return fmt.Errorf("telling other imports of the source: %w", err)
		}
	}
	if _, err := i.follow(t); err != nil {
		return err
	}
	i.reset(known+others == 0)
	return nil
}
