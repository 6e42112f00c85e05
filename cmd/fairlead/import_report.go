package main

import (
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/fairlead/fairlead/internal/store"
)

// importReport is what an import came to.
type importReport struct {
	File   string `json:"file"`
	Source string `json:"source"`
	Entity string `json:"entity"`
	DryRun bool   `json:"dryRun"`
	store.Tally
	// Ignored rows are those that the mapping leaves out on purpose.
	Ignored     int64    `json:"ignored"`
	RejectsFile string   `json:"rejectsFile,omitempty"`
	Warnings    []string `json:"warnings,omitempty"`
	Seconds     float64  `json:"seconds"`
}

// print writes the report: a table for people, or JSON.
func (r importReport) print(out, notes io.Writer, format string) error {
	if format == "json" {
		return writeJSON(out, r)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintln(notes, "warning:", warning)
	}
	did := "Imported"
	if r.DryRun {
		did = "Nothing was changed. This would import"
	}
	fmt.Fprintf(out, "%s %s as %s of source %s (%.1f s)\n", did, r.File, r.Entity, r.Source, r.Seconds)
	line := func(name string, rows int64, always bool) {
		if rows > 0 || always {
			fmt.Fprintf(out, "  %-30s %12d\n", name, rows)
		}
	}
	line("read", r.Read, true)
	line("new", r.New, true)
	line("changed", r.Changed, true)
	line("unchanged", r.Unchanged, true)
	line("of these about erased persons", r.Erased, false)
	line("rejected", r.Rejected, true)
	line("ignored by the mapping", r.Ignored, false)
	line("withdrawn", r.Withdrawn, false)
	line("parties made", r.Parties, false)
	line("look-alikes to review", r.Candidates, false)
	if r.Candidates > 0 && !r.DryRun {
		fmt.Fprintln(out, "See the look-alikes by: fairlead customer candidates list")
	}
	return nil
}

// progressEvery is how often progress is told where no terminal watches.
const progressEvery = 10 * time.Second

// progress tells how far an import is: a bar on a terminal, a line now and then
// elsewhere.
type progress struct {
	bar   *progressbar.ProgressBar
	notes io.Writer
	size  int64
	next  time.Time
}

// newProgress begins to tell; size is 0 where it is not known.
func newProgress(notes io.Writer, size int64, name string) *progress {
	p := &progress{notes: notes, size: size, next: time.Now().Add(progressEvery)}
	if onTerminal(notes) {
		total := size
		if total == 0 {
			total = -1
		}
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(notes), progressbar.OptionSetDescription(name),
			progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(true), progressbar.OptionFullWidth())
		// Whoever waits for other writers, or for a first row, sees that it has begun.
		_ = p.bar.RenderBlank()
	}
	return p
}

// onTerminal tells whether a person watches.
func onTerminal(notes io.Writer) bool {
	file, is := notes.(*os.File)
	return is && term.IsTerminal(int(file.Fd()))
}

// at says how many bytes and rows are done.
func (p *progress) at(bytes, rows int64) {
	if p.bar != nil {
		// A bar that cannot be drawn must not end an import.
		_ = p.bar.Set64(bytes)
		return
	}
	if now := time.Now(); now.After(p.next) {
		p.next = now.Add(progressEvery)
		if p.size > 0 {
			fmt.Fprintf(p.notes, "%d rows, %d %%\n", rows, 100*bytes/p.size)
		} else {
			fmt.Fprintf(p.notes, "%d rows\n", rows)
		}
	}
}

// finish takes the bar away.
func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// startProfile begins a profile of the processor's time; "" for none.
func startProfile(name string) (stop func(), err error) {
	if name == "" {
		return func() {}, nil
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, usageError{fmt.Errorf("--cpu-profile: %w", err)}
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		file.Close()
		return nil, fmt.Errorf("--cpu-profile: %w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		file.Close()
	}, nil
}
