package v1alpha1_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// schema is what the tests read of an OpenAPI schema.
type schema struct {
	Type        string            `json:"type"`
	Format      string            `json:"format"`
	Description string            `json:"description"`
	Default     any               `json:"default"`
	Enum        []any             `json:"enum"`
	MaxLength   *int64            `json:"maxLength"`
	MaxItems    *int64            `json:"maxItems"`
	Minimum     *float64          `json:"minimum"`
	Maximum     *float64          `json:"maximum"`
	Properties  map[string]schema `json:"properties"`
	Items       *schema           `json:"items"`
	// AdditionalProperties is true, or the schema of a map's values.
	AdditionalProperties any    `json:"additionalProperties"`
	ListType             string `json:"x-kubernetes-list-type"`
	IntOrString          bool   `json:"x-kubernetes-int-or-string"`
	AnyFields            bool   `json:"x-kubernetes-preserve-unknown-fields"`
}

// TestSchemasAreBounded walks every resource type and demands what keeps it
// installable, applicable and readable.
func TestSchemasAreBounded(t *testing.T) {
	for kind, definition := range definitions(t) {
		t.Run(kind, func(t *testing.T) {
			var spec struct {
				Versions []struct {
					Name   string `json:"name"`
					Schema struct {
						Root schema `json:"openAPIV3Schema"`
					} `json:"schema"`
				} `json:"versions"`
			}
			convert(t, definition.Object["spec"], &spec)
			for _, version := range spec.Versions {
				root := version.Schema.Root
				if root.Description == "" {
					t.Error("the kind has no description")
				}
				// apiVersion, kind and metadata are Kubernetes' own.
				for _, part := range []string{"spec", "status"} {
					property, ok := root.Properties[part]
					if !ok {
						t.Fatalf("version %s has no %s", version.Name, part)
					}
					for _, mistake := range property.mistakes(part, part, false) {
						t.Error(mistake)
					}
				}
			}
		})
	}
}

// mistakes lists what a schema and everything below it lacks.
func (s schema) mistakes(path, name string, inList bool) []string {
	var found []string
	report := func(mistaken bool, what string) {
		if mistaken {
			found = append(found, path+" "+what)
		}
	}
	// The entries of a list are described by the list.
	report(s.Description == "" && !strings.HasSuffix(path, "[]"), "has no description")
	report(slices.Contains(yamlBooleans, strings.ToLower(name)), "is a boolean in YAML 1.1, unless quoted")
	report(s.AdditionalProperties != nil, "is a map: use a list keyed by name")
	report(s.AnyFields, "takes any fields")
	report(s.IntOrString, "takes integers and strings")
	report(inList && s.Default != nil, "is a default inside the entries of a list")
	switch s.Type {
	case "string":
		// Kubernetes' own times are parsed, which bounds them.
		unbounded := s.MaxLength == nil && len(s.Enum) == 0 && s.Format != "date-time"
		report(unbounded, "is a string without maxLength")
		for _, value := range s.Enum {
			word, ok := value.(string)
			report(!ok || slices.Contains(yamlBooleans, strings.ToLower(word)), "takes a word that is a boolean in YAML 1.1, unless quoted")
		}
	case "integer":
		unbounded := strings.HasPrefix(path, "spec.") && (s.Minimum == nil || s.Maximum == nil)
		report(unbounded, "is an integer without minimum and maximum")
	case "array":
		report(s.MaxItems == nil, "is a list without maxItems")
		report(s.ListType == "", "is a list without x-kubernetes-list-type")
		if s.Items == nil {
			return append(found, path+" is a list of anything")
		}
		if strings.HasSuffix(path, ".conditions") {
			return found // whose entries are Kubernetes' own
		}
		return append(found, s.Items.mistakes(path+"[]", "", true)...)
	case "object":
		report(len(s.Properties) == 0, "is an object without fields")
		for _, property := range slices.Sorted(maps.Keys(s.Properties)) {
			found = append(found, s.Properties[property].mistakes(path+"."+property, property, inList)...)
		}
	case "boolean":
	default:
		report(true, "is of type "+s.Type+", which is not exact or not known")
	}
	return found
}

// yamlBooleans are the words that YAML 1.1 reads as true or false.
var yamlBooleans = []string{"on", "off", "yes", "no", "y", "n", "true", "false"}

// TestSchemaMistakesAreFound makes sure that the walk above finds what it is for.
func TestSchemaMistakesAreFound(t *testing.T) {
	limit := int64(1)
	text := schema{Type: "string", Description: "d", MaxLength: &limit}
	list := func(of schema) schema {
		return schema{Type: "array", Description: "d", MaxItems: &limit, ListType: "atomic", Items: &of}
	}
	for name, c := range map[string]struct {
		property string
		mistaken schema
		want     string
	}{
		"no mistake":          {"a", list(schema{Type: "object", Properties: map[string]schema{"b": text}}), ""},
		"an endless string":   {"a", schema{Type: "string", Description: "d"}, "spec.a is a string without maxLength"},
		"a format is no end":  {"a", schema{Type: "string", Description: "d", Format: "uri"}, "spec.a is a string without maxLength"},
		"an endless list":     {"a", schema{Type: "array", Description: "d", ListType: "set", Items: &text}, "spec.a is a list without maxItems"},
		"a list of no type":   {"a", schema{Type: "array", Description: "d", MaxItems: &limit, Items: &text}, "spec.a is a list without x-kubernetes-list-type"},
		"an endless integer":  {"a", schema{Type: "integer", Description: "d"}, "spec.a is an integer without minimum and maximum"},
		"a float":             {"a", schema{Type: "number", Description: "d"}, "spec.a is of type number, which is not exact or not known"},
		"a map":               {"a", schema{Type: "object", Description: "d", Properties: map[string]schema{"b": text}, AdditionalProperties: true}, "spec.a is a map: use a list keyed by name"},
		"not described":       {"a", schema{Type: "boolean"}, "spec.a has no description"},
		"a boolean's name":    {"on", text, "spec.on is a boolean in YAML 1.1, unless quoted"},
		"a boolean's word":    {"a", schema{Type: "string", Description: "d", Enum: []any{"No"}}, "spec.a takes a word that is a boolean in YAML 1.1, unless quoted"},
		"a default in a list": {"a", list(schema{Type: "boolean", Default: true}), "spec.a[] is a default inside the entries of a list"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := schema{Type: "object", Description: "d", Properties: map[string]schema{c.property: c.mistaken}}
			if got := strings.Join(spec.mistakes("spec", "spec", false), "; "); got != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}
