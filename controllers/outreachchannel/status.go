package outreachchannel

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/outreach/webhook"
)

func stalled(when again, reason, format string, args ...any) *ending {
	return &ending{contract.Stalled(reason, fmt.Sprintf(format, args...)), when}
}

func waiting(when again, reason, format string, args ...any) *ending {
	return &ending{contract.Waiting(reason, fmt.Sprintf(format, args...)), when}
}

func ready(when again, reason, message string) *ending {
	return &ending{contract.Ready(reason, message), when}
}

// atRest is how a pass ends that needs to look at nothing but the channel itself.
func atRest(channel *crm.OutreachChannel) *ending {
	if ptr.Deref(channel.Spec.Suspend, false) {
		return ready(whenChanged, crm.ReasonSuspended, "Suspended: nothing is claimed for this channel until spec.suspend is removed.")
	}
	return urlProblem(channel.Spec)
}

// Mistakes are what is wrong with a channel whatever its server says.
func Mistakes(spec crm.OutreachChannelSpec) []contract.Mistake {
	if problem := urlProblem(spec); problem != nil {
		return problem.verdict.Mistakes("spec.webhook.url")
	}
	return nil
}

// urlProblem says that the address in the URL of a webhook is not public, if so. Where
// a name leads is seen when the server is asked.
func urlProblem(spec crm.OutreachChannelSpec) *ending {
	if spec.Webhook == nil || ptr.Deref(spec.Webhook.AllowPrivateAddresses, false) {
		return nil
	}
	parsed, err := url.Parse(spec.Webhook.URL)
	if err != nil {
		return nil
	}
	address, err := netip.ParseAddr(parsed.Hostname())
	if err != nil || webhook.IsPublic(address) {
		return nil
	}
	return privateAddress(whenChanged, fmt.Sprintf("%s is an address that is not public", address))
}

func privateAddress(when again, what string) *ending {
	return stalled(when, crm.ReasonPrivateAddress,
		"spec.webhook.url: %s: name a public host, or set spec.webhook.allowPrivateAddresses if this is meant.", what)
}

// dryRun is how a pass ends whose channel sends nothing: it needs neither a Secret nor a
// server, and can be tried before there are any. nil if it does send.
func dryRun(delivery crm.Delivery) *ending {
	if delivery != crm.DeliveryDryRun {
		return nil
	}
	return ready(whenChanged, crm.ReasonReady, "Delivery is DryRun: no message leaves. Neither Secret nor server was looked at.")
}

// checkStore says that a channel has to wait for its store, if so.
func checkStore(channel *crm.OutreachChannel, declared *crm.CustomerStore) *ending {
	switch {
	case declared == nil:
		return waiting(whenChanged, crm.ReasonReferenceNotReady, "Waiting for the CustomerStore %s, which does not exist yet.", channel.Spec.StoreName)
	case !contract.IsReady(declared.Status.ObservedStatus):
		return waiting(whenChanged, crm.ReasonReferenceNotReady, "Waiting for the CustomerStore %s to become ready.", channel.Spec.StoreName)
	default:
		return nil
	}
}

// checkSecret finds what is wrong with the Secret of a channel. Nobody watches Secrets,
// so each mistake is looked at again.
func checkSecret(channel *crm.OutreachChannel, held *secret) *ending {
	switch {
	case held == nil:
		return nil
	case held.forbidden:
		return mayNotRead("Secret", held.name, channel.Namespace)
	case held.absent:
		return waiting(soon, crm.ReasonReferenceNotReady, "Waiting for the Secret %s, which does not exist yet.", held.name)
	case !held.labelled:
		return stalled(regularly, crm.ReasonCredentialsNotAllowed,
			`The Secret %s must carry the label %s: "true" to be used: set it if the Secret is meant for channels.`, held.name, crm.LabelCredentials)
	}
	invalid := func(format string, args ...any) *ending {
		return stalled(regularly, crm.ReasonInvalidSecret, "The Secret %s %s.", held.name, fmt.Sprintf(format, args...))
	}
	var missing []string
	for i, key := range held.keys {
		if len(bytes.TrimSpace(held.values[i])) == 0 {
			missing = append(missing, key)
		}
	}
	if len(missing) > 0 {
		return invalid("has nothing under the key %s", strings.Join(missing, ", nor under "))
	}
	for i, key := range held.keys {
		if problem := valueProblem(channel.Spec, key, held.values[i]); problem != "" {
			return invalid("has %s", problem)
		}
	}
	return nil
}

// valueProblem says what is wrong with what a Secret has under a key, and never what stands
// there; "" for nothing.
func valueProblem(spec crm.OutreachChannelSpec, key string, value []byte) string {
	switch key {
	case keySigning:
		if _, err := webhook.ParseSecret(value); err != nil {
			return fmt.Sprintf("no usable secret under the key %s: %v", key, err)
		}
	case keyDKIM:
		if _, err := mail.NewSigner(spec.SMTP.DKIM.Domain, spec.SMTP.DKIM.Selector, value); err != nil {
			return fmt.Sprintf("no usable key under %s: %v", key, err)
		}
	default:
		if bytes.ContainsAny(value, "\r\n\x00") {
			return fmt.Sprintf("a line break under the key %s: take it out, files often end with one", key)
		}
	}
	return ""
}

// checkAuthorities says what is wrong with the certificates that a ConfigMap has, if anything is.
func checkAuthorities(name string, certificates []byte) *ending {
	if _, err := mail.Authorities(x509.NewCertPool(), certificates); err != nil || len(certificates) == 0 {
		return stalled(regularly, crm.ReasonInvalidAuthority, "The ConfigMap %s has no certificate in PEM under the key %s: put that of the authority there.", name, keyAuthorities)
	}
	return nil
}

