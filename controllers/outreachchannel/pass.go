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
	lacks := func(problem *ending) (ending, error) {
		if problem.again == soon {
			known.lack(r.Pace, time.Now())
		}
		return *problem, nil
	}
	// What lets us in; nil for nothing.
	var held *secret
	for i, needed := range needsOf(channel.Spec) {
		read, err := r.secret(ctx, channel.Namespace, needed)
		if err != nil {
			return failed(err)
		}
		if problem := checkSecret(channel, read); problem != nil {
			return lacks(problem)
		}
		if i == 0 {
			held = read
		}
	}
	authorities, problem, err := r.authorities(ctx, channel)
	if err != nil {
		return failed(err)
	}
	if problem != nil {
		return lacks(problem)
	}
	asked := questionOf(channel, held, authorities)
	if known.isDue(asked, time.Now()) {
		found := r.ask(ctx, channel.Spec, held, authorities)
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

// secret reads a Secret that a channel names, by its name; nil if it names none.
func (r *Reconciler) secret(ctx context.Context, namespace string, needed need) (*secret, error) {
	if needed.name == "" {
		return nil, nil
	}
	read := &secret{name: needed.name, keys: needed.keys}
	var object corev1.Secret
	err := r.Client.Get(ctx, types.NamespacedName{Namespace: namespace, Name: needed.name}, &object)
	switch {
	case apierrors.IsNotFound(err):
		read.absent = true
	case apierrors.IsForbidden(err):
		read.forbidden = true
	case err != nil:
		return nil, fmt.Errorf("reading the Secret %s: %w", needed.name, err)
	}
	read.labelled = object.Labels[crm.LabelCredentials] == "true"
	for _, key := range needed.keys {
		read.values = append(read.values, object.Data[key])
	}
	return read, nil
}

// authorities reads the certificates of the authorities that a channel trusts beside those of
// the system; nil if it names none. The problem says what is wrong with them.
func (r *Reconciler) authorities(ctx context.Context, channel *crm.OutreachChannel) (certificates []byte, problem *ending, err error) {
	name := string(channel.Spec.CAConfigMapName)
	if name == "" {
		return nil, nil, nil
	}
	var object corev1.ConfigMap
	err = r.Client.Get(ctx, types.NamespacedName{Namespace: channel.Namespace, Name: name}, &object)
	switch {
	case apierrors.IsNotFound(err):
		return nil, waiting(soon, crm.ReasonReferenceNotReady, "Waiting for the ConfigMap %s, which does not exist yet.", name), nil
	case apierrors.IsForbidden(err):
		return nil, mayNotRead("ConfigMap", name, channel.Namespace), nil
	case err != nil:
		return nil, nil, fmt.Errorf("reading the ConfigMap %s: %w", name, err)
	}
	certificates = []byte(object.Data[keyAuthorities])
	return certificates, checkAuthorities(name, certificates), nil
}

// ask has the server say whether it would take messages, and sends none.
func (r *Reconciler) ask(ctx context.Context, spec crm.OutreachChannelSpec, held *secret, authorities []byte) error {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	roots, err := mail.Authorities(r.RootCAs, authorities)
	if err != nil {
		return err
	}
	if hook := spec.Webhook; hook != nil {
		endpoint := webhook.Endpoint{URL: hook.URL, AllowPrivateAddresses: ptr.Deref(hook.AllowPrivateAddresses, false), RootCAs: roots}
		return endpoint.Check(ctx)
	}
	server := mail.Server{
		Host: spec.SMTP.Host, Port: int(spec.SMTP.Port), TLS: mail.TLSMode(spec.SMTP.TLS), RootCAs: roots,
		Timeouts: mail.Timeouts{Connect: connectLimit, Command: answerLimit},
	}
	if held != nil {
		server.Username, server.Password = string(held.values[0]), string(held.values[1])
	}
	return server.Check(ctx)
}
