package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/attributeuse"
	"github.com/fairlead/fairlead/internal/store"
)

func newAttributesCommand() *cobra.Command {
	options := &storeOptions{}
	var output string
	var unused bool
	var files []string
	command := &cobra.Command{
		Use:   "attributes (-f FILE_OR_FOLDER | --store-name NAME)",
		Short: "Show who uses which attribute, and which attributes nobody uses",
		Long: `Show the attributes that parties have beside their fixed fields: how many parties
hold a value, and which resources name the attribute in an expression or in a
template. What nobody uses need not be collected.

Resources are those of the files that -f names, or with --store-name and without
-f, those in the namespace of the CustomerStore. With both, they are those of the
files whose spec.storeName is that store.

A resource that cannot be read, or that goes through all attributes, may use any:
such attributes are not counted as unused.`,
		Example: `  fairlead store attributes -n expo --store-name crm
  fairlead store attributes --unused -f config/ --store sqlite:///tmp/crm.db
  kustomize build overlays/production | fairlead store attributes -f - \
    --store-name crm -o json`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if len(files) == 0 && options.storeName == "" {
				return usageError{errors.New("used by which resources? Pass -f FILE_OR_FOLDER, or name the store by -n NAMESPACE --store-name NAME for those of its namespace")}
			}
			return nil
		},
	}
	flags := command.Flags()
	registerOutput(flags, &output)
	flags.BoolVar(&unused, "unused", false, "only the attributes that nobody uses")
	flags.StringArrayVarP(&files, "filename", "f", nil, `manifests in YAML or JSON: a file, a folder with all below it, or "-" for the standard input; may be repeated`)
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		resources, err := options.resources(ctx, files, command.InOrStdin())
		if err != nil {
			return err
		}
		attributes, err := s.Attributes(ctx)
		if err != nil {
			return err
		}
		report := reportAttributes(attributes, attributeuse.Find(resources))
		if unused {
			report.Attributes = slices.DeleteFunc(report.Attributes, func(a attributeLine) bool { return !a.unused() })
		}
		if output == "json" {
			return writeJSON(out, report)
		}
		return report.print(out)
	})
}

// resources gives those of the files, or those of the store in the cluster.
func (o *storeOptions) resources(ctx context.Context, files []string, stdin io.Reader) ([]client.Object, error) {
	if len(files) == 0 {
		found, err := o.resourcesOfCluster(ctx)
		return o.ofStore(found), err
	}
	if slices.Contains(files, "-") {
		stdin = interruptible(ctx, stdin)
	}
	found, err := readManifests(files, attributeuse.Kinds(), stdin)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("reading manifests: %w", ctx.Err())
	}
	if err != nil {
		return nil, usageError{fmt.Errorf("-f: %w", err)}
	}
	kept := o.ofStore(found)
	if len(kept) > 0 {
		return kept, nil
	}
	// Of nothing, every attribute would seem to be unused.
	kinds, in := strings.Join(attributeuse.Kinds(), " or "), strings.Join(files, ", ")
	if len(found) > 0 {
		return nil, usageError{fmt.Errorf("-f: no %s in %s has the spec.storeName %s: pass the manifests of that store", kinds, in, o.storeName)}
	}
	return nil, usageError{fmt.Errorf("-f: there is no %s in %s: pass the manifests that have them", kinds, in)}
}

// ofStore leaves out the resources of other stores than the one that is named.
func (o *storeOptions) ofStore(found []client.Object) []client.Object {
	return slices.DeleteFunc(slices.Clone(found), func(resource client.Object) bool {
		return o.storeName != "" && attributeuse.StoreName(resource) != o.storeName
	})
}

