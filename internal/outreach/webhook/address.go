package webhook

import (
	"errors"
	"net/netip"
	"syscall"
)

// reserved are the addresses that lead nowhere on the public internet although
// they look like any other (the registries of special-purpose addresses, RFC 6890).
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

var (
	// global are the addresses of IPv6 that are given out.
	global = netip.MustParsePrefix("2000::/3")
	// translated are addresses of IPv4 for networks that have IPv6 only (RFC 6052).
	translated = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(texts ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		parsed[i] = netip.MustParsePrefix(text)
	}
	return parsed
}

// IsPublic tells whether an address is one of the public internet, and not one of
// this machine, of a network of one's own, or of none.
func IsPublic(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if translated.Contains(address) {
		bytes := address.As16()
		return IsPublic(netip.AddrFrom4([4]byte(bytes[12:])))
	}
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.Is6() && !global.Contains(address) {
		return false
	}
	for _, prefix := range reserved {
		if prefix.Contains(address) {
			return false
		}
	}
	return true
}

// errPrivate refuses a connection before its first packet.
var errPrivate = errors.New("the address is not public")

// onlyPublic refuses connections to addresses that are not public. It looks at the
// address that is really dialled: a name may lead elsewhere a moment later.
func onlyPublic(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !IsPublic(to.Addr()) {
		return errPrivate
	}
	return nil
}
