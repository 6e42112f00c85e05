package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// logged is what a program logs while it runs.
type logged struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (l *logged) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes.Write(data)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes.String()
}

// TestGateway: it answers until it is to stop, and says whether it can.
func TestGateway(t *testing.T) {
	folder := t.TempDir()
	url, keyset := "sqlite://"+filepath.Join(folder, "crm.db"), filepath.Join(folder, "links.json")
	if code := run(t.Context(), []string{"migrate", "--store", url}, io.Discard, t.Output()); code != exitOK {
		t.Fatalf("migrate ends with %d", code)
	}
	if code := run(t.Context(), []string{"keyset", "create", keyset}, io.Discard, t.Output()); code != exitOK {
		t.Fatalf("keyset create ends with %d", code)
	}
	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no store":     {[]string{"--keyset", keyset}, exitUsage, "which store? Pass --store URL"},
		"no keys":      {[]string{"--store", url}, exitUsage, "Pass --keyset FILE; fairlead keyset create makes one"},
		"an address":   {[]string{"--store", url, "--keyset", keyset, "--addr", "here"}, exitUsage, `--addr "here": want [HOST]:PORT`},
		"no such file": {[]string{"--store", url, "--keyset", keyset + "x", "--addr", "127.0.0.1:0", "--probe-addr", "127.0.0.1:0"}, exitUsage, "--keyset: reading the keyset of links"},
		"no keyset":    {[]string{"--store", url, "--keyset", filepath.Join(folder, "crm.db")}, exitUsage, "--keyset: reading the keyset: it is not JSON"},
		"no database":  {[]string{"--store", url + "x", "--keyset", keyset}, exitFailed, "fairlead migrate makes it"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			if code := run(t.Context(), append([]string{"gateway"}, test.args...), io.Discard, &stderr); code != test.code || !strings.Contains(stderr.String(), test.want) {
				t.Errorf("it ends with %d and says %q, want %d and %q", code, stderr.String(), test.code, test.want)
			}
		})
	}

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log, ended := &logged{}, make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"gateway", "--store", url, "--keyset", keyset, "--addr", "127.0.0.1:0", "--probe-addr", "127.0.0.1:0"}, io.Discard, log)
	}()
	public, probes := listening(t, log, ended)
	for _, ask := range []struct {
		url, want string
		code      int
	}{
		{"http://" + public + "/u/x", "This link does not work.", 404}, {"http://" + public + "/healthz", "This link does not work.", 404},
		{"http://" + probes + "/healthz", "ok", 200}, {"http://" + probes + "/readyz", "ok", 200},
		{"http://" + probes + "/metrics", `fairlead_gateway_requests_total{code="404",door="unsubscribe"} 1`, 200}, {"http://" + probes + "/u/x", "not found", 404},
	} {
		if code, body := fetch(t, ask.url); code != ask.code || !strings.Contains(body, ask.want) {
			t.Errorf("%s gives %d: %s", ask.url, code, body)
		}
	}
	stop()
	if code := <-ended; code != exitOK {
		t.Errorf("it ends with %d: %s", code, log)
	}
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

var listens = regexp.MustCompile(`"address":"([^"]+)","probes":"([^"]+)"`)

// listening waits until the gateway has said where it answers.
func listening(t *testing.T, log *logged, ended <-chan int) (public, probes string) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		if found := listens.FindStringSubmatch(log.String()); found != nil {
			return found[1], found[2]
		}
		select {
		case code := <-ended:
			t.Fatalf("it ended with %d: %s", code, log)
		case <-t.Context().Done():
			t.Fatal("it does not listen")
		case <-ticker.C:
		}
	}
}
