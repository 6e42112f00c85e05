package mail

import (
	"context"
	"net"
	"sync"
	"time"
)

// wire is a connection of which every read and write ends in time.
type wire struct {
	conn net.Conn
	// mutex guards limit, beyond which no deadline lies. The zero time is none.
	mutex sync.Mutex
	limit time.Time
	// wait is how long the next answer may take, due when it must be there. The
	// clock starts with the first read, so an answer that came along with another
	// costs nothing.
	wait time.Duration
	due  time.Time
	// send is how long writing one block may take.
	send time.Duration
}

// expect starts waiting for an answer.
func (w *wire) expect(wait time.Duration) { w.wait, w.due = wait, time.Time{} }

// Read reads what the server says.
func (w *wire) Read(p []byte) (int, error) {
	if w.due.IsZero() {
		w.due = time.Now().Add(w.wait)
		if err := w.deadline(w.due, w.conn.SetReadDeadline); err != nil {
			return 0, err
		}
	}
	return w.conn.Read(p)
}

// Write writes all, or tells how much of it may have left.
func (w *wire) Write(p []byte) (int, error) {
	if err := w.deadline(time.Now().Add(w.send), w.conn.SetWriteDeadline); err != nil {
		return 0, err
	}
	return w.conn.Write(p)
}

// replace goes on over another connection, such as the encrypted one.
func (w *wire) replace(conn net.Conn) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.conn = conn
}

// deadline sets a deadline within the limit.
func (w *wire) deadline(at time.Time, set func(time.Time) error) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if !w.limit.IsZero() && at.After(w.limit) {
		at = w.limit
	}
	return set(at)
}

// watch leaves only so much time once the context has ended. The function that
// it gives ends the watch and takes the limit away.
func (w *wire) watch(ctx context.Context, drain time.Duration) (release func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.limit = time.Now().Add(drain)
		// A connection that is closed already needs no deadline.
		_ = w.conn.SetDeadline(w.limit)
	})
	return func() {
		if stop() {
			return
		}
		<-done
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.limit = time.Time{}
	}
}
