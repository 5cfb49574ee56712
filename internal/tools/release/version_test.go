package main

import "testing"

func TestAVersionIsANumberThatPackageManagersCanCompare(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"v1.2.3":                    "1.2.3",
		"1.2.3":                     "1.2.3",
		"v1.2.3-rc.1":               "1.2.3-rc.1",
		"v1.2.3-4-g0a1b2c3":         "1.2.4-dev.4.g0a1b2c3",
		"v1.2.3-dirty":              "1.2.3-dirty",
		"v1.2.3-4-g0a1b2c3-dirty":   "1.2.4-dev.4.g0a1b2c3.dirty",
		"0a1b2c3":                   "0.0.0-dev.g0a1b2c3",
		"0a1b2c3-dirty":             "0.0.0-dev.g0a1b2c3.dirty",
		"0012345":                   "0.0.0-dev.g0012345",
		"devel":                     "0.0.0-dev.gdevel",
		"../../etc/passwd":          "0.0.0-dev.g.etc.passwd",
		"v1.2.3; rm -rf / #":        "0.0.0-dev.gv1.2.3.rm.rf.",
		"v1.2":                      "0.0.0-dev.gv1.2",
		"v10.20.30-400-gdeadbeef01": "10.20.31-dev.400.gdeadbeef01",
	} {
		if got := readVersion(said); got.number != want || got.said != said {
			t.Errorf("readVersion(%q) = %+v, want %s", said, got, want)
		}
	}
}
