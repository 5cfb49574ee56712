package cmd

import (
	"testing"

	"bbconnect/model"
)

func TestTheEnvironmentWinsOverTheSettingsOfTheScreens(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings model.Settings
		env      map[string]string
		theme    string
		mouse    bool
	}{
		"nothing chosen":         {theme: "", mouse: true},
		"chosen for good":        {settings: model.Settings{Theme: "light", Mouse: "off"}, theme: "light"},
		"chosen for one run":     {settings: model.Settings{Theme: "light", Mouse: "off"}, env: map[string]string{"BBCONNECT_THEME": "contrast", "BBCONNECT_MOUSE": "on"}, theme: "contrast", mouse: true},
		"off as YAML may say it": {settings: model.Settings{Mouse: "false"}},
		"switched off one run":   {env: map[string]string{"BBCONNECT_MOUSE": "off"}},
	} {
		got := screenOptions(c.settings, func(k string) string { return c.env[k] })
		if got.Theme != c.theme || got.Mouse != c.mouse {
			t.Errorf("%s: theme %q, mouse %t", name, got.Theme, got.Mouse)
		}
	}
}
