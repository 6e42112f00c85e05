package cluster

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/process"
	"github.com/fairlead/fairlead/hack/image/archive"
)

// loadPause packs the program pause into an image and imports it.
func (s *starter) loadPause(ctx context.Context) error {
	path := s.where.Path("pause.tar")
	if _, err := archive.Write(archive.Spec{
		Name: layout.PauseImage, Binaries: []string{s.programs + "/pause"}, Labels: archive.Labels{Title: "pause"},
	}, path); err != nil {
		return fmt.Errorf("packing the image of pod sandboxes: %w", err)
	}
	if err := s.importArchive(ctx, path); err != nil {
		return err
	}
	return nil
}

func (c *Cluster) importArchive(ctx context.Context, path string) error {
	if _, err := c.ctr(ctx, "images", "import", "--local", path); err != nil {
		return fmt.Errorf("importing %s into containerd: %w", path, err)
	}
	return nil
}

// Load imports image archives and returns the names that the cluster now
// knows them by.
func (c *Cluster) Load(ctx context.Context, paths []string) ([]string, error) {
	contents, err := process.ReadLedger(c.where.Ledger())
	if errors.Is(err, process.ErrNoLedger) {
		return nil, fmt.Errorf("%w to load images into; start one with 'cluster up'", process.ErrNoLedger)
	}
	if err != nil {
		return nil, err
	}
	c.programs = contents.Programs
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	var all []string
	for _, path := range paths {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return all, fmt.Errorf("finding %s: %w", path, err)
		}
		names, err := imageNames(absolute)
		if err != nil {
			return all, err
		}
		if err := c.importArchive(ctx, absolute); err != nil {
			return all, err
		}
		all = append(all, names...)
	}
	return all, nil
}

// imageNames reads the names that an archive gives its images, in the OCI
// index or in Docker's manifest.
func imageNames(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the image archive: %w", err)
	}
	defer func() { _ = file.Close() }()
	named, docker := []string(nil), []string(nil)
	reader := tar.NewReader(file)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s is not a tar archive of images: %w", path, err)
		}
		switch filepath.Clean(header.Name) {
		case "index.json":
			var index struct {
				Manifests []struct{ Annotations map[string]string }
			}
			if err := json.NewDecoder(reader).Decode(&index); err != nil {
				return nil, fmt.Errorf("reading the index of %s: %w", path, err)
			}
			for _, one := range index.Manifests {
				if name := one.Annotations["io.containerd.image.name"]; name != "" {
					named = append(named, name)
				}
			}
		case "manifest.json":
			var manifests []struct{ RepoTags []string }
			if err := json.NewDecoder(reader).Decode(&manifests); err != nil {
				return nil, fmt.Errorf("reading the manifest of %s: %w", path, err)
			}
			for _, one := range manifests {
				docker = append(docker, one.RepoTags...)
			}
		}
	}
	if len(named) == 0 {
		named = docker
	}
	if len(named) == 0 {
		return nil, fmt.Errorf("%s names no image; make it with hack/image or 'docker save NAME'", path)
	}
	return named, nil
}
