package preflight

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// machine is one on which the cluster can start.
func machine() Machine {
	return Machine{
		OS:         "linux",
		Program:    "/my tree/cluster",
		LookPath:   func(name string) (string, error) { return "/usr/bin/" + name, nil },
		HasLibrary: func(context.Context, string) bool { return true },
		Addresses: func() ([]net.Addr, error) {
			return []net.Addr{&net.IPNet{IP: net.ParseIP("192.0.2.2"), Mask: net.CIDRMask(24, 32)}}, nil
		},
		Listeners: func() ([]Listener, error) { return nil, nil },
		Holder:    func(Listener) string { return "nginx (process 7)" },
	}
}

// without is a machine that lacks programs.
func without(names ...string) Machine {
	lacking := machine()
	lacking.LookPath = func(name string) (string, error) {
		if slices.Contains(names, name) {
			return "", errors.New("not found")
		}
		return name, nil
	}
	return lacking
}

func listening(network, address string) Machine {
	busy := machine()
	busy.Listeners = func() ([]Listener, error) {
		return []Listener{{Network: network, Address: netip.MustParseAddrPort(address)}}, nil
	}
	return busy
}

func TestChecks(t *testing.T) {
	with := func(change func(*Machine)) Machine {
		changed := machine()
		change(&changed)
		return changed
	}
	building := func(m Machine) error { return Building(t.Context(), m) }
	rights := func(m Machine) error { return Rights(m, "starting") }
	for name, test := range map[string]struct {
		check   func(Machine) error
		machine Machine
		wants   []string
	}{
		"root on Linux":             {rights, machine(), nil},
		"somebody else":             {rights, with(func(m *Machine) { m.UserID = 1000 }), []string{"starting needs root", "'/my tree/cluster' COMMAND"}},
		"another system":            {rights, with(func(m *Machine) { m.OS = "darwin" }), []string{"darwin", "kind"}},
		"all programs":              {Programs, machine(), nil},
		"two programs missing":      {Programs, without("nft", "mount"), []string{"nft", "apt-get install nftables", "mount is missing"}},
		"all to build with":         {building, machine(), nil},
		"no compiler":               {building, without("gcc"), []string{"gcc", "apt-get install gcc"}},
		"no libseccomp":             {building, with(func(m *Machine) { m.HasLibrary = func(context.Context, string) bool { return false } }), []string{"libseccomp-dev"}},
		"nothing in the way":        {Free, machine(), nil},
		"port taken everywhere":     {Free, listening("tcp", "0.0.0.0:10250"), []string{"port 10250", "kubelet", "nginx (process 7)"}},
		"port taken at our address": {Free, listening("tcp", "10.217.0.1:6443"), []string{"port 6443", "kube-apiserver"}},
		"port taken for IPv6":       {Free, listening("tcp6", "[::]:2379"), []string{"port 2379", "etcd"}},
		"mapped address":            {Free, listening("tcp6", "[::ffff:10.217.0.1]:2379"), []string{"port 2379"}},
		"name server everywhere":    {Free, listening("udp", "0.0.0.0:53"), []string{"port 53 (udp)", "coredns"}},
		"port taken elsewhere":      {Free, listening("tcp", "127.0.0.1:6443"), nil},
		"UDP is not TCP":            {Free, listening("udp", "0.0.0.0:6443"), nil},
		"address within the range": {Free, with(func(m *Machine) {
			m.Addresses = func() ([]net.Addr, error) {
				return []net.Addr{&net.IPNet{IP: net.ParseIP("10.219.3.4"), Mask: net.CIDRMask(16, 32)}}, nil
			}
		}), []string{"10.219.3.4", "10.219.0.0/16"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.check(test.machine)
			if len(test.wants) == 0 {
				if err != nil {
					t.Errorf("error is %v, want none", err)
				}
				return
			}
			for _, want := range test.wants {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error is %v, want one with %q", err, want)
				}
			}
		})
	}
}

func TestAllJoinsEverything(t *testing.T) {
	if err := All(nil, nil); err != nil {
		t.Errorf("error is %v, want none", err)
	}
	err := All(Problems{"first", "second"}, nil, errors.New("third"))
	var joined Problems
	if !errors.As(err, &joined) || !slices.Equal(joined, Problems{"first", "second", "third"}) {
		t.Errorf("error is %v", err)
	}
}

func TestParseListeners(t *testing.T) {
	const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	for name, test := range map[string]struct {
		network, content, want string
	}{
		"listening":     {"tcp", "   0: 0100D90A:192B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1", "10.217.0.1:6443"},
		"connected":     {"tcp", "   0: 0100D90A:192B 0200000A:1234 01 00000000:00000000 00:00000000 00000000     0        0 4711 1", ""},
		"packets":       {"udp", "  12: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2", "0.0.0.0:53"},
		"any, IPv6":     {"tcp6", "   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1", "[::]:80"},
		"loopback IPv6": {"tcp6", "   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1", "[::1]:80"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseListeners(strings.NewReader(header+test.content+"\n"), test.network)
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" {
				if len(got) != 0 {
					t.Errorf("got %v, want none", got)
				}
				return
			}
			if len(got) != 1 || got[0].Address.String() != test.want || got[0].Inode != "4711" {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
	if _, err := parseListeners(strings.NewReader(header+"   0: nonsense 00000000:0000 0A a b c d e f\n"), "tcp"); err == nil {
		t.Error("nonsense was taken for an address")
	}
}

func TestListenersAndHolderOfARealSocket(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	all, err := readListeners("/proc/net")
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(all, func(one Listener) bool { return one.Address.String() == listener.Addr().String() })
	if at < 0 {
		t.Fatalf("%s is not among %v", listener.Addr(), all)
	}
	if got := holder("/proc", all[at].Inode); !strings.Contains(got, "preflight.test") {
		t.Errorf("held by %q, want this test", got)
	}
}
