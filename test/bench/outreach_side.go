package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/sending"
	"github.com/fairlead/fairlead/internal/store"
)

// sideVariable makes this program do one task in a process of its own, whose memory is then
// known.
const sideVariable = "FAIRLEAD_BENCH_TASK"

// The roles that it may have.
const (
	roleBlaster = "blaster"
	roleWorker  = "worker"
)

// sideTask is what to do.
type sideTask struct {
	Role string
	// Sink and Messages are the blaster's.
	Sink     string
	Messages int
	// Store and Key are the worker's, and Profile a file for what it spent its time on.
	Store, Key, Profile string
}

// sideReport is how long it took, without the start of the process, and the most memory it
// had, in bytes.
type sideReport struct {
	Took   time.Duration
	Memory int64
}

// beSide does what the variable says.
func beSide(ctx context.Context, told string) error {
	var task sideTask
	if err := json.Unmarshal([]byte(told), &task); err != nil {
		return err
	}
	if task.Profile != "" {
		file, err := os.Create(task.Profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	began := time.Now()
	do := blast
	if task.Role == roleWorker {
		do = work
	}
	if err := do(ctx, task); err != nil {
		return err
	}
	report := sideReport{Took: time.Since(began)}
	var err error
	if report.Memory, err = peakMemory(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(report)
}

// peakMemory is the most memory that this process had, in bytes. What the parent is told is no
// less than its own memory when it began the process.
func peakMemory() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	return memoryIn(string(status), "VmHWM:")
}

// memoryIn is a figure of /proc/PID/status, in bytes.
func memoryIn(status, name string) (int64, error) {
	_, after, _ := strings.Cut(status, name)
	line, _, _ := strings.Cut(after, "kB")
	kibibytes, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	return kibibytes << 10, err
}

// work sends a run as fairlead-send does.
func work(ctx context.Context, task sideTask) error {
	debug.SetGCPercent(sending.CollectAt)
	s, err := store.Open(ctx, task.Store, sending.StoreOptions())
	if err != nil {
		return err
	}
	defer s.Close()
	keyset, err := sensitive.Generate()
	if err != nil {
		return err
	}
	worker := outreach.Worker{
		Store: s, Key: task.Key, Idle: time.Nanosecond, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Server: func(plan *outreach.Plan) mail.Server {
			return mail.Server{Host: plan.Channel.SMTP.Host, Port: int(plan.Channel.SMTP.Port), TLS: mail.TLSNone}
		},
		LinkKeyset: keyset,
	}
	return worker.Work(ctx)
}

// blast sends mails of the worker's size, and waits for the reply to each command.
func blast(_ context.Context, task sideTask) error {
	data := blastedMail()
	var next atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, connections)
	for range connections {
		group.Go(func() {
			if err := blastOver(task, data, &next); err != nil {
				failures <- err
			}
		})
	}
	group.Wait()
	select {
	case err := <-failures:
		return err
	default:
		return nil
	}
}

func blastOver(task sideTask, data []byte, next *atomic.Int64) error {
	conn, err := net.Dial("tcp", task.Sink) //nolint:noctx // it ends with the process
	if err != nil {
		return err
	}
	defer conn.Close()
	replies := bufio.NewReader(conn)
	say := func(text []byte) error {
		if len(text) > 0 {
			if _, err := conn.Write(text); err != nil {
				return err
			}
		}
		for {
			line, err := replies.ReadSlice('\n')
			switch {
			case err != nil:
				return err
			case line[0] != '2' && line[0] != '3':
				return fmt.Errorf("the sink says %q", line)
			case line[3] == ' ':
				return nil
			}
		}
	}
	for _, text := range []string{"", "EHLO blaster.example\r\n"} {
		if err := say([]byte(text)); err != nil {
			return err
		}
	}
	var recipient []byte
	for n := next.Add(1); n <= int64(task.Messages); n = next.Add(1) {
		recipient = fmt.Appendf(recipient[:0], "RCPT TO:<blasted%d@firm.example>\r\n", n)
		for _, text := range [][]byte{[]byte("MAIL FROM:<hello@airshow.example>\r\n"), recipient, []byte("DATA\r\n"), data} {
			if err := say(text); err != nil {
				return err
			}
		}
	}
	return say([]byte("QUIT\r\n"))
}

// blastedMail is one mail of the worker's size, with the line that ends it.
func blastedMail() []byte {
	var mail bytes.Buffer
	mail.WriteString("From: Airshow <hello@airshow.example>\r\nTo: somebody@firm.example\r\nSubject: Your stand\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n" +
		"List-Unsubscribe: <https://airshow.example/u/AQ4tq5cKJH6tCkcVQ2sZxY8o0eFMwKJH6tCkcVQ2sZxY8o0eFMwKJH6tCkcVQ2sZxY8o0eFMw>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n")
	for mail.Len() < blastedSize {
		mail.WriteString("<p style=\"margin:0 0 1em\">the stand of your firm in hall 7 is kept for you until Friday.</p>\r\n")
	}
	mail.WriteString(".\r\n")
	return mail.Bytes()
}

// blastedSize is how large the worker's mails are, in bytes.
const blastedSize = 2080
