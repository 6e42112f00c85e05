package attributeuse

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func segment(name, where string) *crm.CustomerSegment {
	return &crm.CustomerSegment{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: crm.CustomerSegmentSpec{StoreName: "crm", Where: crm.Expression(where)}}
}

func campaign(name string, messages ...crm.Message) *crm.CampaignRule {
	return &crm.CampaignRule{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: crm.CampaignRuleSpec{StoreName: "crm", Outreach: crm.MessagePlan{Messages: messages}}}
}

func TestFind(t *testing.T) {
	uses := Find([]client.Object{
		segment("wide", "customer.attributes.fleet > 3.0 && customer.attributes.fleet < 9.0 || has(customer.attributes.vip)"),
		segment("broken", "customer.attributes.fleet >"),
		campaign("win-back", crm.Message{Locale: "en", Subject: "{{ .Customer.Attributes.slogan }}", Text: "{{ range .Customer.Attributes }}{{ end }}"},
			crm.Message{Locale: "zh", Subject: "{{ .Customer.Attributes.fleet }}", HTML: "{{ .Customer.Attributes.fleet", Text: "{{ .Contact.Name }}"}),
		&crm.Outreach{ObjectMeta: metav1.ObjectMeta{GenerateName: "opening-"}, Spec: crm.OutreachSpec{StoreName: "crm", Outreach: &crm.MessagePlan{
			Messages: []crm.Message{{Locale: "en", Subject: "We open", Text: "{{ .Customer.Attributes.vip }}"}},
		}}},
		// An occurrence of a rule has nothing of its own.
		&crm.Outreach{ObjectMeta: metav1.ObjectMeta{Name: "win-back-1"}, Spec: crm.OutreachSpec{StoreName: "crm", RuleName: "win-back"}},
		&crm.LoyaltyProgram{ObjectMeta: metav1.ObjectMeta{Name: "club"}, Spec: crm.LoyaltyProgramSpec{StoreName: "crm", Accrual: []crm.AccrualRule{
			{Name: "booth-area", Points: "fact.boothArea *"}, {Name: "exhibiting", Points: "100"},
		}}},
		&crm.Exhibition{ObjectMeta: metav1.ObjectMeta{Name: "farnborough-2026"}, Spec: crm.ExhibitionSpec{StoreName: "crm"}},
	})
	if uses.Resources != 6 {
		t.Errorf("%d resources were read, want 6", uses.Resources)
	}
	perhaps := []string{"CampaignRule/win-back", "CustomerSegment/broken", "LoyaltyProgram/club"}
	for attribute, want := range map[string][2][]string{
		"fleet":  {{"CampaignRule/win-back", "CustomerSegment/wide"}, {"CustomerSegment/broken", "LoyaltyProgram/club"}},
		"vip":    {{"CustomerSegment/wide", "Outreach/opening-"}, perhaps},
		"slogan": {{"CampaignRule/win-back"}, {"CustomerSegment/broken", "LoyaltyProgram/club"}},
		"shoe":   {nil, perhaps},
	} {
		namedBy, perhapsBy := uses.Of(attribute)
		if !slices.Equal(namedBy, want[0]) || !slices.Equal(perhapsBy, want[1]) {
			t.Errorf("%s is named by %v and perhaps used by %v, want %v", attribute, namedBy, perhapsBy, want)
		}
	}
	if want := []Place{{"CampaignRule/win-back", "spec.outreach.messages[en].text", takesAttributes}}; !slices.Equal(uses.MayUseAny, want) {
		t.Errorf("any may be used by %+v, want %+v", uses.MayUseAny, want)
	}
	var unreadable []string
	for _, place := range uses.Unreadable {
		if !strings.HasPrefix(place.Reason, "line 1") {
			t.Errorf("the reason is %q", place.Reason)
		}
		unreadable = append(unreadable, place.Resource+" "+place.Field)
	}
	if want := []string{"CustomerSegment/broken spec.where", "CampaignRule/win-back spec.outreach.messages[zh].html", "LoyaltyProgram/club spec.accrual[booth-area].points"}; !slices.Equal(unreadable, want) {
		t.Errorf("unreadable are %q, want %q", unreadable, want)
	}
	none := Find(nil)
	if namedBy, perhapsBy := none.Of("fleet"); namedBy != nil || perhapsBy != nil || none.Resources != 0 {
		t.Errorf("of no resources: %v, %v, %d", namedBy, perhapsBy, none.Resources)
	}
}

// TestNoFieldIsOverlooked fills every expression and every template of every
// kind, with an attribute of its own each.
func TestNoFieldIsOverlooked(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := crm.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for kind := range scheme.KnownTypes(crm.GroupVersion) {
		made, err := scheme.New(crm.GroupVersion.WithKind(kind))
		if err != nil {
			t.Fatal(err)
		}
		resource, is := made.(client.Object)
		if !is {
			continue
		}
		resource.SetName("it")
		f := &filler{}
		spec := reflect.ValueOf(resource).Elem().FieldByName("Spec")
		f.fill(spec)
		if len(f.attributes) == 0 {
			if uses := Find([]client.Object{resource}); uses.Resources != 0 || StoreName(resource) != "" {
				t.Errorf("%s is read though it has neither expressions nor templates", kind)
			}
			continue
		}
		kinds = append(kinds, kind)
		spec.FieldByName("StoreName").SetString("crm")
		if StoreName(resource) != "crm" {
			t.Errorf("the store of a %s is %q", kind, StoreName(resource))
		}
		uses := Find([]client.Object{resource})
		if len(uses.Unreadable) > 0 || len(uses.MayUseAny) > 0 {
			t.Errorf("%s: %+v", kind, uses)
		}
		for attribute, field := range f.attributes {
			if namedBy, _ := uses.Of(attribute); !slices.Equal(namedBy, []string{kind + "/it"}) {
				t.Errorf("%s of a %s is overlooked: its attribute is named by %v", field, kind, namedBy)
			}
		}
	}
	want := slices.Sorted(slices.Values(Kinds()))
	if slices.Sort(kinds); !slices.Equal(kinds, want) {
		t.Errorf("the kinds with expressions or templates are %v, and Kinds says %v", kinds, want)
	}
}

// filler writes an attribute of its own into each expression and template.
type filler struct {
	// attributes and the fields that name them.
	attributes map[string]string
}

func (f *filler) attribute(field string) string {
	if f.attributes == nil {
		f.attributes = map[string]string{}
	}
	name := fmt.Sprint("a", len(f.attributes))
	f.attributes[name] = field
	return name
}

func (f *filler) fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0))
		f.fill(v.Index(1))
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			switch {
			case !v.Type().Field(i).IsExported():
				// Of a time.
			case v.Field(i).Type() == reflect.TypeFor[crm.Expression]():
				v.Field(i).SetString("customer.attributes." + f.attribute(name) + " == 1")
			case v.Type() == reflect.TypeFor[crm.Message]() && v.Type().Field(i).Name != "Locale":
				v.Field(i).SetString("{{ .Customer.Attributes." + f.attribute(name) + " }}")
			default:
				f.fill(v.Field(i))
			}
		}
	}
}