func mayNotRead(kind, name, namespace string) *ending {
	return waiting(soon, crm.ReasonReferenceNotReady,
		"The manager may not read the %s %s: make the namespace a tenant with kubectl apply -n %s -k config/tenant.", kind, name, namespace)
}

// endingOf is how a pass ends whose server was asked, by what came of that.
func endingOf(spec crm.OutreachChannelSpec, found error) ending {
	var server *mail.ChannelError
	var endpoint *webhook.EndpointError
	switch {
	case found == nil && spec.Webhook != nil:
		return *ready(regularly, crm.ReasonReady, "The host of the webhook answers and proves who it is. Nothing was posted to it.")
	case found == nil:
		return *ready(regularly, crm.ReasonReady, "The server answers and lets us in. Nothing was sent to it.")
	case errors.As(found, &server):
		return serverProblem(spec.SMTP, server)
	case errors.As(found, &endpoint):
		return endpointProblem(endpoint)
	default:
		return *waiting(soon, crm.ReasonFailed, "Asking the server: %v.", found)
	}
}

// mendable are the troubles with a mail server that a person must mend, and their reasons.
var mendable = map[mail.Trouble]string{
	mail.TroubleNotSMTP:        crm.ReasonNotSMTP,
	mail.TroubleRefused:        crm.ReasonServerRefused,
	mail.TroubleNoStartTLS:     crm.ReasonStartTLSMissing,
	mail.TroubleTLS:            crm.ReasonTLSFailed,
	mail.TroubleCertificate:    crm.ReasonInvalidCertificate,
	mail.TroubleAuthentication: crm.ReasonAuthenticationFailed,
}

// serverProblem says why a mail server cannot be used.
func serverProblem(smtp *crm.SMTP, found *mail.ChannelError) ending {
	// What changes from one attempt to the next would have the status written each time.
	plain := *found
	plain.Err = lasting(found.Err)
	switch reason := mendable[found.Trouble]; {
	case found.Temporary(), found.Trouble == mail.TroubleTLS && brokenOff(found.Err):
		return *unreachable(plain.Error())
	case reason == "":
		// The API server lets no such settings in, so this is no mistake of the user's.
		return *waiting(soon, crm.ReasonFailed, "spec.smtp: %v.", &plain)
	case reason == crm.ReasonAuthenticationFailed && smtp.CredentialsSecretName != "":
		return *stalled(regularly, reason, "The Secret %s does not let us in: %v.", smtp.CredentialsSecretName, &plain)
	default:
		return *stalled(regularly, reason, "spec.smtp: %v.", &plain)
	}
}

// endpointProblem says why the endpoint of a webhook cannot be used.
func endpointProblem(found *webhook.EndpointError) ending {
	plain := *found
	plain.Err = lasting(found.Err)
	switch {
	case found.Trouble == webhook.TroubleUnreachable, found.Trouble == webhook.TroubleTLS && brokenOff(found.Err):
		return *unreachable(plain.Error())
	case found.Trouble == webhook.TroublePrivateAddress:
		return *privateAddress(regularly, plain.Error())
	case found.Trouble == webhook.TroubleCertificate:
		return *stalled(regularly, crm.ReasonInvalidCertificate, "spec.webhook.url: %v.", &plain)
	case found.Trouble == webhook.TroubleTLS:
		return *stalled(regularly, crm.ReasonTLSFailed, "spec.webhook.url: %v.", &plain)
	default:
		return *waiting(soon, crm.ReasonFailed, "spec.webhook.url: %v.", &plain)
	}
}

func unreachable(what string) *ending {
	return waiting(soon, crm.ReasonUnreachable, "The server cannot be used now: %s; it is tried again by itself.", what)
}

// Problem says why nothing may be sent through a channel now, as its controller found;
// nil if it may be. That it was ready once is not enough: the present generation has to
// have been looked at, and Suspended is ready as well.
func Problem(channel *crm.OutreachChannel) error {
	found := meta.FindStatusCondition(channel.Status.Conditions, crm.ConditionReady)
	switch {
	case channel.DeletionTimestamp != nil:
		return fmt.Errorf("the OutreachChannel %s is being deleted", channel.Name)
	case found == nil || channel.Status.ObservedGeneration != channel.Generation || found.ObservedGeneration != channel.Generation:
		return fmt.Errorf("the OutreachChannel %s has not been looked at as it stands", channel.Name)
	case !contract.IsReady(channel.Status.ObservedStatus):
		return fmt.Errorf("the OutreachChannel %s is not ready: %s", channel.Name, found.Reason)
	case found.Reason != crm.ReasonReady:
		return fmt.Errorf("the OutreachChannel %s lets nothing be sent: %s", channel.Name, found.Reason)
	default:
		return nil
	}
}

// event is something to announce.
type event struct{ kind, reason, note string }

// transitions between two statuses that are worth an event: the channel stalls, can be
// used, or cannot be used any more.
func transitions(before, after crm.OutreachChannelStatus) []event {
	if now := contract.StalledNow(before.Conditions, after.Conditions); now != nil {
		return []event{{corev1.EventTypeWarning, now.Reason, now.Message}}
	}
	was, is := meta.FindStatusCondition(before.Conditions, crm.ConditionReady), meta.FindStatusCondition(after.Conditions, crm.ConditionReady)
	wasReady, isReady := contract.IsReady(before.ObservedStatus), contract.IsReady(after.ObservedStatus)
	switch {
	case isReady && (!wasReady || was.Reason != is.Reason):
		return []event{{corev1.EventTypeNormal, is.Reason, is.Message}}
	case wasReady && !isReady:
		return []event{{corev1.EventTypeWarning, is.Reason, is.Message}}
	default:
		return nil
	}
}
