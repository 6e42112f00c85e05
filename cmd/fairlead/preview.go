package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	controller "github.com/fairlead/fairlead/controllers/outreach"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/sending"
	"github.com/fairlead/fairlead/internal/store"
)

// previewOptions say what is previewed, for whom, and where it goes.
type previewOptions struct {
	storeOptions
	outreach, rule, customer string
	files                    []string
	sendTo, credentials      string
	output                   string
}

func newPreviewCommand() *cobra.Command {
	p := &previewOptions{}
	command := &cobra.Command{
		Use:   "preview {--outreach NAME | --rule NAME} --customer CODE",
		Short: "Show the mail that an Outreach or a rule sends to a customer, or why it sends none",
		Long: `Show the mail that an Outreach sends to a customer, byte for byte, or why it sends
none: who is written to is found by the statements that freeze an audience, and the mail
is made by what workers make it with. Nothing is written to the store.

Before the run is frozen its Message-ID is not known, nor is what is made of it: the line
between text and html. Of a frozen run all bytes are as they are sent but the date.

With --rule it is the Outreach of a CampaignRule as it would be if it were due now,
whatever triggers it; of a series the messages are about the edition that opens next.

The Outreach or rule, its channel, store, policies, segments and exhibition are read from the
namespace of the CustomerStore, or with -f from manifests; with both, manifests come first,
so that a draft can be tried. With --send-to this one mail also goes to an address of
yours, through the channel's server, with the To that it then has: the run knows nothing
of it.

Exit codes: 0 there is a mail, 1 nobody is written to, or something failed, 2 called
wrongly.`,
		Example: `  fairlead preview --outreach opening-notice --customer FL-0000042 \
    -n expo --store-name crm

  fairlead preview --rule rebook-friends --customer FL-0000042 \
    -n expo --store-name crm

  # a draft, as text, before it is applied
  fairlead preview --outreach opening-notice -f draft.yaml -o text \
    --customer FL-0000042 -n expo --store-name crm

  # to look at it in a mail program
  fairlead preview --outreach opening-notice --customer FL-0000042 \
    -n expo --store-name crm --send-to me@airshow.example > /dev/null

  # with a store in a file, and everything from manifests
  kubectl get outreaches,outreachchannels,customerstores,contactpolicies,customersegments,exhibitions,loyaltyprograms \
    -n expo -o yaml | fairlead preview -f - --outreach opening-notice \
    --customer FL-0000042 --store sqlite:///var/lib/fairlead/crm.db`,
		Args:    cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error { return p.check() },
		RunE: func(command *cobra.Command, _ []string) error {
			s, err := p.openChecked(command.Context())
			if err != nil {
				return err
			}
			defer s.Close()
			return p.preview(command.Context(), s.Store, command.InOrStdin(), command.OutOrStdout(), command.ErrOrStderr())
		},
	}
	p.registerAll(command.Flags())
	return command
}

func (p *previewOptions) registerAll(flags *pflag.FlagSet) {
	p.register(flags)
	flags.StringVar(&p.outreach, "outreach", "", "name of an Outreach")
	flags.StringVar(&p.rule, "rule", "", "name of a CampaignRule")
	flags.StringVar(&p.customer, "customer", "", "code of the customer")
	flags.StringArrayVarP(&p.files, "filename", "f", nil, `manifests in YAML or JSON: a file, a folder with all below it, or "-" for the standard input; may be repeated`)
	flags.StringVar(&p.sendTo, "send-to", "", "address that this one mail is sent to as well")
	flags.StringVar(&p.credentials, "credentials-dir", "", "folder with the channel's files username and password, for --send-to (default: the channel's Secret, where a cluster is named)")
	flags.StringVarP(&p.output, "output", "o", "eml", "eml, text or json")
}

// check refuses flags that do not go together.
func (p *previewOptions) check() error {
	switch {
	case p.outreach == "" && p.rule == "":
		return usageError{errors.New("preview what? Pass --outreach NAME or --rule NAME")}
	case p.outreach != "" && p.rule != "":
		return usageError{errors.New("preview which? Pass one of --outreach and --rule")}
	case p.customer == "":
		return usageError{errors.New("for whom? Pass --customer CODE")}
	case !slices.Contains([]string{"eml", "text", "json"}, p.output):
		return usageError{fmt.Errorf("--output %q: want eml, text or json", p.output)}
	case p.credentials != "" && p.sendTo == "":
		return usageError{errors.New("--credentials-dir goes with --send-to")}
	}
	if err := p.storeOptions.check(); err != nil {
		return err
	}
	if len(p.files) == 0 && p.storeName == "" {
		return usageError{errors.New("where is it? Pass -f FILE_OR_FOLDER, or name the store by -n NAMESPACE --store-name NAME")}
	}
	return nil
}

// foreseen is what comes of an Outreach for a customer.
type foreseen struct {
	outreach *crm.Outreach
	plan     *outreach.Plan
	freeze   store.Freeze
	// run is nil until it is frozen.
	run     *store.Run
	seen    store.Preview
	letters []outreach.Letter
}

func (p *previewOptions) preview(ctx context.Context, s *store.Store, stdin io.Reader, out, notes io.Writer) error {
	reader, o, err := p.declared(ctx, stdin)
	if err != nil {
		return err
	}
	f, err := p.foresee(ctx, s, reader, o)
	if err != nil {
		return err
	}
	sendable := slices.DeleteFunc(slices.Clone(f.letters), func(l outreach.Letter) bool { return l.Skipped != "" })
	if len(sendable) > 0 {
		f.note(notes, p.output == "eml")
	}
	if err := p.print(out, f, sendable); err != nil {
		return err
	}
	if len(sendable) == 0 {
		return fmt.Errorf("%s is not written to: %s", f.seen.Customer, f.whyNobody())
	}
	if p.sendTo == "" {
		return nil
	}
	return p.send(ctx, reader, f, sendable[0], notes)
}

