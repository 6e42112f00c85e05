package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/gateway"
	"github.com/fairlead/fairlead/internal/logs"
	"github.com/fairlead/fairlead/internal/store"
)

// gatewayConnections of a replica to the database: a request asks two or three short questions.
const gatewayConnections = 4

// gatewayOptions are the gateway's flags.
type gatewayOptions struct {
	url, keyset, address, probes string
	log                          logs.Options
}

func newGatewayCommand() *cobra.Command {
	o := &gatewayOptions{}
	command := &cobra.Command{
		Use:   "gateway --keyset FILE",
		Short: "Answer the links in messages, such as to unsubscribe",
		Long: `Answer the links in messages: one-click unsubscription of mail programs (RFC 8058),
and a page on which a person says what to hear about. Several replicas may run at once.

It serves plain HTTP: what ends TLS stands in front of it, under spec.gateway.publicURL of
the CustomerStore, and passes on paths that end in /u/TOKEN and /p/TOKEN. Probes and metrics
are at an address of their own.

The keyset is the one whose keys made the links: the key "keyset" of the Secret that
spec.gateway.linkKeySecretName names. It is read again when the file changes. On PostgreSQL a
role of its own suffices: spec.postgres.gatewayConnectionSecretName.`,
		Example: `  fairlead keyset create links.json
  fairlead gateway --keyset links.json --store sqlite:///tmp/crm.db --addr 127.0.0.1:8080`,
		Args:    cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error { return o.check() },
		RunE: func(command *cobra.Command, _ []string) error {
			return o.run(command.Context(), command.ErrOrStderr())
		},
	}
	flags := command.Flags()
	flags.StringVar(&o.url, "store", "", "URL of the store: postgres://USER:PASSWORD@HOST/DATABASE or sqlite:///PATH/TO/FILE.db (default: $"+storeVariable+")")
	flags.StringVar(&o.keyset, "keyset", "", "file with the Tink keyset of links")
	flags.StringVar(&o.address, "addr", ":8080", "address at which links are answered")
	flags.StringVar(&o.probes, "probe-addr", ":8081", "address of /healthz, /readyz and /metrics")
	o.log.Register(flags)
	return command
}

// check refuses wrong flags before anything is done.
func (o *gatewayOptions) check() error {
	if o.url == "" {
		o.url = os.Getenv(storeVariable)
	}
	switch {
	case o.url == "":
		return usageError{errors.New("which store? Pass --store URL, or set " + storeVariable)}
	case o.keyset == "":
		return usageError{errors.New("which keys are links made with? Pass --keyset FILE; fairlead keyset create makes one")}
	}
	for flag, address := range map[string]string{"--addr": o.address, "--probe-addr": o.probes} {
		if _, err := net.ResolveTCPAddr("tcp", address); err != nil {
			return usageError{fmt.Errorf("%s %q: want [HOST]:PORT, such as :8080: %w", flag, address, err)}
		}
	}
	return nil
}

// run answers until the context ends. Logs go to out.
func (o *gatewayOptions) run(ctx context.Context, out io.Writer) (err error) {
	logger, err := o.log.Logger(out)
	if err != nil {
		return usageError{err}
	}
	s, err := store.Open(ctx, o.url, store.Options{MaxConnections: gatewayConnections})
	var wrong *store.URLError
	switch {
	case errors.As(err, &wrong):
		return usageError{fmt.Errorf("--store: %s", wrong.Problem)}
	case err != nil:
		return fmt.Errorf("opening the store: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.CheckSchema(ctx); err != nil {
		return err
	}
	mark, err := s.Mark(ctx)
	if err != nil {
		return err
	}
	ring, err := gateway.OpenKeyring(o.keyset, mark.StoreID)
	if err != nil {
		return usageError{fmt.Errorf("--keyset: %w", err)}
	}
	var config net.ListenConfig
	public, err := config.Listen(ctx, "tcp", o.address)
	if err != nil {
		return fmt.Errorf("listening for links: %w", err)
	}
	probes, err := config.Listen(ctx, "tcp", o.probes)
	if err != nil {
		return errors.Join(fmt.Errorf("listening for probes: %w", err), public.Close())
	}
	logger.Info("answering links", "version", version, "address", public.Addr().String(), "probes", probes.Addr().String())
	g := &gateway.Gateway{Store: s, Keys: ring.Keys, Log: logger}
	return g.Serve(ctx, ring, public, probes)
}
