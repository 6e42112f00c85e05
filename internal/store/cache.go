package store

// cacheSize bounds how many of a source's keys an import remembers: about 15 MiB.
const cacheSize = 100_000

// known is a record that is there, or will be with this transaction.
type known struct {
	record, party int64
	// roles that facts under the record gave so far.
	roles int64
	// content as it stands; only while parties themselves are imported.
	content string
	// withdrawn says that the source does not say it any more.
	withdrawn bool
	// erased says that the party was erased and must not come back.
	erased bool
}

// cache remembers whom keys of the importing source mean.
type cache struct {
	keys map[string]known
	// complete says that a key that is not here is not in the store either.
	complete bool
	// identity is the state of merges that keys stand for.
	identity int64
}

func (c *cache) reset(complete bool) {
	c.keys, c.complete = map[string]known{}, complete
}

// keep remembers what a committed batch added.
func (c *cache) keep(added map[string]known) {
	if len(c.keys)+len(added) > cacheSize {
		c.reset(false)
	}
	for key, value := range added {
		if len(c.keys) >= cacheSize {
			c.complete = false
			return
		}
		c.keys[key] = value
	}
}

// follow forgets everything when parties were merged, parted or erased since.
func (c *cache) follow(t *transaction) error {
	identity, err := t.number(`SELECT coalesce(max(next), 0) FROM number_block WHERE name = 'identity'`)
	if err != nil {
		return err
	}
	if identity != c.identity {
		c.reset(false)
		c.identity = identity
	}
	return nil
}

// identityChanged tells running imports that records moved between parties.
func identityChanged(t *transaction) error {
	_, err := t.numbers("identity", 1)
	return err
}
