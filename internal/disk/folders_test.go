package disk

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

// p makes an absolute path of this platform from slashes.
func p(slashes string) string {
	if runtime.GOOS == "windows" {
		return `C:` + filepath.FromSlash(slashes)
	}
	return slashes
}

func TestUserFoldersFollowEachPlatform(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		goos string
		env  map[string]string
		want Folders
	}{
		{
			"Linux without XDG variables", "linux",
			map[string]string{"HOME": p("/home/ann")},
			Folders{p("/home/ann/.local/share/bbconnect"), p("/home/ann/.local/state/bbconnect"), p("/home/ann/.config/bbconnect")},
		},
		{
			"Linux with XDG variables needs no home", "linux",
			map[string]string{"XDG_DATA_HOME": p("/d"), "XDG_STATE_HOME": p("/s"), "XDG_CONFIG_HOME": p("/c")},
			Folders{p("/d/bbconnect"), p("/s/bbconnect"), p("/c/bbconnect")},
		},
		{
			"a relative XDG variable is ignored", "linux",
			map[string]string{"HOME": p("/home/ann"), "XDG_DATA_HOME": "here", "XDG_STATE_HOME": p("/s")},
			Folders{p("/home/ann/.local/share/bbconnect"), p("/s/bbconnect"), p("/home/ann/.config/bbconnect")},
		},
		{
			"the BSDs are as Linux", "freebsd",
			map[string]string{"HOME": p("/home/ann")},
			Folders{p("/home/ann/.local/share/bbconnect"), p("/home/ann/.local/state/bbconnect"), p("/home/ann/.config/bbconnect")},
		},
		{
			"macOS", "darwin",
			map[string]string{"HOME": p("/Users/ann"), "XDG_DATA_HOME": p("/d")},
			Folders{
				p("/Users/ann/Library/Application Support/bbconnect/data"),
				p("/Users/ann/Library/Application Support/bbconnect/state"),
				p("/Users/ann/Library/Application Support/bbconnect/config"),
			},
		},
		{
			"Windows keeps state on this machine", "windows",
			map[string]string{"AppData": p("/roam"), "LocalAppData": p("/local")},
			Folders{p("/roam/bbconnect/data"), p("/local/bbconnect/state"), p("/roam/bbconnect/config")},
		},
		{
			"BBCONNECT_HOME wins everywhere", "darwin",
			map[string]string{"HOME": p("/Users/ann"), "BBCONNECT_HOME": p("/kit"), "XDG_DATA_HOME": p("/d")},
			Folders{p("/kit/data"), p("/kit/state"), p("/kit/config")},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := userFolders(tt.goos, environment(tt.env))
			if err != nil {
				t.Fatal(err)
			}
			want := Folders{filepath.FromSlash(tt.want.Data), filepath.FromSlash(tt.want.State), filepath.FromSlash(tt.want.Config)}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestARelativeBBCONNECT_HOMEIsTakenFromTheWorkingDirectory(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	got, err := UserFolders(environment(map[string]string{"BBCONNECT_HOME": "kit"}))
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(got.Data) || !strings.HasSuffix(got.Data, filepath.Join("kit", "data")) {
		t.Errorf("data folder is %q", got.Data)
	}
}

func TestAMissingHomeSaysWhichVariableAndOffersBBCONNECT_HOME(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, goos string
		env        map[string]string
		names      []string
	}{
		{"Linux", "linux", nil, []string{"HOME is not set"}},
		{"Linux, relative", "linux", map[string]string{"HOME": "ann"}, []string{"HOME is not an absolute path"}},
		{"Linux, one folder known", "linux", map[string]string{"XDG_DATA_HOME": p("/d")}, []string{"HOME is not set"}},
		{"macOS", "darwin", nil, []string{"HOME is not set"}},
		{"Windows", "windows", nil, []string{"AppData is not set", "LocalAppData is not set"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := userFolders(tt.goos, environment(tt.env))
			if err == nil {
				t.Fatalf("no error, and %+v", got)
			}
			for _, want := range append(tt.names, "BBCONNECT_HOME") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if got != (Folders{}) {
				t.Errorf("an error, and yet folders: %+v", got)
			}
		})
	}
}
