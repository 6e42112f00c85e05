package store

import "context"

// Hold takes the locks of somebody who is at work on profiles or segments, until the
// release.
func (s *Store) Hold(ctx context.Context, what string) (release func(), err error) {
	t, err := s.begin(ctx, nil)
	if err != nil {
		return nil, err
	}
	take := map[string]func(*transaction) error{
		"refresh": s.dialect.lockRefresh, "portion": s.dialect.lockPortion, "writing": s.dialect.lockGeneration, "segments": s.dialect.lockSegments,
		"nothing": func(*transaction) error { return nil },
	}[what]
	if err := take(t); err != nil {
		t.end()
		return nil, err
	}
	return t.end, nil
}
