package probe

import (
	"strings"
	"testing"

	"bbconnect/model"
)

func TestWhatTheWayToTheServerShowsIsNoted(t *testing.T) {
	t.Parallel()
	near := soundCloud()
	for at, r := range near {
		if r.header["Content-Type"] == "application/json" {
			r.header["X-RateLimit-NearLimit"] = "true"
			r.header["X-RateLimit-Limit"] = "1000"
			near[at] = r
		}
	}
	for name, c := range map[string]struct {
		request  model.TestRequest
		answers  map[string]reply
		change   func(*model.TestRequest)
		ca       bool
		code     string
		severity model.Severity
		says     string
	}{
		"the delegate lacks the file":         {serverRequest(), soundServer(), viaDelegate, true, "connectivity.self-signed", model.SeverityHint, "ADDITIONAL_CERTS_PATH"},
		"the platform lacks the file":         {serverRequest(), soundServer(), nil, true, "connectivity.self-signed", model.SeverityWarning, "public authority"},
		"the delegate, with API access off":   {serverRequest(), soundServer(), func(r *model.TestRequest) { viaDelegate(r); apiOff(r) }, true, "", "", ""},
		"the file was not needed":             {serverRequest(), soundServer(), viaDelegate, false, "", "", ""},
		"through Secure Connect":              {serverRequest(), soundServer(), func(r *model.TestRequest) { r.Connector.SecureConnect = true }, true, "", "", ""},
		"the limit is near":                   {cloudRequest(), near, nil, false, "net.rate-limited", model.SeverityHint, "The limit is 1000 requests."},
		"the limit is not near":               {cloudRequest(), soundCloud(), nil, false, "", "", ""},
		"a company's firewall, at Cloud":      {cloudRequest(), soundCloud(), nil, true, "", "", ""},
		"a company's firewall, at a delegate": {cloudRequest(), soundCloud(), viaDelegate, true, "connectivity.self-signed", model.SeverityHint, "bitbucket.org"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.change != nil {
				c.change(&c.request)
			}
			w := newWorld(t, c.answers)
			c.request.CAFile = caFile(t, newAuthority(t, "Else"))
			if c.ca {
				c.request.CAFile = caFile(t, w.ca)
			}
			result := New(w.options()).Test(t.Context(), c.request, nil)
			compare(t, result, model.VerdictPass, "")
			notes := model.Findings{}
			for _, n := range result.Notes {
				if n.Code == "connectivity.self-signed" || n.Code == "net.rate-limited" {
					notes = append(notes, n)
				}
			}
			switch {
			case c.code == "" && len(notes) > 0:
				t.Errorf("noted without need: %+v", notes)
			case c.code != "" && len(notes) != 1:
				t.Fatalf("%d notes: %+v", len(notes), notes)
			case c.code != "":
				n := notes[0]
				if n.Code != c.code || n.Severity != c.severity || !strings.Contains(n.Message+n.Fix, c.says) || n.Field == "" {
					t.Errorf("%+v", n)
				}
			}
		})
	}
}

func TestATestThatFailedHasNoNotesOfTheWay(t *testing.T) {
	t.Parallel()
	f := facts{ownCA: true, counts: true, to: target{Address: model.Address{Host: dcHost}}}
	f.req.Connector.Mode = model.ModeDelegate
	for verdict, want := range map[model.Verdict]int{
		model.VerdictPass: 1, model.VerdictWarn: 1, model.VerdictFail: 0, model.VerdictUnreachable: 0,
	} {
		if got := f.networkNotes(verdict); len(got) != want {
			t.Errorf("%s: %+v", verdict, got)
		}
	}
}
