// Package loopback tells requests to this machine from others, for servers that answer this machine
// alone. It does not reach for the network.
package loopback

import (
	"net/netip"
	"strings"
)

// IsHost reports whether the host of a request, with or without a port, is localhost or a loopback
// address. A name that leads to this machine by DNS is another host.
func IsHost(host string) bool {
	if a, err := netip.ParseAddrPort(host); err == nil {
		return a.Addr().IsLoopback()
	}
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")); err == nil {
		return a.IsLoopback()
	}
	name, _, _ := strings.Cut(host, ":")
	return name == "localhost"
}
