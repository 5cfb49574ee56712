package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// version is a release's number twice: as the program says it, and as packages
// need it.
type version struct {
	// said is what --version prints, such as v1.2.3 or v1.2.3-4-g0a1b2c3.
	said string
	// number has the form 1.2.3 or 1.2.3-dev.4.g0a1b2c3 (semver.org): three numbers,
	// since package managers compare them.
	number string
}

// described is the output of git describe --tags for a tagged history.
var described = regexp.MustCompile(`^v?(\d+)\.(\d+)\.(\d+)(?:-(\d+)-(g[0-9a-f]+))?(-dirty)?$`)

// plain is a semantic version, with or without the v.
var plain = regexp.MustCompile(`^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$`)

// readVersion takes what git describe prints, or a version somebody chose. What is
// not released yet sorts before the release that follows it.
func readVersion(said string) version {
	v := version{said: said}
	if m := described.FindStringSubmatch(said); m != nil {
		v.number = m[1] + "." + m[2] + "." + m[3]
		if m[4] != "" {
			patch, _ := strconv.Atoi(m[3]) // digits, by the pattern
			v.number = fmt.Sprintf("%s.%s.%d-dev.%s.%s", m[1], m[2], patch+1, m[4], m[5])
		}
		if m[6] != "" {
			v.number = strings.TrimSuffix(v.number, "-dirty") + suffix(v.number) + "dirty"
		}
		return v
	}
	if m := plain.FindStringSubmatch(said); m != nil {
		v.number = m[1]
		return v
	}
	v.number = "0.0.0-dev.g" + unwanted.ReplaceAllString(said, ".")
	return v
}

// unwanted is what a pre-release may not hold.
var unwanted = regexp.MustCompile(`[^0-9A-Za-z]+`)

// suffix joins a further part to a number that may have one already.
func suffix(number string) string {
	if strings.Contains(number, "-") {
		return "."
	}
	return "-"
}

// describe asks git for the version of a checkout; without tags it is the commit.
func describe(ctx context.Context, source string) string {
	out, err := exec.CommandContext(ctx, "git", "-C", source, "describe", "--tags", "--always", "--dirty").Output()
	if err != nil {
		return "devel"
	}
	return strings.TrimSpace(string(out))
}

// commitTime is when the newest commit was made, in UTC.
func commitTime(ctx context.Context, source string) (time.Time, error) {
	out, err := exec.CommandContext(ctx, "git", "-C", source, "log", "-1", "--format=%ct").Output()
	if err != nil {
		return time.Time{}, fmt.Errorf("a release is made from a git checkout: %w", err)
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		return time.Time{}, err
	}
	return time.Unix(seconds, 0).UTC(), nil
}
