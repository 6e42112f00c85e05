package cluster

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// mount is one line of /proc/self/mountinfo.
type mount struct {
	point      string
	filesystem string
}

// parseMounts reads the format of /proc/self/mountinfo.
func parseMounts(content io.Reader) ([]mount, error) {
	var mounts []mount
	scanner := bufio.NewScanner(content)
	// Overlay mounts name every layer, so lines are long.
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		before, after, ok := strings.Cut(scanner.Text(), " - ")
		fields, described := strings.Fields(before), strings.Fields(after)
		if !ok || len(fields) < 5 || len(described) < 1 {
			return nil, fmt.Errorf("a line of the table of mounts is not understood: %q", scanner.Text())
		}
		mounts = append(mounts, mount{point: unescape(fields[4]), filesystem: described[0]})
	}
	return mounts, scanner.Err()
}

// unescape undoes the octal escapes of blanks and the like.
func unescape(text string) string {
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+3 < len(text) {
			if code, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				plain.WriteByte(byte(code))
				i += 3
				continue
			}
		}
		plain.WriteByte(text[i])
	}
	return plain.String()
}

func readMounts() ([]mount, error) {
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("reading the table of mounts: %w", err)
	}
	defer func() { _ = file.Close() }()
	return parseMounts(file)
}

// mountsUnder lists the mount points inside a folder, the last mounted first,
// which is the order in which they can be unmounted.
func mountsUnder(mounts []mount, folder string) []string {
	var points []string
	for i := len(mounts) - 1; i >= 0; i-- {
		if point := mounts[i].point; point == folder || strings.HasPrefix(point, folder+"/") {
			points = append(points, point)
		}
	}
	return points
}

// unmountUnder unmounts everything inside a folder.
func unmountUnder(folder string) error {
	mounts, err := readMounts()
	if err != nil {
		return err
	}
	var problems []error
	for _, point := range mountsUnder(mounts, folder) {
		err := unix.Unmount(point, unix.UMOUNT_NOFOLLOW)
		if errors.Is(err, unix.EBUSY) {
			// Somebody stands in it, perhaps a shell. Detached, it is gone
			// from the tree at once and freed when they leave.
			err = unix.Unmount(point, unix.UMOUNT_NOFOLLOW|unix.MNT_DETACH)
		}
		if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
			problems = append(problems, fmt.Errorf("unmounting %s: %w", point, err))
		}
	}
	return errors.Join(problems...)
}
