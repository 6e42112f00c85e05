package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/controllers/lint"
)

// declared finds the Outreach, and what reads all that it names.
func (p *previewOptions) declared(ctx context.Context, stdin io.Reader) (client.Reader, *crm.Outreach, error) {
	reader := &declarations{}
	if p.storeName != "" {
		cluster, namespace, err := p.cluster()
		if err != nil {
			return nil, nil, err
		}
		reader.Reader, reader.namespace = cluster, namespace
	}
	if slices.Contains(p.files, "-") {
		stdin = interruptible(ctx, stdin)
	}
	var err error
	if reader.objects, err = readFiles(p.files, []string{"Outreach", "OutreachChannel", "CustomerStore", "ContactPolicy", "CustomerSegment", "Exhibition"}, stdin); err != nil {
		return nil, nil, usageError{fmt.Errorf("-f: %w", err)}
	}
	if err := onceEach(reader.objects); err != nil {
		return nil, nil, usageError{fmt.Errorf("-f: %w", err)}
	}
	o, err := p.find(ctx, reader)
	if err == nil && p.storeName != "" && string(o.Spec.StoreName) != p.storeName {
		err = usageError{fmt.Errorf("the Outreach %s is of the CustomerStore %s: pass --store-name %[2]s", o.Name, o.Spec.StoreName)}
	}
	return reader, o, err
}

// find finds the Outreach: in the manifests, or in the cluster.
func (p *previewOptions) find(ctx context.Context, reader *declarations) (*crm.Outreach, error) {
	var found []*crm.Outreach
	for _, object := range reader.objects {
		if o, is := object.Object.(*crm.Outreach); is && o.Name == p.outreach && (reader.namespace == "" || o.Namespace == "" || o.Namespace == reader.namespace) {
			found = append(found, o)
		}
	}
	switch {
	case len(found) > 1:
		return nil, usageError{fmt.Errorf("-f: there are Outreaches called %s in several namespaces: pass the manifests of one", p.outreach)}
	case len(found) == 1:
		return found[0], nil
	case reader.Reader == nil:
		return nil, usageError{fmt.Errorf("-f: there is no Outreach called %s in %s", p.outreach, strings.Join(p.files, ", "))}
	}
	o := &crm.Outreach{}
	switch err := reader.Reader.Get(ctx, client.ObjectKey{Namespace: reader.namespace, Name: p.outreach}, o); {
	case apierrors.IsNotFound(err):
		return nil, fmt.Errorf("namespace %s has no Outreach called %s", reader.namespace, p.outreach)
	case err != nil:
		return nil, fmt.Errorf("reading the Outreach: %w", err)
	}
	return o, nil
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
			return nil
		}
	}
	if d.Reader == nil {
		return apierrors.NewNotFound(schema.GroupResource{Group: crm.GroupVersion.Group, Resource: kind}, key.Name)
	}
	return d.Reader.Get(ctx, client.ObjectKey{Namespace: cmp.Or(key.Namespace, d.namespace), Name: key.Name}, into, options...)
}

// List finds nothing in manifests: what is listed, a preview does not look at.
func (d *declarations) List(context.Context, client.ObjectList, ...client.ListOption) error {
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
