package archive

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// timestamp is the time of everything in an image. A real time would give a
// new digest to unchanged content.
func timestamp() time.Time { return time.Unix(0, 0).UTC() }

// layerOf puts the binaries into one layer, each executable by everyone and
// writable by nobody.
func layerOf(binaries []program) (v1.Layer, error) {
	var content bytes.Buffer
	writer := tar.NewWriter(&content)
	for _, one := range binaries {
		if err := addExecutable(writer, one); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("closing the layer: %w", err)
	}
	layer, err := tarball.LayerFromOpener(
		func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil },
		tarball.WithMediaType(types.OCILayer),
		tarball.WithCompressedCaching,
	)
	if err != nil {
		return nil, fmt.Errorf("compressing the layer: %w", err)
	}
	return layer, nil
}

func addExecutable(writer *tar.Writer, one program) error {
	file, err := os.Open(one.path)
	if err != nil {
		return fmt.Errorf("opening the binary: %w", err)
	}
	defer func() { _ = file.Close() }()
	information, err := file.Stat()
	if err != nil {
		return fmt.Errorf("reading the size of the binary: %w", err)
	}
	header := &tar.Header{
		Typeflag: tar.TypeReg,
		Name:     one.name,
		Size:     information.Size(),
		Mode:     0o555,
		ModTime:  timestamp(),
		Format:   tar.FormatUSTAR,
	}
	if err := writer.WriteHeader(header); err != nil {
		return fmt.Errorf("adding %s to the layer: %w", one.path, err)
	}
	if _, err := io.Copy(writer, file); err != nil {
		return fmt.Errorf("copying %s into the layer: %w", one.path, err)
	}
	return nil
}
