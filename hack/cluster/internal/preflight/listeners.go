package preflight

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Listener is a socket that waits for connections or packets.
type Listener struct {
	// Network is tcp, tcp6, udp or udp6.
	Network string
	// Address is where it listens.
	Address netip.AddrPort
	// Inode identifies the socket.
	Inode string
}

// readListeners reads the kernel's tables of sockets.
func readListeners(folder string) ([]Listener, error) {
	var all []Listener
	for _, network := range []string{"tcp", "tcp6", "udp", "udp6"} {
		file, err := os.Open(filepath.Join(folder, network))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found, err := parseListeners(file, network)
		if err := errors.Join(err, file.Close()); err != nil {
			return nil, fmt.Errorf("reading the table of %s sockets: %w", network, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// parseListeners reads the format of /proc/net/tcp and its like.
func parseListeners(content io.Reader, network string) ([]Listener, error) {
	// States of sockets, in hexadecimal: waiting for connections for TCP, not
	// connected for UDP.
	wanted := "0A"
	if strings.HasPrefix(network, "udp") {
		wanted = "07"
	}
	var found []Listener
	scanner := bufio.NewScanner(content)
	for first := true; scanner.Scan(); first = false {
		fields := strings.Fields(scanner.Text())
		if first || len(fields) < 10 || fields[3] != wanted {
			continue
		}
		address, err := parseAddress(fields[1])
		if err != nil {
			return nil, err
		}
		found = append(found, Listener{Network: network, Address: address, Inode: fields[9]})
	}
	return found, scanner.Err()
}

// parseAddress reads an address as the kernel prints it: hexadecimal, in
// groups of four bytes, each group in the order of the machine. Both kinds of
// machine that we run on put the last byte first.
func parseAddress(text string) (netip.AddrPort, error) {
	address, number, ok := strings.Cut(text, ":")
	content, err := hex.DecodeString(address)
	if !ok || err != nil || len(content)%4 != 0 {
		return netip.AddrPort{}, fmt.Errorf("%q is not an address", text)
	}
	for group := range slices.Chunk(content, 4) {
		slices.Reverse(group)
	}
	parsed, valid := netip.AddrFromSlice(content)
	port, err := strconv.ParseUint(number, 16, 16)
	if !valid || err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q is not an address", text)
	}
	return netip.AddrPortFrom(parsed, uint16(port)), nil
}

// holder finds the process that has a socket open.
func holder(proc, inode string) string {
	wanted := "socket:[" + inode + "]"
	links, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "fd", "*"))
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || target != wanted {
			continue
		}
		folder := filepath.Dir(filepath.Dir(link))
		name, err := os.ReadFile(filepath.Join(folder, "comm"))
		if err != nil {
			continue
		}
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), filepath.Base(folder))
	}
	return ""
}
