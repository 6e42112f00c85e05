package archive

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"github.com/distribution/reference"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Spec says what goes into an archive.
type Spec struct {
	// Name is the image's name as people write it, such as "fairlead:dev".
	Name string
	// Binaries are the paths of static executables; the first is the entry
	// point.
	Binaries []string
	// Labels describe the image.
	Labels Labels
}

// Result tells what was written.
type Result struct {
	// Name is the full name under which engines will know the image.
	Name string
	// Digest is that of the image's manifest.
	Digest string
	// Architecture is amd64 or arm64.
	Architecture string
	// Bytes is the size of the archive.
	Bytes int64
}

// Write makes the image that spec describes and writes its archive to output.
// A half-written archive is never seen: it is renamed into place when whole.
func Write(spec Spec, output string) (Result, error) {
	name, err := fullName(spec.Name)
	if err != nil {
		return Result{}, err
	}
	binaries, err := inspectAll(spec.Binaries)
	if err != nil {
		return Result{}, err
	}
	image, err := imageOf(binaries, spec.Labels)
	if err != nil {
		return Result{}, err
	}
	if err := os.MkdirAll(filepath.Dir(output), 0o750); err != nil {
		return Result{}, fmt.Errorf("making the folder of the archive: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(output), "."+filepath.Base(output)+".*")
	if err != nil {
		return Result{}, fmt.Errorf("creating the archive: %w", err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	if err := writeArchive(temporary, image, name); err != nil {
		return Result{}, errors.Join(err, temporary.Close())
	}
	information, err := temporary.Stat()
	if err != nil {
		return Result{}, errors.Join(fmt.Errorf("reading the size of the archive: %w", err), temporary.Close())
	}
	if err := errors.Join(temporary.Chmod(0o644), temporary.Close()); err != nil {
		return Result{}, fmt.Errorf("closing the archive: %w", err)
	}
	if err := os.Rename(temporary.Name(), output); err != nil {
		return Result{}, fmt.Errorf("putting the archive into place: %w", err)
	}
	digest, err := image.Digest()
	if err != nil {
		return Result{}, fmt.Errorf("computing the digest: %w", err)
	}
	return Result{Name: name.String(), Digest: digest.String(), Architecture: binaries[0].architecture, Bytes: information.Size()}, nil
}

// fullName completes a name the way container engines do, so that a pod that
// asks for the short name finds the imported image.
func fullName(short string) (reference.NamedTagged, error) {
	named, err := reference.ParseNormalizedNamed(short)
	if err != nil {
		return nil, fmt.Errorf("the image name %q is not valid (want something like fairlead:dev): %w", short, err)
	}
	tagged, ok := reference.TagNameOnly(named).(reference.NamedTagged)
	if !ok {
		return nil, fmt.Errorf("the image name %q must carry a tag, not a digest (want something like fairlead:dev)", short)
	}
	return tagged, nil
}

// entry is one file of the archive.
type entry struct {
	name    string
	content []byte
}

func writeArchive(destination io.Writer, image v1.Image, name reference.NamedTagged) error {
	entries, err := entriesOf(image, name)
	if err != nil {
		return err
	}
	writer := tar.NewWriter(destination)
	for _, one := range entries {
		header := &tar.Header{
			Typeflag: tar.TypeReg,
			Name:     one.name,
			Size:     int64(len(one.content)),
			Mode:     0o644,
			ModTime:  timestamp(),
			Format:   tar.FormatUSTAR,
		}
		if err := writer.WriteHeader(header); err != nil {
			return fmt.Errorf("writing %s to the archive: %w", one.name, err)
		}
		if _, err := writer.Write(one.content); err != nil {
			return fmt.Errorf("writing %s to the archive: %w", one.name, err)
		}
	}
	if err := writer.Close(); err != nil {
		return fmt.Errorf("closing the archive: %w", err)
	}
	return nil
}

// entriesOf lists the files of the archive in the order they are written.
func entriesOf(image v1.Image, name reference.NamedTagged) ([]entry, error) {
	manifest, err := image.RawManifest()
	if err != nil {
		return nil, fmt.Errorf("encoding the manifest: %w", err)
	}
	manifestDigest, err := image.Digest()
	if err != nil {
		return nil, fmt.Errorf("computing the digest: %w", err)
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return nil, fmt.Errorf("encoding the configuration: %w", err)
	}
	configDigest, err := image.ConfigName()
	if err != nil {
		return nil, fmt.Errorf("computing the digest of the configuration: %w", err)
	}
	configFile, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	layers, err := image.Layers()
	if err != nil {
		return nil, fmt.Errorf("reading the layers: %w", err)
	}

	blobs := []entry{{blobPath(manifestDigest), manifest}, {blobPath(configDigest), config}}
	var layerPaths []string
	for _, layer := range layers {
		one, err := layerEntry(layer)
		if err != nil {
			return nil, err
		}
		blobs = append(blobs, one)
		layerPaths = append(layerPaths, one.name)
	}

	index, err := json.Marshal(v1.IndexManifest{
		SchemaVersion: 2,
		MediaType:     types.OCIImageIndex,
		Manifests: []v1.Descriptor{{
			MediaType: types.OCIManifestSchema1,
			Size:      int64(len(manifest)),
			Digest:    manifestDigest,
			Platform:  &v1.Platform{OS: configFile.OS, Architecture: configFile.Architecture},
			Annotations: map[string]string{
				// containerd reads the first, skopeo and buildah the second.
				"io.containerd.image.name":          name.String(),
				"org.opencontainers.image.ref.name": name.Tag(),
			},
		}},
	})
	if err != nil {
		return nil, fmt.Errorf("encoding the index: %w", err)
	}
	// Docker engines older than the OCI layout read this file instead.
	docker, err := json.Marshal([]map[string]any{{
		"Config":   blobPath(configDigest),
		"RepoTags": []string{reference.FamiliarString(name)},
		"Layers":   layerPaths,
	}})
	if err != nil {
		return nil, fmt.Errorf("encoding the Docker manifest: %w", err)
	}
	entries := []entry{
		{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)},
		{"index.json", index},
		{"manifest.json", docker},
	}
	return append(entries, blobs...), nil
}

func layerEntry(layer v1.Layer) (entry, error) {
	digest, err := layer.Digest()
	if err != nil {
		return entry{}, fmt.Errorf("computing the digest of the layer: %w", err)
	}
	compressed, err := layer.Compressed()
	if err != nil {
		return entry{}, fmt.Errorf("compressing the layer: %w", err)
	}
	defer func() { _ = compressed.Close() }()
	content, err := io.ReadAll(compressed)
	if err != nil {
		return entry{}, fmt.Errorf("compressing the layer: %w", err)
	}
	return entry{blobPath(digest), content}, nil
}

func blobPath(digest v1.Hash) string {
	return path.Join("blobs", digest.Algorithm, digest.Hex)
}
