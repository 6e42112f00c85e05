package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	// drain is how long requests under way may take once the gateway is to stop.
	drain = 15 * time.Second
	// lookAgain is how often the keyset's file is looked at.
	lookAgain = 10 * time.Second
	// readiness bounds the question to the store.
	readiness = 3 * time.Second
)

// Serve answers links at one listener, and probes and scrapes at another, until the context
// ends: then what is under way is answered.
func (g *Gateway) Serve(ctx context.Context, ring *Keyring, public, probes net.Listener) error {
	g.Requests = RequestsTotal()
	registry := prometheus.NewRegistry()
	registry.MustRegister(g.Requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	servers := []struct {
		*http.Server
		at net.Listener
	}{{server(g), public}, {server(g.probes(registry)), probes}}
	ended := make(chan error, len(servers))
	for _, s := range servers {
		go func() { ended <- s.Serve(s.at) }()
	}
	following, stop := context.WithCancel(ctx)
	defer stop()
	go ring.Follow(following, lookAgain, g.Log)
	var err error
	select {
	case <-ctx.Done():
	case err = <-ended:
		err = fmt.Errorf("serving: %w", err)
	}
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	for _, s := range servers {
		err = errors.Join(err, s.Shutdown(draining))
	}
	return err
}

// server bounds what strangers may take.
func server(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 20 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		// What it would log is about connections, and names the addresses of persons. Faults of
		// our own are logged where they happen.
		ErrorLog: log.New(io.Discard, "", 0),
	}
}

// probes tell whether the program is alive, and whether it can work.
func (g *Gateway) probes(registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(response http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(response, "ok\n") })
	mux.HandleFunc("GET /readyz", func(response http.ResponseWriter, request *http.Request) {
		ctx, cancel := context.WithTimeout(request.Context(), readiness)
		defer cancel()
		if err := g.Store.CheckSchema(ctx); err != nil {
			g.Log.Warn("the store cannot be used", "error", err)
			http.Error(response, "the store cannot be used", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(response, "ok\n")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}
