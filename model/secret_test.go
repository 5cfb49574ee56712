package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// canarySecret is a value that may turn up nowhere; made at run time.
func canarySecret() string { return "canary-" + strings.Repeat("Q7", 12) }

func TestASecretIsHiddenWhateverPrintsIt(t *testing.T) {
	t.Parallel()
	canary := canarySecret()
	s := NewSecret(canary)
	type open struct{ Password Secret }
	type closed struct{ password Secret }
	held := []any{
		s, &s,
		open{s},
		&open{s},
		closed{s},
		&closed{s},
		[]Secret{s},
		[]closed{{s}},
		map[string]Secret{"a": s},
		map[string]closed{"a": {s}},
		NewDraft().WithSecret(QPassword, s),
		SecretWrite{Value: s},
		TestRequest{Password: s},
		Recognised{Clean: s},
		fmt.Errorf("with %v and %#v", s, closed{s}), errors.Join(errors.New("a"), fmt.Errorf("%+v", open{s})),
	}
	var out bytes.Buffer
	for _, v := range held {
		for _, verb := range "vsqxXdtTeEfFgGbcoOUp" {
			for _, flag := range []string{"", "+", "#", "0", " ", "-", "12.3"} {
				fmt.Fprintf(&out, "%"+flag+string(verb), v)
			}
		}
		text, err := json.Marshal(v)
		if err != nil && !strings.Contains(err.Error(), "unsupported") {
			t.Errorf("%T: %v", v, err)
		}
		out.Write(text)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
	}
	printed := out.String()
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprintf("% x", canary), fmt.Sprintf("%d", []byte(canary))} {
		if strings.Contains(printed, form) {
			t.Errorf("printed as %.12s…", form)
		}
	}
	if !strings.Contains(printed, redacted) {
		t.Error("nothing shows that there is a secret")
	}
}

func TestASecretIsItsValueAndNothingElse(t *testing.T) {
	t.Parallel()
	a, b, zero := NewSecret("one two "), NewSecret("one two "), NewSecret("")
	switch {
	case a.Reveal() != "one two " || a.Len() != 8 || a.IsZero():
		t.Error("the value changed")
	case !a.Equal(b) || a.Equal(NewSecret("other")) || a.Equal(zero):
		t.Error("equal by value alone")
	case !zero.IsZero() || zero.Reveal() != "" || zero.Len() != 0 || zero.String() != "" || !zero.Equal(Secret{}):
		t.Error("no value is the zero secret")
	case a.String() != redacted || a.GoString() != "model.Secret("+redacted+")":
		t.Error("not redacted")
	}
}
