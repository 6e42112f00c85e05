package archive

import (
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// User is the user and group that images run as: unprivileged, and a number,
// so that Kubernetes can check runAsNonRoot without reading /etc/passwd.
const User = "65532:65532"

// Labels describe an image. Empty ones are left out.
type Labels struct {
	Title    string
	Version  string
	Source   string
	Licenses string
}

func (l Labels) asMap() map[string]string {
	labels := map[string]string{}
	for key, value := range map[string]string{
		"org.opencontainers.image.title":    l.Title,
		"org.opencontainers.image.version":  l.Version,
		"org.opencontainers.image.source":   l.Source,
		"org.opencontainers.image.licenses": l.Licenses,
	} {
		if value != "" {
			labels[key] = value
		}
	}
	return labels
}

// imageOf makes the image; the first binary is its entry point.
func imageOf(binaries []program, labels Labels) (v1.Image, error) {
	layer, err := layerOf(binaries)
	if err != nil {
		return nil, err
	}
	// Docker media types are the library's default; OCI ones are what an OCI
	// layout must hold.
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.Append(base, mutate.Addendum{
		Layer:     layer,
		MediaType: types.OCILayer,
		History:   v1.History{Created: v1.Time{Time: timestamp()}, CreatedBy: "hack/image"},
	})
	if err != nil {
		return nil, fmt.Errorf("adding the layer to the image: %w", err)
	}
	current, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the image's configuration: %w", err)
	}
	config := current.DeepCopy()
	config.OS = "linux"
	config.Architecture = binaries[0].architecture
	config.Created = v1.Time{Time: timestamp()}
	config.Config = v1.Config{
		User:       User,
		WorkingDir: "/",
		Entrypoint: []string{"/" + binaries[0].name},
		Env:        []string{"PATH=/"},
		Labels:     labels.asMap(),
	}
	image, err = mutate.ConfigFile(image, config)
	if err != nil {
		return nil, fmt.Errorf("setting the image's configuration: %w", err)
	}
	return image, nil
}
