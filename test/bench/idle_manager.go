package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// managerProcess is a manager as its Deployment runs it: it elects itself, is asked whether it is
// ready, and its metrics are read.
type managerProcess struct {
	command *exec.Cmd
	log     string
	// exited is closed when the process has ended, with ended.
	exited chan struct{}
	ended  error
	// metrics and probes are where it serves them.
	metrics, probes string
	stopAsking      context.CancelFunc
}

// stats of a manager at an instant: the CPU time that it has used, and what it has asked for.
type stats struct {
	at                     time.Time
	cpu                    time.Duration
	requests, transactions int64
}

func (b *idleBench) start(ctx context.Context) (*managerProcess, error) {
	m := &managerProcess{log: filepath.Join(b.dir, "manager.log"), exited: make(chan struct{})}
	for _, address := range []*string{&m.metrics, &m.probes} {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		*address = listener.Addr().String()
		if err := listener.Close(); err != nil {
			return nil, err
		}
	}
	log, err := os.Create(m.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	m.command = exec.CommandContext(ctx, b.program, "manager", "--kubeconfig", b.kubeconfig(), "--worker-image", "fairlead:bench",
		"--leader-elect", "--leader-election-namespace", idleNamespace, "--metrics-bind-address", m.metrics, "--health-probe-bind-address", m.probes)
	m.command.Stdout, m.command.Stderr = log, log
	if err := m.command.Start(); err != nil {
		return nil, err
	}
	go func() {
		m.ended = m.command.Wait()
		close(m.exited)
	}()
	asking, stop := context.WithCancel(ctx)
	m.stopAsking = stop
	go m.ask(asking, b)
	return m, nil
}

// end has it end as a kubelet does.
func (m *managerProcess) end() error {
	m.stopAsking()
	if err := m.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-m.exited:
	case <-time.After(30 * time.Second):
		_ = m.command.Process.Kill()
		<-m.exited
	}
	return m.ended
}

func (m *managerProcess) alive() error {
	select {
	case <-m.exited:
		return fmt.Errorf("the manager has ended: %w", errors.Join(m.ended, errors.New("too early")))
	default:
		return nil
	}
}

// explain adds the last words of the manager to an error.
func (m *managerProcess) explain(err error) error {
	log, failed := os.ReadFile(m.log)
	if failed != nil {
		return errors.Join(err, failed)
	}
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	return fmt.Errorf("%w; the manager says last:\n%s", err, strings.Join(lines[max(0, len(lines)-10):], "\n"))
}

// ask what a kubelet and a Prometheus ask: readiness every five seconds, and metrics every thirty.
func (m *managerProcess) ask(ctx context.Context, b *idleBench) {
	for n := 1; sleep(ctx, 5*time.Second) == nil; n++ {
		// Whether it answers is seen where its figures are read.
		_, _ = fetch(ctx, "http://"+m.probes+"/readyz", "")
		if n%6 == 0 {
			_, _ = m.scrape(ctx, b)
		}
	}
}

// scrape reads the metrics.
func (m *managerProcess) scrape(ctx context.Context, b *idleBench) (string, error) {
	return fetch(ctx, "https://"+m.metrics+"/metrics", b.token)
}

// scraping is the CPU time that a scrape takes, on average.
func (m *managerProcess) scraping(ctx context.Context, b *idleBench) (time.Duration, error) {
	const times = 10
	before, err := m.cpu()
	if err != nil {
		return 0, err
	}
	for range times {
		if _, err := m.scrape(ctx, b); err != nil {
			return 0, err
		}
	}
	after, err := m.cpu()
	return (after - before) / times, err
}

// asking trusts the certificate that a manager makes for itself.
var asking = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}

func fetch(ctx context.Context, url, token string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := asking.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s says %s", url, response.Status)
	}
	return string(body), err
}

// statsOf reads what the manager has used and asked for so far.
func (m *managerProcess) statsOf(ctx context.Context, b *idleBench) (s stats, err error) {
	text, err := m.scrape(ctx, b)
	if err != nil {
		return s, errors.Join(m.alive(), err)
	}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if !strings.HasPrefix(lines.Text(), "rest_client_requests_total{") {
			continue
		}
		count, err := strconv.ParseFloat(lines.Text()[strings.LastIndexByte(lines.Text(), ' ')+1:], 64)
		if err != nil {
			return s, err
		}
		s.requests += int64(count)
	}
	if err := b.db.QueryRowContext(ctx, `SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()`).Scan(&s.transactions); err != nil {
		return s, err
	}
	s.at = time.Now()
	s.cpu, err = m.cpu()
	return s, err
}

// cpu is the time that the process has used, to a hundredth of a second.
func (m *managerProcess) cpu() (time.Duration, error) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.command.Process.Pid))
	if err != nil {
		return 0, errors.Join(m.alive(), err)
	}
	// The name of the program, in parentheses, may have spaces; utime and stime are the 14th and 15th.
	fields := strings.Fields(string(line[strings.LastIndexByte(string(line), ')')+1:]))
	const hertz = 100
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / hertz, nil
}

// memory that the process has, and the most that it had, in bytes.
func (m *managerProcess) memory() (present, peak int64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.command.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	if present, err = memoryIn(string(status), "VmRSS:"); err != nil {
		return 0, 0, err
	}
	peak, err = memoryIn(string(status), "VmHWM:")
	return present, peak, err
}

// awaitCalm waits until the manager has done what it had to, and gives the CPU time that it has
// used. One that does not become calm is measured all the same.
func (m *managerProcess) awaitCalm(ctx context.Context) (used time.Duration, err error) {
	if used, err = m.cpu(); err != nil {
		return 0, err
	}
	for limit := time.Now().Add(calmLimit); time.Now().Before(limit); {
		if err := sleep(ctx, calmSpan); err != nil {
			return 0, err
		}
		now, err := m.cpu()
		if err != nil {
			return 0, err
		}
		before := used
		used = now
		if (now - before).Seconds() < calmShare*calmSpan.Seconds() {
			return used, nil
		}
	}
	return used, nil
}
