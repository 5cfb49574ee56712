package probe

import (
	"net/netip"
	"slices"
	"strings"
)

// privateEndings are names no public name service knows: RFC 6762 (.local),
// RFC 8375 (.home.arpa), RFC 6761 (.localhost), ICANN's reservation of
// .internal (2024), and what organisations use in spite of all.
var privateEndings = []string{
	"local", "internal", "home.arpa", "localhost", "localdomain", "intranet", "lan", "corp", "home", "private",
}

// privateName reports that a host is known only inside a network: a name
// without a dot, one with a private ending, or a private address.
func privateName(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return privateIP(ip)
	}
	return !strings.Contains(host, ".") ||
		slices.ContainsFunc(privateEndings, func(end string) bool { return strings.HasSuffix(host, "."+end) })
}

// privateIP reports an address that is not routed over the internet: RFC 1918
// and RFC 4193, loopback, link-local, and RFC 6598's between carriers.
func privateIP(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || carriers.Contains(ip)
}

// carriers is RFC 6598's shared address space, which VPNs use as well.
var carriers = netip.MustParsePrefix("100.64.0.0/10")
