package apiserver

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// Manifests reads every object of the YAML files that the pattern matches,
// such as config/samples/*-*.yaml, below the project's folder. Finding none is
// an error.
func (s *Server) Manifests(pattern string) ([]*unstructured.Unstructured, error) {
	files, err := filepath.Glob(filepath.Join(s.Root, pattern))
	if err != nil {
		return nil, fmt.Errorf("reading manifests: %w", err)
	}
	var objects []*unstructured.Unstructured
	for _, file := range files {
		found, err := readManifests(file)
		if err != nil {
			return nil, err
		}
		objects = append(objects, found...)
	}
	if len(objects) == 0 {
		return nil, fmt.Errorf("reading manifests: %s matches no objects", pattern)
	}
	return objects, nil
}

func readManifests(file string) (objects []*unstructured.Unstructured, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading manifests: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	documents := yaml.NewYAMLReader(bufio.NewReader(f))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading manifests of %s: %w", file, err)
		}
		data, err := yaml.ToJSON(document)
		if err != nil {
			return nil, fmt.Errorf("reading manifests of %s: %w", file, err)
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(data); err != nil {
			return nil, fmt.Errorf("reading manifests of %s: %w", file, err)
		}
		objects = append(objects, object)
	}
}
