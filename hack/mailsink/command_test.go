package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestCommand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "messages")
	foreign := filepath.Join(dir, "notes.eml")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"notes.eml", "20200101T000000.000000Z-00000009.eml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log, stderr := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"--smtp-address", "127.0.0.1:0", "--web-address", "127.0.0.1:0", "--keep", dir, "--newest", "3"}, io.Discard, stderr)
		_ = stderr.Close()
	}()
	lines := bufio.NewScanner(log)
	lines.Scan()
	addresses := regexp.MustCompile(`smtp=(\S+) .*web=(\S+)`).FindStringSubmatch(lines.Text())
	if addresses == nil {
		t.Fatalf("it says %s", lines.Text())
	}
	for i := range 5 {
		text := fmt.Sprintf("Subject: %d\r\n\r\nx\r\n", i+1)
		if err := smtp.SendMail(addresses[1], nil, "a@x.example", []string{"secret@x.example"}, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	response, err := http.Get("http://" + addresses[2] + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	read(t, response, 200)
	cancel()
	said := ""
	for lines.Scan() {
		said += lines.Text()
	}
	if code := <-ended; code != 0 || strings.Contains(said, "@") || !strings.Contains(said, "messages=5") {
		t.Errorf("it has ended with %d: %s", code, said)
	}
	kept, _ := filepath.Glob(filepath.Join(dir, "2*.eml"))
	if len(kept) != 3 {
		t.Fatalf("files are %v", kept)
	}
	for i, path := range kept {
		if content, err := os.ReadFile(path); err != nil || string(content) != fmt.Sprintf("Subject: %d\r\n\r\nx\r\n", i+3) {
			t.Errorf("%s is %q, %v", path, content, err)
		}
	}
	if _, err := os.Stat(foreign); err != nil {
		t.Error(err)
	}
}

func TestWrongUsage(t *testing.T) {
	for name, test := range map[string]struct {
		arguments []string
		code      int
		want      string
	}{
		"stray word":         {[]string{"x"}, 2, "--help"},
		"unknown flag":       {[]string{"--nosuch"}, 2, "--help"},
		"keep nothing":       {[]string{"--newest", "0"}, 2, "--newest"},
		"half a certificate": {[]string{"--tls-cert", "x"}, 2, "go together"},
		"no certificate":     {[]string{"--smtps-address", ":0"}, 2, "--tls-cert"},
		"no such file":       {[]string{"--tls-cert", "/nosuch", "--tls-key", "/nosuch"}, 2, "/nosuch"},
		"half a password":    {[]string{"--username", "x"}, 2, "go together"},
		"no password file":   {[]string{"--username", "x", "--password-file", "/nosuch"}, 2, "/nosuch"},
		"no such address":    {[]string{"--web-address", "127.0.0.1:99999"}, 1, "99999"},
		"no such mail port":  {[]string{"--web-address", "127.0.0.1:0", "--smtp-address", "127.0.0.1:99999"}, 1, "99999"},
		"no folder":          {[]string{"--keep", "/dev/null/x"}, 1, "folder"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			if code := run(t.Context(), test.arguments, io.Discard, &stderr); code != test.code || !strings.Contains(stderr.String(), test.want) {
				t.Errorf("code %d, want %d: %s", code, test.code, stderr.String())
			}
		})
	}
}
