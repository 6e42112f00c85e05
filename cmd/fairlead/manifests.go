package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	documents "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/controllers/lint"
)

// manifestEndings are those of the files that are read of a folder, as kubectl
// does it.
var manifestEndings = []string{".yaml", ".yml", ".json"}

// standardInput is how the file is called that "-" stands for.
const standardInput = "the standard input"

// manifestReader reads resources from files.
type manifestReader struct {
	// kinds of ours that are wanted; nil if all are, and no other is known.
	kinds   []string
	scheme  *runtime.Scheme
	decoder runtime.Decoder
	found   []lint.Object
}

// readManifests reads the resources of some kinds of ours, as readFiles does.
func readManifests(names, kinds []string, stdin io.Reader) ([]client.Object, error) {
	found, err := readFiles(names, kinds, stdin)
	objects := make([]client.Object, len(found))
	for i, one := range found {
		objects[i] = one.Object
	}
	return objects, err
}

// readFiles reads the resources of some kinds of ours from files, from folders
// with all below them, and from stdin for "-". A field that is not known is a
// mistake, as it is for the API server: what is misspelt would be overlooked.
// Without kinds all of ours are read, and a kind that is not known is a mistake too.
func readFiles(names, kinds []string, stdin io.Reader) ([]lint.Object, error) {
	scheme := runtime.NewScheme()
	if err := crm.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("registering types: %w", err)
	}
	r := &manifestReader{kinds: kinds, scheme: scheme, decoder: serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()}
	for _, name := range names {
		if name == "-" {
			if err := r.read(standardInput, stdin); err != nil {
				return nil, err
			}
			continue
		}
		if err := r.walk(name); err != nil {
			return nil, err
		}
	}
	return r.found, nil
}

// walk reads a file, or the manifests of a folder.
func (r *manifestReader) walk(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return r.open(name)
	}
	files := 0
	// The separator leads into a folder that is a link.
	err = filepath.WalkDir(name+string(filepath.Separator), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains(manifestEndings, filepath.Ext(path)) {
			return err
		}
		files++
		return r.open(path)
	})
	if err == nil && files == 0 {
		err = fmt.Errorf("folder %s has no files that end in .yaml, .yml or .json", name)
	}
	return err
}

func (r *manifestReader) open(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return r.read(path, file)
}

// read reads the documents of a file.
func (r *manifestReader) read(path string, file io.Reader) error {
	split := documents.NewYAMLReader(bufio.NewReader(file))
	for number := 1; ; number++ {
		document, err := split.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		data, err := yaml.YAMLToJSONStrict(document)
		if err == nil {
			err = r.take(path, data, schema.GroupVersionKind{})
		}
		if err != nil {
			return fmt.Errorf("%s, document %d: %w: mend it, or leave the file out", path, number, err)
		}
	}
}

// take reads one object, or those of a list. Items of a list need not say what
// they are where the list does. What is no object of Kubernetes is no resource.
func (r *manifestReader) take(path string, data []byte, inherited schema.GroupVersionKind) error {
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		return nil
	}
	kind := schema.FromAPIVersionAndKind(textOf(object["apiVersion"]), textOf(object["kind"]))
	if kind.Kind == "" {
		kind = inherited
	}
	// Kinds of others may end in List and be none.
	if item, is := strings.CutSuffix(kind.Kind, "List"); is && (item == "" || kind.Group == crm.GroupVersion.Group) {
		var items []json.RawMessage
		if err := json.Unmarshal(object["items"], &items); object["items"] != nil && err != nil {
			return fmt.Errorf("reading the items of a %s: %w", kind.Kind, err)
		}
		for _, one := range items {
			if err := r.take(path, one, kind.GroupVersion().WithKind(item)); err != nil {
				return err
			}
		}
		return nil
	}
	if kind.Group != crm.GroupVersion.Group || r.kinds != nil && !slices.Contains(r.kinds, kind.Kind) {
		return nil
	}
	resource, err := r.decode(data, kind)
	if err != nil {
		return err
	}
	r.found = append(r.found, lint.Object{Object: resource, File: path})
	return nil
}

// decode reads a resource of ours.
func (r *manifestReader) decode(data []byte, kind schema.GroupVersionKind) (client.Object, error) {
	switch {
	case kind.Version != crm.GroupVersion.Version:
		return nil, fmt.Errorf("%s is of %s, and this program knows %s", kind.Kind, kind.GroupVersion(), crm.GroupVersion)
	case !r.scheme.Recognizes(kind):
		return nil, fmt.Errorf("there is no kind %q in %s", kind.Kind, crm.GroupVersion)
	}
	decoded, _, err := r.decoder.Decode(data, &kind, nil)
	if err != nil {
		return nil, fmt.Errorf("reading a %s: %w", kind.Kind, err)
	}
	resource, is := decoded.(client.Object)
	if !is {
		return nil, fmt.Errorf("a %s is no resource", kind.Kind)
	}
	return resource, nil
}

// textOf is a value of JSON that is a text; "" if it is something else.
func textOf(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return ""
	}
	return text
}
