package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// history is a file of who was at four editions, with look-alikes in another
// country, some who share a mailbox, and rows that stand twice.
func history(customers int) string {
	var text strings.Builder
	text.WriteString(participationsHeader)
	for year := 2021; year <= 2024; year++ {
		for n := range customers {
			key, name, country, mailbox := n, n, "DE", n
			switch n % 100 {
			case 97:
				key, name, mailbox = n/2, n/2, n/2
			case 98:
				name, country = n/2, "FR"
			case 99:
				mailbox = n / 2
			}
			fmt.Fprintf(&text, "Aero,%d,%d,Exhibitor %d GmbH,%s,mail@exhibitor%d.example,%d\n", year, key, name, country, mailbox, key%90)
		}
	}
	return text.String()
}

// An import that was killed at any moment and run again leaves what one leaves
// that nothing stopped; and who interrupts one is told so.
func TestStoppedAndRunAgain(t *testing.T) {
	const customers, rows = 12_500, 50_000
	mapping := write(t, "lists.yaml", participations+"- {field: customer.at, value: \"2026-01-05\"}\n")
	content := history(customers)
	file := write(t, "history.csv", content)
	stops := []struct {
		// after so many rows in the store
		rows   int
		signal os.Signal
	}{{1, syscall.SIGKILL}, {12_000, syscall.SIGKILL}, {25_000, os.Interrupt}, {40_000, syscall.SIGKILL}}
	state := func(t *testing.T, url string) map[string][]string {
		all := dump(t, url, "import_run", "store", "number_block", "goose_db_version", "import_id", "found_at", "change_mark")
		// Who is marked several times, and which marks stand in one row, is of no account.
		all["change_mark"] = marked(t, url)
		return all
	}
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		whole := newStore(t)
		all := imported(t, exitOK, whole, mapping, file)
		if all.Read != rows || all.Candidates == 0 || all.Unchanged == 0 {
			t.Errorf("it says %+v", all)
		}
		url := newStore(t)
		for _, stop := range stops {
			// The end of the file is held back: nothing is over before it is stopped.
			command := program(t, "import", "--store", url, "-f", mapping, "-")
			said := begin(t, command, content[:len(content)-len(content)/20])
			reaches(t, url, stop.rows)
			if err := command.Process.Signal(stop.signal); err != nil {
				t.Fatal(err)
			}
			err := command.Wait()
			status, _ := command.ProcessState.Sys().(syscall.WaitStatus)
			switch {
			case stop.signal == syscall.SIGKILL && status.Signal() != syscall.SIGKILL:
				t.Errorf("it was not killed, but ended with %v and said %s", err, said)
			case stop.signal == os.Interrupt && (status.ExitStatus() != exitFailed ||
				said.String() != "fairlead import: interrupted (what was imported before stays; run the same import again)\n"):
				t.Errorf("it ended with %v and said %s", err, said)
			}
		}
		rest := imported(t, exitOK, url, mapping, file)
		if rest.Read != rows || rest.Unchanged < int64(stops[len(stops)-1].rows) || rest.New == 0 {
			t.Errorf("to the end it says %+v", rest)
		}
		sameDump(t, state(t, url), state(t, whole))
	})
}

// marked are the parties whose profile has to be computed again.
func marked(t *testing.T, url string) []string {
	t.Helper()
	db := connect(t, url)
	defer db.Close()
	var parties []string
	for _, row := range query(t, db, `SELECT parties FROM change_mark`) {
		_, list, _ := strings.Cut(strings.TrimSpace(row), "=")
		parties = append(parties, strings.Split(strings.Trim(list, "[]"), ",")...)
	}
	slices.Sort(parties)
	return slices.Compact(parties)
}

// begin starts a command and gives it a text to read that does not end, and
// what the command says on standard error.
func begin(t *testing.T, command *exec.Cmd, text string) *strings.Builder {
	t.Helper()
	said := &strings.Builder{}
	command.Stderr = said
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		// It ends early when the command does.
		_, _ = io.WriteString(stdin, text)
	}()
	return said
}

// reaches waits until so many participations are in a store.
func reaches(t *testing.T, url string, rows int) {
	t.Helper()
	db := connect(t, url)
	defer db.Close()
	err := wait.PollUntilContextTimeout(t.Context(), 5*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		var count int
		err := db.QueryRowContext(ctx, `SELECT count(*) FROM participation`).Scan(&count)
		return count >= rows, err
	})
	if err != nil {
		t.Fatalf("waiting for %d rows: %v", rows, err)
	}
}

// Who interrupts an import that waits for its input does not wait with it.
func TestInterruptedWhileNothingComes(t *testing.T) {
	url, mapping := newSQLite(t), write(t, "lists.yaml", participations)
	for name, text := range map[string]string{"before the header": "", "after the header": participationsHeader} {
		t.Run(name, func(t *testing.T) {
			reader, writer := io.Pipe()
			defer writer.Close()
			ctx, cancel := context.WithCancel(t.Context())
			options := &importOptions{storeOptions: storeOptions{url: url}, mappingFile: mapping, rejectsFile: "rejects.csv", output: "text", file: "-"}
			go func() {
				_, _ = io.WriteString(writer, text)
				cancel()
			}()
			if err := options.run(ctx, reader, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "interrupted") {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}
