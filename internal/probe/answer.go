package probe

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"bbconnect/model"
)

// maxBody is how much of any answer is read.
const maxBody = 64 << 10

// loginForm matches a page somebody is to sign in on.
var loginForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)type=["']?password|saml|single sign|\bsso\b|\b(log|sign) ?in\b`)
})

// answer is what one request brought back, taken apart but not judged. The
// zero answer means that nothing was asked.
type answer struct {
	asked bool
	// check is the id of the check it belongs to.
	check string
	// host is who was asked, with the port where it is not the usual one.
	host string
	// path is what was asked for there, asksPlain that it was without TLS.
	path      string
	asksPlain bool
	// proxied says that it was asked through a proxy.
	proxied bool
	// fault is set when no HTTP answer came.
	fault fault

	status int
	html   bool
	// workspace and listed say that the answer is about a workspace, or the list
	// of an account's repositories.
	workspace, listed bool
	// loginPage says that the page asks for a password or talks of signing in.
	loginPage bool
	json      map[string]any
	// said are the server's own words, cleaned; "" when there were none.
	said string
	// exception is Data Center's exceptionName without its package.
	exception string
	// noScopes means that error was a string, as for tokens without scopes.
	noScopes bool
	// required and granted are the scopes a refusal names.
	required, granted []string

	// credential, scopes and accepted are Cloud's X-Credential-Type,
	// X-OAuth-Scopes and X-Accepted-OAuth-Scopes; sent with every status.
	credential string
	scopes     []string
	accepted   []string
	// scoped says that X-OAuth-Scopes was there at all, even empty.
	scoped bool
	// user is Data Center's X-AUSERNAME, "" and anonymous when nobody is
	// signed in.
	user string
	// captcha says that Data Center wants a login on the web first.
	captcha bool
	// bitbucket says that the headers are Bitbucket's own.
	bitbucket bool
	// location is where a redirect points, nil without one; refresh is where a page
	// leads by itself.
	location, refresh *url.URL
	// barrier names what stands before the server where the headers tell.
	barrier string
	limits  limits
}

// refused reports a 401.
func (a answer) refused() bool { return a.status == http.StatusUnauthorized }

// good reports a 2xx with an answer in JSON, as both products give it.
func (a answer) good() bool { return a.status/100 == 2 && a.json != nil }

// dead reports that the request got no HTTP answer.
func (a answer) dead() bool { return a.asked && a.fault.kind != noFault }

// text reads a string from the JSON body by its path, "" when it is not there.
func (a answer) text(path ...string) string {
	s, _ := dig(a.json, path...).(string)
	return s
}

// dig walks into nested JSON objects.
func dig(v any, path ...string) any {
	for _, key := range path {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[key]
	}
	return v
}

// readHeaders fills in what the headers tell.
func (a *answer) readHeaders(h http.Header, asked *url.URL) {
	a.credential = clean(h.Get("X-Credential-Type"))
	_, a.scoped = h["X-Oauth-Scopes"]
	a.scopes = model.ParseScopes(h.Get("X-Oauth-Scopes"))
	a.accepted = model.ParseScopes(h.Get("X-Accepted-Oauth-Scopes"))
	if user, err := url.QueryUnescape(h.Get("X-Ausername")); err == nil {
		a.user = clean(user)
	}
	a.captcha = holds(h.Get("X-Authentication-Denied-Reason"), "CAPTCHA")
	a.bitbucket = h.Get("X-Arequestid") != "" || a.credential != "" ||
		holds(h.Get("Www-Authenticate"), "bitbucket")
	a.barrier = barrierOf(h)
	if to := h.Get("Location"); to != "" {
		if u, err := asked.Parse(to); err == nil {
			u.User = nil
			a.location = u
		}
	}
}

// readBody fills in what the body tells. Bitbucket's errors come as an object,
// as a string, as plain text, as HTML and as nothing at all.
func (a *answer) readBody(contentType string, body []byte) {
	text := strings.TrimSpace(string(body))
	switch {
	case strings.HasPrefix(text, "{"):
		if json.Unmarshal(body, &a.json) == nil {
			a.readJSON()
		}
	case holds(contentType, "html") || holds(text[:min(len(text), 200)], "<html", "<!doctype html"):
		a.html = true
		a.loginPage = loginForm().MatchString(text)
		a.said = plainText(text)
	case strings.HasPrefix(text, "<"):
		a.said = plainText(text)
	default:
		a.said = clean(text)
	}
}

// readJSON finds the message in the envelopes of both products.
func (a *answer) readJSON() {
	switch e := a.json["error"].(type) {
	case string:
		a.said = clean(e)
		a.noScopes = holds(e, "no bitbucket scopes")
	case map[string]any:
		a.said = clean(a.text("error", "message"))
		a.granted = stringList(dig(e, "detail", "granted"))
		a.required = stringList(dig(e, "detail", "required"))
	}
	if list, ok := a.json["errors"].([]any); ok && len(list) > 0 {
		message, _ := dig(list[0], "message").(string)
		name, _ := dig(list[0], "exceptionName").(string)
		a.said = clean(message)
		a.exception = clean(name[strings.LastIndex(name, ".")+1:])
	}
	if message := a.text("message"); message != "" && a.said == "" {
		a.said = clean(message)
	}
}

// stringList reads a JSON list of strings, or one string.
func stringList(v any) []string {
	var out []string
	switch v := v.(type) {
	case string:
		return model.ParseScopes(v)
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok && len(out) < 100 {
				out = append(out, model.ParseScopes(s)...)
			}
		}
	}
	return out
}
