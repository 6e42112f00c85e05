package outreachchannel

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/outreach/webhook"
)

// Bounds of one check. Servers that make strangers wait do so for some seconds.
const (
	checkLimit   = 40 * time.Second
	connectLimit = 10 * time.Second
	answerLimit  = 30 * time.Second
)

// pass looks at a channel and all that it needs. The error is one of the API
// server's, for which the caller's back-off is right.
func (r *Reconciler) pass(ctx context.Context, channel *crm.OutreachChannel, known *remembered) (ending, error) {
	failed := func(err error) (ending, error) {
		return ending{contract.Waiting(crm.ReasonFailed, err.Error()), soon}, err
	}
	if came := atRest(channel); came != nil {
		known.forget()
		return *came, nil
	}
	declared, err := r.store(ctx, channel)
	if err != nil {
		return failed(err)
	}
	if problem := checkStore(channel, declared); problem != nil {
		return *problem, nil
	}
	if came := dryRun(channel.Spec.Delivery); came != nil {
		return *came, nil
	}
	held, err := r.secret(ctx, channel)
	if err != nil {
		return failed(err)
	}
	if problem := checkSecret(channel.Namespace, held); problem != nil {
		if problem.again == soon {
			known.lack(r.Pace, time.Now())
		}
		return *problem, nil
	}
	asked := questionOf(channel, held)
	if known.isDue(asked, time.Now()) {
		found := r.ask(ctx, channel.Spec, held)
		if ctx.Err() != nil {
			return failed(ctx.Err())
		}
		known.learn(asked, found, endingOf(channel.Spec, found).again, r.Pace, time.Now())
	}
	return endingOf(channel.Spec, known.found), nil
}

// store reads the CustomerStore that a channel names; nil while it does not exist.
func (r *Reconciler) store(ctx context.Context, channel *crm.OutreachChannel) (*crm.CustomerStore, error) {
	declared := &crm.CustomerStore{}
	err := r.Client.Get(ctx, types.NamespacedName{Namespace: channel.Namespace, Name: string(channel.Spec.StoreName)}, declared)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading the CustomerStore: %w", err)
	}
	return declared, nil
}

// secret reads the Secret that a channel names, by its name; nil if it names none.
func (r *Reconciler) secret(ctx context.Context, channel *crm.OutreachChannel) (*secret, error) {
	name, keys := secretOf(channel.Spec)
	if name == "" {
		return nil, nil
	}
	read := &secret{name: name, keys: keys}
	var object corev1.Secret
	err := r.Client.Get(ctx, types.NamespacedName{Namespace: channel.Namespace, Name: name}, &object)
	switch {
	case apierrors.IsNotFound(err):
		read.absent = true
	case apierrors.IsForbidden(err):
		read.forbidden = true
	case err != nil:
		return nil, fmt.Errorf("reading the Secret %s: %w", name, err)
	}
	read.labelled = object.Labels[crm.LabelCredentials] == "true"
	for _, key := range keys {
		read.values = append(read.values, object.Data[key])
	}
	return read, nil
}

// ask has the server say whether it would take messages, and sends none.
func (r *Reconciler) ask(ctx context.Context, spec crm.OutreachChannelSpec, held *secret) error {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	if hook := spec.Webhook; hook != nil {
		endpoint := webhook.Endpoint{URL: hook.URL, AllowPrivateAddresses: ptr.Deref(hook.AllowPrivateAddresses, false), RootCAs: r.RootCAs}
		return endpoint.Check(ctx)
	}
	server := mail.Server{
		Host: spec.SMTP.Host, Port: int(spec.SMTP.Port), TLS: mail.TLSMode(spec.SMTP.TLS), RootCAs: r.RootCAs,
		Timeouts: mail.Timeouts{Connect: connectLimit, Command: answerLimit},
	}
	if held != nil {
		server.Username, server.Password = string(held.values[0]), string(held.values[1])
	}
	return server.Check(ctx)
}
