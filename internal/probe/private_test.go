package probe

import (
	"strings"
	"testing"
)

func TestPrivateNamesAndAddressesAreKnown(t *testing.T) {
	t.Parallel()
	for _, host := range strings.Fields("git git.acme.internal BITBUCKET.local. git.home.arpa localhost 10.1.2.3 192.168.0.9 172.16.1.1 127.0.0.1 ::1 fd00::1 fe80::1 100.64.0.1 ::ffff:10.0.0.1") {
		if !privateName(host) {
			t.Errorf("%s is private", host)
		}
	}
	for _, host := range strings.Fields("bitbucket.org git.acme-corp.com internal.acme.com 8.8.8.8 172.32.0.1 2001:4860::8 100.128.0.1") {
		if privateName(host) {
			t.Errorf("%s is public", host)
		}
	}
}
