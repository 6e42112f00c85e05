package store

import (
	"errors"
	"fmt"
	"net"
	"testing"
)

// TestWithoutSecrets: what a failure to connect says is the same each time, and
// does not repeat what was put around it.
func TestWithoutSecrets(t *testing.T) {
	server := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 5432}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"a broken connection": {
			&net.OpError{Op: "read", Net: "tcp", Source: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 2), Port: 51234}, Addr: server, Err: errors.New("reset")},
			"read 10.0.0.1:5432: reset",
		},
		"an unknown host": {&net.DNSError{Name: "db.example", Err: "no such host", Server: "10.0.0.53:53"}, "looking up db.example: no such host"},
		"anything else":   {errors.New("closed"), "closed"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := withoutSecrets(fmt.Errorf("user=anna password=secret: %w", test.err)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
