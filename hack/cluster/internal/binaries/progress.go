package binaries

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Progress tells a person what is being built. On a terminal the seconds
// count up; elsewhere a line marks each start and each end.
type Progress struct {
	out      io.Writer
	terminal bool
}

// NewProgress reports to out.
func NewProgress(out io.Writer) *Progress {
	file, isFile := out.(*os.File)
	return &Progress{out: out, terminal: isFile && isTerminal(file)}
}

func isTerminal(file *os.File) bool {
	_, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	return err == nil
}

func (p *Progress) cached(title string) {
	fmt.Fprintf(p.out, "%s cached\n", title)
}

func (p *Progress) waiting(holder string) {
	if holder == "" {
		holder = "unknown"
	}
	fmt.Fprintf(p.out, "waiting for another build to end (process %s)\n", holder)
}

// start announces a build and returns the function that announces its end.
func (p *Progress) start(title string) func(time.Duration, error) {
	if !p.terminal {
		fmt.Fprintf(p.out, "%s ...\n", title)
		return func(took time.Duration, err error) { p.end(title, took, err) }
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		began := time.Now()
		for {
			fmt.Fprintf(p.out, "\r%s ... %.0f s", title, time.Since(began).Seconds())
			select {
			case <-stop:
				// Clear the counter; the line of the end takes its place.
				fmt.Fprint(p.out, "\r\033[K")
				return
			case <-ticker.C:
			}
		}
	}()
	return func(took time.Duration, err error) {
		close(stop)
		<-stopped
		p.end(title, took, err)
	}
}

func (p *Progress) end(title string, took time.Duration, err error) {
	outcome := "built in"
	if err != nil {
		outcome = "failed after"
	}
	fmt.Fprintf(p.out, "%s ... %s %.0f s\n", title, outcome, took.Seconds())
}
