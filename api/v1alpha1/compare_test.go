package v1alpha1_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// missing lists the paths of what stands in want and not, or differently, in
// got. What got has beside it, such as defaults, does not count.
func missing(want, got any, path string) []string {
	switch want := want.(type) {
	case map[string]any:
		other, ok := got.(map[string]any)
		if !ok {
			return []string{path}
		}
		var paths []string
		for key, value := range want {
			paths = append(paths, missing(value, other[key], path+"."+key)...)
		}
		return paths
	case []any:
		other, ok := got.([]any)
		if !ok || len(other) != len(want) {
			return []string{path}
		}
		var paths []string
		for i, value := range want {
			paths = append(paths, missing(value, other[i], fmt.Sprintf("%s[%d]", path, i))...)
		}
		return paths
	default:
		if !reflect.DeepEqual(want, got) {
			return []string{path}
		}
		return nil
	}
}

// decodeStrict reads an object into its Go type and refuses fields that the
// type does not have.
func decodeStrict(object *unstructured.Unstructured, into runtime.Object) error {
	data, err := json.Marshal(object.Object)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func toUnstructured(object runtime.Object) (map[string]any, error) {
	return runtime.DefaultUnstructuredConverter.ToUnstructured(object)
}
