package lint

import (
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// TestNoFieldIsOverlooked fills every field of every kind: each amount and each
// reference has to be visited, with its path.
func TestNoFieldIsOverlooked(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := crm.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	amounts, references := 0, 0
	for kind := range scheme.KnownTypes(crm.GroupVersion) {
		made, err := scheme.New(crm.GroupVersion.WithKind(kind))
		if err != nil {
			t.Fatal(err)
		}
		object, is := made.(client.Object)
		if !is {
			continue
		}
		spec := specOf(Object{Object: object})
		f := &filler{t: t}
		f.fill(spec, "spec", "")
		visited := map[string]bool{}
		each(spec, field.NewPath("spec"), "", func(at *field.Path, _ string, _ crm.Money) { visited[at.String()] = true })
		each(spec, field.NewPath("spec"), "", func(at *field.Path, named string, _ crm.ObjectName) {
			visited[at.String()] = true
			if referring[named] == "" {
				t.Errorf("%s %s: it is not known what %s names", kind, at, named)
			} else if !scheme.Recognizes(crm.GroupVersion.WithKind(referring[named])) {
				t.Errorf("%s names %s, which is no kind", named, referring[named])
			}
		})
		for _, path := range append(f.amounts, f.references...) {
			if !visited[path] {
				t.Errorf("%s %s is overlooked", kind, path)
			}
		}
		if len(visited) != len(f.amounts)+len(f.references) {
			t.Errorf("%s: visited were %v", kind, visited)
		}
		amounts, references = amounts+len(f.amounts), references+len(f.references)
		if has := spec.FieldByName("StoreName").IsValid(); has != (storeOf(Object{Object: object}) != "") {
			t.Errorf("the store of a %s is %q", kind, storeOf(Object{Object: object}))
		}
	}
	if amounts < 5 || references < 15 {
		t.Errorf("there are only %d amounts and %d references", amounts, references)
	}
}

// filler gives every field a value, and notes where amounts and references stand.
type filler struct {
	t                   *testing.T
	amounts, references []string
}

func (f *filler) fill(v reflect.Value, path, in string) {
	switch v.Type() {
	case reflect.TypeFor[crm.Money]():
		f.amounts = append(f.amounts, path)
		return
	case reflect.TypeFor[crm.ObjectName]():
		v.SetString("a")
		f.references = append(f.references, path)
		return
	case reflect.TypeFor[crm.CurrencyCode]():
		if in != "CustomerStoreSpec" {
			f.t.Errorf("%s is a currency without an amount, which nobody looks at", path)
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), path, in)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		f.fill(v.Index(0), path+"[0]", in)
	case reflect.Map, reflect.Interface:
		f.t.Errorf("%s is a %s, which is not gone into", path, v.Kind())
	case reflect.Struct:
		for i := range v.NumField() {
			declared := v.Type().Field(i)
			if !declared.IsExported() {
				continue
			}
			at := path
			if name, _, _ := strings.Cut(declared.Tag.Get("json"), ","); name != "" {
				at += "." + name
			}
			f.fill(v.Field(i), at, v.Type().Name())
		}
	}
}
