package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// The exception names of Data Center, which tell apart what one status hides.
const (
	exIncorrectPassword = "com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException"
	exAuthRequired      = "com.atlassian.plugins.rest.api.security.exception.AuthenticationRequiredException"
	exAuthorisation     = "com.atlassian.bitbucket.AuthorisationException"
	exNoAccess          = "com.atlassian.bitbucket.auth.NoAccessAuthenticationException"
	exCaptcha           = "com.atlassian.bitbucket.auth.CaptchaRequiredAuthenticationException"
	exNoProject         = "com.atlassian.bitbucket.project.NoSuchProjectException"
	exNoRepository      = "com.atlassian.bitbucket.repository.NoSuchRepositoryException"
	exNoUser            = "com.atlassian.bitbucket.user.NoSuchUserException"

	textNotPermitted = "You are not permitted to access this resource"
	textNoBasic      = "Basic Authentication has been disabled on this instance."
)

// dcFault is one entry of Data Center's error envelope.
type dcFault struct {
	Context       *string `json:"context"`
	Message       string  `json:"message"`
	ExceptionName string  `json:"exceptionName"`
}

// dcError is the envelope with one entry.
func dcError(status int, message, exception string) *Answer {
	return jsonAnswer(status, map[string][]dcFault{"errors": {{Message: message, ExceptionName: exception}}})
}

// dcChallenge adds the challenge by which Data Center is recognised.
func dcChallenge(a *Answer) *Answer {
	return a.with("WWW-Authenticate", `Basic realm="Atlassian Bitbucket"`)
}

// lockout counts wrong passwords per user name.
type lockout struct {
	mu    sync.Mutex
	wrong map[string]int
}

// fail counts one wrong password.
func (l *lockout) fail(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wrong == nil {
		l.wrong = map[string]int{}
	}
	l.wrong[strings.ToLower(name)]++
}

// count is how many wrong passwords a user has had in a row.
func (l *lockout) count(name string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wrong[strings.ToLower(name)]
}

// pass forgets a user's wrong passwords.
func (l *lockout) pass(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.wrong, strings.ToLower(name))
}

// clear forgets everybody's.
func (l *lockout) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = nil
}

// needsCaptcha reports whether a user has to solve one before Basic works.
func (s *Sandbox) needsCaptcha(name string) bool {
	after := s.opts.CaptchaAfter
	return s.faults().locked || after > 0 && s.lockout.count(name) >= after
}

// dcLogin decides who a request is made by, REST and git alike. A Bearer token
// that is not accepted counts as none; a wrong Basic pair is refused at once
// and counted.
func (s *Sandbox) dcLogin(l login) (identity, *Answer) {
	switch {
	case s.faults().ignored || l.style == "none" || l.style == "malformed":
		return identity{}, nil
	case l.style == "bearer":
		c := s.find(DataCenter, l.secret)
		if c == nil || c.Expired || c.Kind == KindPassword {
			return identity{}, nil
		}
		return s.licensed(c)
	case s.faults().noBasic:
		return identity{}, textAnswer(http.StatusForbidden, textNoBasic)
	case s.needsCaptcha(l.name):
		return identity{}, dcError(http.StatusForbidden, "CAPTCHA required. Your Bitbucket account has been marked as requiring a CAPTCHA to be solved before it may be used again.", exCaptcha)
	}
	c := s.find(DataCenter, l.secret)
	if c == nil || c.Expired || !strings.EqualFold(l.name, dcLoginName(c)) {
		s.lockout.fail(l.name)
		return identity{}, dcChallenge(dcError(http.StatusUnauthorized, "Authentication failed. Please check your credentials and try again.", exIncorrectPassword))
	}
	s.lockout.pass(l.name)
	return s.licensed(c)
}

// dcLoginName is the Basic user name a credential goes with: its owner, or
// x-token-auth for the token of a project or repository.
func dcLoginName(c *credential) string {
	if c.Owner == "" {
		return nameAccessToken
	}
	return c.Owner
}

// licensed refuses users without a licence.
func (s *Sandbox) licensed(c *credential) (identity, *Answer) {
	who := s.as(c)
	if s.faults().unlicensed || who.user != nil && who.user.unlicensed {
		return identity{}, dcError(http.StatusUnauthorized, "You are not currently licensed to use Bitbucket. Please contact your administrator for assistance.", exNoAccess)
	}
	return who, nil
}

// stampDC puts on the headers every Data Center answer has: a request id, and
// the user's name once somebody was accepted, on errors too.
func (s *Sandbox) stampDC(a *Answer, who identity) *Answer {
	a.with("X-AREQUESTID", fmt.Sprintf("@SANDBOXx%dx%dx0", 1385, s.requests.Add(1)))
	switch {
	case who.user != nil:
		a.with("X-AUSERNAME", who.user.username).with("X-AUSERID", fmt.Sprint(who.user.id))
	case who.cred != nil:
		// The name a project's or repository's token goes by is documented
		// nowhere; clients may only note that there is one.
		a.with("X-AUSERNAME", "access-token-user/"+who.cred.id)
	}
	return a
}
