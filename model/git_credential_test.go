package model

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestARequestOfGitIsReadAsTheProtocolSays(t *testing.T) {
	t.Parallel()
	req, err := ReadGitRequest(strings.NewReader("capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=bitbucket.org\npath=acme/ledger.git\n" +
		"username=jdoe\npassword=a=b=c\nwwwauth[]=Basic realm=\"x\"\nwwwauth[]=Bearer\nnobody[]=knows this\nhost=bitbucket.org:443\n\nhost=evil.example.com\n"))
	if err != nil {
		t.Fatal(err)
	}
	if req.Protocol != "https" || req.Host != "bitbucket.org:443" || req.Path != "acme/ledger.git" || req.Username != "jdoe" ||
		req.Password.Reveal() != "a=b=c" || !req.TakesAuthType || len(req.WWWAuth) != 2 || !req.offers("bearer") || !req.offers("Basic") || req.offers("Negotiate") {
		t.Errorf("%+v", req)
	}
	req, err = ReadGitRequest(strings.NewReader("wwwauth[]=Basic\nwwwauth[]=\ncapability[]=authtype\ncapability[]=\nprotocol=http"))
	if err != nil || len(req.WWWAuth) != 0 || req.TakesAuthType || req.Protocol != "http" {
		t.Errorf("an empty item begins a list anew, and the end of the text ends the request: %+v %v", req, err)
	}
}

func TestARequestThatIsNoneIsRefusedWhole(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no equals sign":    "protocol=https\nhost\n\n",
		"a NUL":             "protocol=https\nhost=bitbucket.org\x00.example.com\n\n",
		"a carriage return": "protocol=https\nhost=bitbucket.org\rhost=example.com\n\n",
		"Windows line ends": "protocol=https\r\nhost=bitbucket.org\r\n\r\n",
		"a long line":       "protocol=https\nhost=" + strings.Repeat("a", maxGitLine) + "\n\n",
		"too many lines":    strings.Repeat("wwwauth[]=Basic\n", maxGitLines+2) + "\n",
		"too much":          strings.Repeat("wwwauth[]="+strings.Repeat("b", 1000)+"\n", 300),
	} {
		if req, err := ReadGitRequest(strings.NewReader(text)); !errors.Is(err, ErrGitRequest) || req.Host != "" {
			t.Errorf("%s: %+v %v", name, req, err)
		}
	}
}

func TestAnAnswerCannotSmuggleALineIntoTheProtocol(t *testing.T) {
	t.Parallel()
	for _, a := range []GitAnswer{
		{Username: "jdoe\nhost=evil", Password: NewSecret("x")},
		{Username: "jdoe", Password: NewSecret("x\npassword=y")},
		{Username: "jdoe", Password: NewSecret("x\x00")},
		{AuthType: "Bearer", Credential: NewSecret("x\r")},
	} {
		var b bytes.Buffer
		if _, err := a.WriteTo(&b); !errors.Is(err, ErrGitRequest) || b.Len() > 0 {
			t.Errorf("%q %v", b.String(), err)
		}
	}
	for want, a := range map[string]GitAnswer{
		"":                                   {Username: "jdoe"},
		"username=jdoe\npassword=s e=cret\n": {Username: "jdoe", Password: NewSecret("s e=cret")},
		"capability[]=authtype\nauthtype=Bearer\ncredential=x\n":      {AuthType: "Bearer", Credential: NewSecret("x")},
		"username=jdoe\npassword=x\npassword_expiry_utc=1795305599\n": {Username: "jdoe", Password: NewSecret("x"), Expires: lastMoment(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC))},
	} {
		var b bytes.Buffer
		if n, err := a.WriteTo(&b); err != nil || b.String() != want || int(n) != len(want) {
			t.Errorf("%q, want %q: %v", b.String(), want, err)
		}
	}
}

// A request that was read can be acted on without another look at its bytes:
// whatever comes in, no text of it holds a control character, and no answer made
// of it holds another line than its own.
func FuzzRequestsOfGit(f *testing.F) {
	f.Add("protocol=https\nhost=bitbucket.org\npath=acme/ledger.git\n\n")
	f.Add("host=bitbucket.org\r\nprotocol=https\n\n")
	f.Add("capability[]=authtype\nwwwauth[]=Bearer\nhost=[::1]:80\nprotocol=http\nusername=a%0ab\n")
	f.Fuzz(func(t *testing.T, text string) {
		req, err := ReadGitRequest(strings.NewReader(text))
		if err != nil {
			if req.Host != "" || req.Protocol != "" || !req.Value().IsZero() {
				t.Fatalf("half a request: %+v", req)
			}
			return
		}
		for _, s := range append([]string{req.Protocol, req.Host, req.Path, req.Username, req.Password.Reveal(), req.AuthType}, req.WWWAuth...) {
			if strings.ContainsFunc(s, isControl) {
				t.Fatalf("a control character in %q", s)
			}
		}
		list := GitCandidates(req, gitShelf(), gitInfos())
		for _, c := range list {
			if !strings.Contains(c.Saved.Connector.URL, strings.ToLower(strings.Split(req.Host, ":")[0])) {
				t.Fatalf("%q got the connector of %s", req.Host, c.Saved.Connector.URL)
			}
			var b bytes.Buffer
			if _, err := c.Answer(req, req.Username, NewSecret("value")).WriteTo(&b); err == nil && strings.Count(b.String(), "\n") > 4 {
				t.Fatalf("%q", b.String())
			}
		}
	})
}
