package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/controllers/lint"
	controller "github.com/fairlead/fairlead/controllers/outreach"
	"github.com/fairlead/fairlead/internal/contract"
)

// declared finds the Outreach, and what reads all that it names.
func (p *previewOptions) declared(ctx context.Context, stdin io.Reader) (client.Reader, *crm.Outreach, error) {
	reader := &declarations{}
	if p.storeName != "" {
		cluster, namespace, err := p.connect()
		if err != nil {
			return nil, nil, err
		}
		reader.Reader, reader.namespace = cluster, namespace
	}
	if slices.Contains(p.files, "-") {
		stdin = interruptible(ctx, stdin)
	}
	var err error
	if reader.objects, err = readFiles(p.files, []string{"Outreach", "CampaignRule", "OutreachChannel", "CustomerStore", "ContactPolicy", "CustomerSegment", "Exhibition", "LoyaltyProgram"}, stdin); err != nil {
		return nil, nil, usageError{fmt.Errorf("-f: %w", err)}
	}
	if err := onceEach(reader.objects); err != nil {
		return nil, nil, usageError{fmt.Errorf("-f: %w", err)}
	}
	o, err := p.find(ctx, reader)
	if err == nil && p.storeName != "" && string(o.Spec.StoreName) != p.storeName {
		err = usageError{fmt.Errorf("the %s %s is of the CustomerStore %s: pass --store-name %[3]s", p.kind(), o.Name, o.Spec.StoreName)}
	}
	return reader, o, err
}

// find finds the Outreach, or makes one of the rule, as it would be now.
func (p *previewOptions) find(ctx context.Context, reader *declarations) (*crm.Outreach, error) {
	if p.rule != "" {
		rule := &crm.CampaignRule{}
		if err := p.read(ctx, reader, p.rule, rule); err != nil {
			return nil, err
		}
		return controller.OfRule(ctx, reader, rule, time.Now())
	}
	o := &crm.Outreach{}
	return o, p.read(ctx, reader, p.outreach, o)
}

// kind is that of what is previewed.
func (p *previewOptions) kind() string {
	if p.rule != "" {
		return "CampaignRule"
	}
	return "Outreach"
}

// read reads what is previewed: from the manifests, or from the cluster.
func (p *previewOptions) read(ctx context.Context, reader *declarations, name string, into client.Object) error {
	var found []client.Object
	for _, object := range reader.objects {
		if object.Kind() == p.kind() && object.GetName() == name && (reader.namespace == "" || object.GetNamespace() == "" || object.GetNamespace() == reader.namespace) {
			found = append(found, object.Object)
		}
	}
	switch {
	case len(found) > 1:
		return usageError{fmt.Errorf("-f: there is more than one %s called %s, in several namespaces: pass the manifests of one", p.kind(), name)}
	case len(found) == 1:
		reflect.ValueOf(into).Elem().Set(reflect.ValueOf(found[0]).Elem())
		return nil
	case reader.Reader == nil:
		return usageError{fmt.Errorf("-f: there is no %s called %s in %s", p.kind(), name, strings.Join(p.files, ", "))}
	}
	switch err := reader.Reader.Get(ctx, client.ObjectKey{Namespace: reader.namespace, Name: name}, into); {
	case apierrors.IsNotFound(err):
		return fmt.Errorf("namespace %s has no %s called %s", reader.namespace, p.kind(), name)
	case err != nil:
		return fmt.Errorf("reading the %s: %w", p.kind(), err)
	}
	return nil
}

// declarations reads objects from manifests, and what they do not have from the cluster, if
// there is one.
type declarations struct {
	client.Reader
	namespace string
	objects   []lint.Object
}

// Get reads one object. Those of a namespace are read from there, and those of manifests that
// name none.
func (d *declarations) Get(ctx context.Context, key client.ObjectKey, into client.Object, options ...client.GetOption) error {
	kind := lint.Object{Object: into}.Kind()
	for _, object := range d.objects {
		if object.Kind() == kind && object.GetName() == key.Name && (object.GetNamespace() == key.Namespace || object.GetNamespace() == "") {
			reflect.ValueOf(into).Elem().Set(reflect.ValueOf(object.Object).Elem())
			fillIn(into)
			return d.rememberForce(ctx, into)
		}
	}
	if d.Reader == nil {
		return apierrors.NewNotFound(schema.GroupResource{Group: crm.GroupVersion.Group, Resource: kind}, key.Name)
	}
	return d.Reader.Get(ctx, client.ObjectKey{Namespace: cmp.Or(key.Namespace, d.namespace), Name: key.Name}, into, options...)
}

// rememberForce gives a ContactPolicy of a manifest that is suspended what is in force of it in the
// cluster, if there is one.
func (d *declarations) rememberForce(ctx context.Context, object client.Object) error {
	policy, is := object.(*crm.ContactPolicy)
	if !is || !ptr.Deref(policy.Spec.Suspend, false) || d.Reader == nil {
		return nil
	}
	known := &crm.ContactPolicy{}
	err := d.Reader.Get(ctx, client.ObjectKey{Namespace: d.namespace, Name: policy.Name}, known)
	if err == nil {
		policy.UID, policy.Status.InForce = known.UID, nil
		if bound := contract.InForce(known); bound != nil {
			policy.Status.InForce = &crm.PolicyInForce{Generation: known.Generation, Spec: bound.Spec}
		}
	}
	return client.IgnoreNotFound(err)
}

// List gives Exhibitions and LoyaltyPrograms: those of manifests, and those of the cluster that are
// not among them. Of what else is listed a preview looks at nothing.
func (d *declarations) List(ctx context.Context, into client.ObjectList, options ...client.ListOption) error {
	switch list := into.(type) {
	case *crm.ExhibitionList:
		return listed(ctx, d, list, &list.Items, options)
	case *crm.LoyaltyProgramList:
		return listed(ctx, d, list, &list.Items, options)
	}
	return nil
}

// listed fills a list, of which items are part.
func listed[T any, P interface {
	*T
	client.Object
}](ctx context.Context, d *declarations, list client.ObjectList, items *[]T, options []client.ListOption) error {
	if d.Reader != nil {
		if err := d.Reader.List(ctx, list, append(options, client.InNamespace(d.namespace))...); err != nil {
			return err
		}
	}
	namespace := (&client.ListOptions{}).ApplyOptions(options).Namespace
	for _, object := range d.objects {
		if declared, is := object.Object.(P); is && (object.GetNamespace() == namespace || object.GetNamespace() == "") {
			*items = slices.DeleteFunc(*items, func(item T) bool { return P(&item).GetName() == declared.GetName() })
			*items = append(*items, *declared)
		}
	}
	return nil
}

// fillIn gives a channel of a manifest what the API server would fill in.
func fillIn(object client.Object) {
	channel, is := object.(*crm.OutreachChannel)
	if !is {
		return
	}
	channel.Spec.MessagesPerSecond = cmp.Or(channel.Spec.MessagesPerSecond, 100)
	if smtp := channel.Spec.SMTP; smtp != nil {
		smtp.Port, smtp.TLS, smtp.MaxConnections = cmp.Or(smtp.Port, 587), cmp.Or(smtp.TLS, crm.TLSStartTLS), cmp.Or(smtp.MaxConnections, 10)
	}
}
