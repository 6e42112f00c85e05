package message

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
)

// typesOf are the Go types of fields, by path.
func typesOf(value reflect.Type, path string, found map[string]reflect.Type) {
	for i := range value.NumField() {
		field := value.Field(i)
		at, inner := strings.TrimPrefix(path+"."+field.Name, "."), field.Type
		if inner.Kind() == reflect.Pointer && members[at].form == record {
			inner = inner.Elem()
		}
		switch {
		case inner.Kind() == reflect.Map:
			found[at+"."+anyName] = inner.Elem()
		case inner.Kind() == reflect.Struct:
			typesOf(inner, at, found)
		default:
			found[at] = inner
		}
	}
}

// TestFields holds the table to the data, and every field to having a meaning and
// an example.
func TestFields(t *testing.T) {
	types := map[string]reflect.Type{}
	typesOf(reflect.TypeFor[Data](), "", types)
	for _, field := range Fields() {
		want := reflect.TypeFor[string]()
		switch {
		case field.Path == attributesPath+"."+anyName:
			want = reflect.TypeFor[any]()
		case field.Many:
			want = reflect.TypeFor[[]string]()
		case field.Kind == customer.Whole || field.Kind == customer.Decimal:
			want = reflect.TypeFor[*Number]()
		case field.Kind == customer.Day || field.Kind == customer.Instant:
			want = reflect.TypeFor[*Date]()
		case field.Kind == customer.Money:
			want = reflect.TypeFor[*Money]()
		}
		if types[field.Path] != want {
			t.Errorf("%s is %v in the data, not %v", field.Path, types[field.Path], want)
		}
		delete(types, field.Path)
		if field.Doc == "" || field.Absent == "" || field.Example() == "" || strings.Contains(field.Example(), ": ") {
			t.Errorf("%s lacks its meaning, what absence means, or an example: %+v, %s", field.Path, field, field.Example())
		}
	}
	for path := range types {
		t.Errorf("%s is in the data and not in the table", path)
	}
}

// TestMeasureNames holds measures to the names that they have everywhere.
func TestMeasureNames(t *testing.T) {
	notMeasured := []string{"Code", "Name", "Country", "Region", "City", "Industry", "Attributes"}
	for record, measures := range map[string][]customer.Measure{"Customer": customer.CustomerMeasures, "Series": customer.SeriesMeasures} {
		for _, field := range Fields() {
			name, is := strings.CutPrefix(field.Path, record+".")
			if name, _, _ = strings.Cut(name, "."); !is || slices.Contains(notMeasured, name) {
				continue
			}
			if !slices.ContainsFunc(measures, func(m customer.Measure) bool { return strings.EqualFold(m.Name, name) }) {
				t.Errorf("%s is no measure", field.Path)
			}
		}
	}
}

// TestFunctions holds the table of functions to what can be called.
func TestFunctions(t *testing.T) {
	names := functionNames()
	for name := range signatures {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not in the table", name)
		}
	}
	for _, function := range Functions() {
		if function.Doc == "" || function.Result() == "" || strings.Contains(function.Result(), "line 1") {
			t.Errorf("%s has no meaning or a bad example: %s", function.Name, function.Result())
		}
		for _, name := range strings.Fields(function.Name) {
			if _, known := signatures[name]; !known {
				t.Errorf("%s is in the table and cannot be called", name)
			}
		}
	}
}

// TestSeveralAtOnce renders one plan in several goroutines, for the race detector.
func TestSeveralAtOnce(t *testing.T) {
	made := mustCompile(t, textOnly(everyTemplate()), htmlOnly(strings.ReplaceAll(everyTemplate(), `"`, "`")))
	want := string(mustRender(t, made, 1, Sample()).HTML)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			var rendered Rendered
			for range 50 {
				if err := made.Render(&rendered, 1, Sample()); err != nil || string(rendered.HTML) != want {
					t.Errorf("together it renders otherwise: %v", err)
				}
			}
		})
	}
	all.Wait()
}