// resourcesOfCluster gives all resources in the namespace that may use attributes.
func (o *storeOptions) resourcesOfCluster(ctx context.Context) ([]client.Object, error) {
	reader, namespace, err := o.connect()
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := crm.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("registering types: %w", err)
	}
	var found []client.Object
	for _, kind := range attributeuse.Kinds() {
		made, err := scheme.New(crm.GroupVersion.WithKind(kind + "List"))
		if err != nil {
			return nil, fmt.Errorf("making a list of %s: %w", kind, err)
		}
		list := made.(client.ObjectList)
		if err := reader.List(ctx, list, client.InNamespace(namespace)); err != nil {
			return nil, fmt.Errorf("listing each %s of namespace %s, to see which attributes it names: %w", kind, namespace, err)
		}
		err = meta.EachListItem(list, func(item runtime.Object) error {
			found = append(found, item.(client.Object))
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("going through each %s: %w", kind, err)
		}
	}
	return found, nil
}

// attributeLine is one attribute and who uses it.
type attributeLine struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Parties int64  `json:"parties"`
	// NamedBy are resources that name the attribute; PerhapsBy are others that may
	// use it.
	NamedBy   []string `json:"namedBy"`
	PerhapsBy []string `json:"perhapsBy"`
}

// unused tells whether no resource can be using the attribute.
func (a attributeLine) unused() bool { return len(a.NamedBy) == 0 && len(a.PerhapsBy) == 0 }

// usedBy is for people.
func (a attributeLine) usedBy() string {
	users := slices.Clone(a.NamedBy)
	for _, resource := range a.PerhapsBy {
		users = append(users, "perhaps "+resource)
	}
	if len(users) == 0 {
		return "nobody"
	}
	return strings.Join(users, ", ")
}

// attributeReport is who uses which attribute.
type attributeReport struct {
	Attributes []attributeLine `json:"attributes"`
	// Total of all attributes, Unused of those that nobody uses, and Uncertain of
	// those that no resource names though one may use them.
	Total     int `json:"total"`
	Unused    int `json:"unused"`
	Uncertain int `json:"uncertain"`
	// Resources that were read.
	Resources int `json:"resources"`
	// MayUseAny and Unreadable are why it is uncertain.
	MayUseAny  []attributeuse.Place `json:"mayUseAny"`
	Unreadable []attributeuse.Place `json:"unreadable"`
}

func reportAttributes(attributes []store.Attribute, uses attributeuse.Uses) attributeReport {
	report := attributeReport{
		Attributes: []attributeLine{}, Total: len(attributes), Resources: uses.Resources,
		MayUseAny: append([]attributeuse.Place{}, uses.MayUseAny...), Unreadable: append([]attributeuse.Place{}, uses.Unreadable...),
	}
	for _, attribute := range attributes {
		namedBy, perhapsBy := uses.Of(attribute.Name)
		line := attributeLine{attribute.Name, attribute.Kind, attribute.Parties, append([]string{}, namedBy...), append([]string{}, perhapsBy...)}
		switch {
		case line.unused():
			report.Unused++
		case len(namedBy) == 0:
			report.Uncertain++
		}
		report.Attributes = append(report.Attributes, line)
	}
	return report
}

// print writes the report for people.
func (r attributeReport) print(out io.Writer) error {
	if len(r.Attributes) > 0 {
		table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "ATTRIBUTE\tTYPE\tPARTIES\tNAMED BY")
		for _, a := range r.Attributes {
			fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", oneLine(a.Name), a.Type, a.Parties, oneLine(a.usedBy()))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	for _, place := range r.MayUseAny {
		fmt.Fprintln(out, oneLine(fmt.Sprintf("%s may use any attribute: %s %s.", place.Resource, place.Field, place.Reason)))
	}
	for _, place := range r.Unreadable {
		fmt.Fprintln(out, oneLine(fmt.Sprintf("%s cannot be read, and may use any attribute: %s: %s", place.Resource, place.Field, place.Reason)))
	}
	uncertain := ""
	if r.Uncertain > 0 {
		uncertain = fmt.Sprintf(" Uncertain: %d.", r.Uncertain)
	}
	fmt.Fprintf(out, "Used by nobody: %d of %d attributes.%s Resources read: %d.\n", r.Unused, r.Total, uncertain, r.Resources)
	return nil
}
