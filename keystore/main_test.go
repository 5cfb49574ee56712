package keystore

import (
	"os"
	"strings"
	"testing"
)

// TestMain lets the test binary stand in for other processes: its tests start
// it again with one of these variables set.
func TestMain(m *testing.M) {
	if prefix, path, ok := strings.Cut(os.Getenv(addsTo), "="); ok {
		os.Exit(addSecrets(path, prefix))
	}
	if call := os.Getenv(callsKeyring); call != "" {
		os.Exit(callKeyring(call))
	}
	os.Exit(m.Run())
}