// foresee works out what comes of an Outreach for the customer.
func (p *previewOptions) foresee(ctx context.Context, s *store.Store, reader client.Reader, o *crm.Outreach) (f foreseen, err error) {
	if f, err = p.intended(ctx, s, reader, o); err != nil {
		return f, err
	}
	if p.sendTo != "" {
		f.plan.Channel.RedirectTo = p.sendTo
	}
	f.seen, f.letters, err = outreach.Foresee(ctx, s, f.plan, f.freeze, f.run, p.customer, time.Now())
	if err == nil && f.run == nil && len(f.seen.Unknown) > 0 {
		err = fmt.Errorf("the store has not evaluated the segment %s yet: apply it, and wait until it is ready", strings.Join(f.seen.Unknown, ", "))
	}
	return f, err
}

// intended is what is sent, and to whom: of a run that is frozen as it was frozen.
func (p *previewOptions) intended(ctx context.Context, s *store.Store, reader client.Reader, o *crm.Outreach) (f foreseen, err error) {
	f.outreach = o
	attributes, err := s.ToldAttributes(ctx)
	if err != nil {
		return f, err
	}
	f.plan, f.freeze, err = controller.Foresee(ctx, reader, o, attributes)
	if err != nil {
		return f, p.refused(o, err)
	}
	if f.run, err = s.RunByKey(ctx, f.freeze.Key); err != nil {
		return f, err
	}
	if f.run != nil {
		if owner := f.run.Owner; !began(owner, o) {
			return f, fmt.Errorf("spec.runKey: the store has a run under %s that the Outreach %s in the namespace %s began, and one key sends once: choose another key", f.freeze.Key, owner.Name, owner.Namespace)
		}
		// What was frozen is what is sent.
		f.plan, err = outreach.ParsePlan(f.run.Plan)
	}
	return f, err
}

// refused says why nothing can be foreseen.
func (p *previewOptions) refused(o *crm.Outreach, err error) error {
	var refusal *controller.RefusalError
	if !errors.As(err, &refusal) {
		return err
	}
	text := "nothing would be sent of the " + p.kind() + " " + o.Name + ": " + refusal.Message
	if refusal.Reason == crm.ReasonReferenceNotReady && p.storeName == "" {
		text += " What it names is looked for in the files of -f: pass all that it needs."
	}
	return errors.New(text)
}

// began tells whether a run is that of an Outreach. A manifest may say no namespace, and has no
// UID.
func began(owner store.RunOwner, o *crm.Outreach) bool {
	return owner.Name == o.Name && (o.Namespace == "" || owner.Namespace == o.Namespace) && (o.UID == "" || owner.UID == string(o.UID))
}

// send sends a mail to the address that was asked for.
func (p *previewOptions) send(ctx context.Context, reader client.Reader, f foreseen, letter outreach.Letter, notes io.Writer) error {
	smtp := f.plan.Channel.SMTP
	if smtp == nil {
		return usageError{errors.New("--send-to goes with channels of mail, and this one is a webhook")}
	}
	held, err := p.login(ctx, reader, f)
	if err != nil {
		return err
	}
	data := letter.Data
	if smtp.DKIM != nil && held.DKIMKey != nil {
		signer, err := mail.NewSigner(smtp.DKIM.Domain, smtp.DKIM.Selector, held.DKIMKey)
		if err == nil {
			data, err = signer.Append(nil, letter.Data)
		}
		if err != nil {
			return fmt.Errorf("signing it for --send-to: %w", err)
		}
	}
	connection, err := held.Server(f.plan.Channel).Dial(ctx)
	if err != nil {
		return fmt.Errorf("sending it to --send-to: %w", err)
	}
	defer connection.Close()
	outcome := connection.Send(ctx, []mail.Envelope{{From: string(f.plan.Channel.From.Address), To: letter.Envelope, Data: data}}, nil)[0]
	if outcome.State != mail.StateSent {
		return fmt.Errorf("sending it to --send-to: the server %s says %d %s: it is %s", smtp.Host, outcome.Code, outcome.Enhanced, outcome.State)
	}
	_, err = fmt.Fprintf(notes, "Sent to %s through %s. No run knows of it.\n", oneLine(letter.Envelope), smtp.Host)
	return err
}

// login is how the channel's server is greeted, and with what mails are signed: from the
// folder, or else from the Secrets in the cluster.
func (p *previewOptions) login(ctx context.Context, reader client.Reader, f foreseen) (held sending.Credentials, err error) {
	smtp := f.plan.Channel.SMTP
	name := string(smtp.CredentialsSecretName)
	switch {
	case p.credentials != "":
		held, err = sending.ReadCredentials(p.credentials)
		return held, mistaken(err)
	case p.storeName == "" && name != "":
		return held, usageError{fmt.Errorf("the channel's server wants the user name and password of the Secret %s: pass --credentials-dir FOLDER", name)}
	case p.storeName == "":
		return held, nil
	}
	namespace, _, _ := strings.Cut(f.plan.Channel.Name, "/")
	if name != "" {
		var username, password []byte
		if username, err = secretValue(ctx, reader, namespace, name, "username"); err == nil {
			password, err = secretValue(ctx, reader, namespace, name, "password")
		}
		held.Username, held.Password = string(username), string(password)
	}
	if smtp.DKIM != nil && err == nil {
		held.DKIMKey, err = secretValue(ctx, reader, namespace, string(smtp.DKIM.KeySecretName), "private.pem")
	}
	return held, err
}
