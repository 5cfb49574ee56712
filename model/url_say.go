package model

import "strconv"

// mending is what is said about something that was put right.
type mending struct {
	// always is the severity wherever the text stands, "" for a warning.
	always Severity
	// refused means that Harness, or git on its behalf, cannot use the text as it
	// stands: an error in a document.
	refused      bool
	message, fix string
}

// mendings has every code of the contract that can be mended.
var mendings = map[string]mending{
	"url.secret-embedded":  {refused: true, message: "The address carried a credential. It has been taken out.", fix: "Use it as the credential, or revoke it if others have seen this address."},
	"url.secret-unescaped": {always: SeverityError, message: "The address carried a credential with characters that end an address. It has been taken out.", fix: "Accept the address without it and give the credential in Credentials."},
	"url.web-page":         {refused: true, message: "This is a browser page. The connector needs the clone address.", fix: "Accept the clone address."},
	"url.api-address":      {refused: true, message: "This is an address of Bitbucket's own interfaces. The connector needs the clone address.", fix: "Accept the clone address."},
	"url.clone-command":    {refused: true, message: "Only the address is needed. What stood around it was left out.", fix: "Accept the address alone."},
	"url.scheme-added":     {refused: true, message: "Harness wants the address with https:// or ssh:// in front.", fix: "Accept the whole address."},
	"url.https":            {message: "Bitbucket Cloud serves git over HTTPS at bitbucket.org, on the usual port.", fix: "Accept the HTTPS address."},
	"url.ssh-user":         {message: "Over SSH the user is always git. Bitbucket knows you by your key.", fix: "Accept the address with git as the user."},
	"url.scp-port":         {refused: true, message: "Without ssh:// git reads a port behind the colon as a folder, and with it a folder as a port.", fix: "Accept the address in the form git can read."},
	"url.missing-colon":    {refused: true, message: "Without a colon git takes this for a local path, and Harness refuses it.", fix: "Accept the address with ssh:// in front."},
	"url.scm-in-ssh":       {refused: true, message: "Over SSH there is no /scm in the path. With it Harness derives a wrong API address.", fix: "Accept the address without it."},
	"url.scm-missing":      {refused: true, message: "Over HTTP the clone address of Data Center has /scm before the project. Without it Harness loses port and path of the API.", fix: "Accept the address with /scm."},
	"url.double-slash":     {refused: true, message: "There are slashes too many or too few.", fix: "Accept the mended address."},
	"url.query":            {refused: true, message: "What follows ? or # is for browsers.", fix: "Accept the address without it."},
	"url.extra-segment":    {always: SeverityError, message: "There is a segment too many around project and repository. API access fails with it.", fix: "Leave it out."},
	"url.scheme":           {always: SeverityError, message: "Harness reaches Bitbucket over https and ssh alone.", fix: "Accept the address in the form it takes."},
	"url.case":             {refused: true, message: "Harness knows scheme and host in lower case only.", fix: "Accept the address in lower case."},
	"url.user":             {always: SeverityHint, message: "The user name in the address is not needed. It belongs to the credentials.", fix: "Accept the address without it."},
	"url.git-suffix":       {always: SeverityHint, message: "The clone address ends in .git.", fix: "Accept the whole address."},
}

// mendedFinding words one mending. Where a page was recognised, what browsers
// add to it needs no word of its own.
func (r *urlReader) mendedFinding(code string) (Finding, bool) {
	if r.a.URL == "" && code != "url.secret-embedded" && code != "url.secret-unescaped" {
		return Finding{}, false
	}
	if r.covered(code) {
		return Finding{}, false
	}
	m := mendings[code]
	f := Finding{Code: code, Severity: SeverityWarning, Field: QURL, Message: m.message, Fix: m.fix, Suggestion: r.a.URL}
	switch {
	case m.always != "":
		f.Severity = m.always
	case r.ctx.Document && m.refused:
		f.Severity = SeverityError
	}
	if code == "url.missing-colon" && r.a.Product == DataCenter {
		f.Fix = "Accept the address with ssh:// in front. Its port " + strconv.Itoa(r.a.Port) + " is a guess: it is Data Center's usual one."
	}
	if code == "url.web-page" && r.project != "" {
		f.Fix = "Accept the clone address, and name " + r.project + " in the test repository: " + r.project + "/REPO.git."
	}
	return f, true
}

// covered says that another finding already tells what this one would.
func (r *urlReader) covered(code string) bool {
	has := func(other string) bool {
		for _, m := range r.mended {
			if m == other {
				return true
			}
		}
		return false
	}
	page := has("url.web-page") || has("url.api-address")
	switch code {
	case "url.secret-embedded":
		return has("url.secret-unescaped")
	case "url.query", "url.git-suffix", "url.user":
		return page || (code == "url.user" && !r.secret.IsZero())
	}
	return false
}

// say adds what is to be said about an address that was understood.
func (r *urlReader) say() {
	r.sayHost()
	r.sayContext()
	a := r.a
	if a.plain {
		r.tell("url.plain-http", SeverityWarning, "Over http:// the credential travels readable for everyone on the way.",
			"Use https:// if this Bitbucket offers it.", "")
	}
	if a.Transport != SSH {
		r.sayContextPath()
		return
	}
	if a.Product == Cloud {
		r.sayCloudSSH()
		return
	}
	if a.Port == 0 {
		b := a
		b.scp, b.Port = false, portDataCenterSSH
		r.tell("url.ssh-port", SeverityHint, "This reaches SSH on port 22. Data Center answers on 7999 unless an administrator changed it.",
			"Keep it if your clone address has no port, else accept the usual one.", b.settle().URL)
	}
}

// sayContextPath tells where Harness takes the wrong words for project and
// repository: it knows a path of one segment before /scm, not of more.
func (r *urlReader) sayContextPath() {
	a := r.a
	if _, slug, ok := HarnessAPI(a.URL); r.ctx.APIOn && ok && a.Product == DataCenter && a.Repo != "" && slug != a.Project+"/"+a.Repo {
		r.tell("url.context-path", SeverityWarning, "Harness knows one segment before /scm. With more it asks the API for a wrong repository.",
			"Use an address of this Bitbucket with a shorter path if there is one.", "")
	}
}

func (r *urlReader) sayHost() {
	host := r.a.Host
	if lookalike(host) {
		r.tell("url.lookalike-host", SeverityWarning, "This host looks like bitbucket.org and is another one.",
			"Accept bitbucket.org, unless this is your own Data Center.", r.atCloud())
	}
	for _, c := range host {
		if c > 127 {
			r.tell("url.non-ascii-host", SeverityWarning, "The host has letters outside ASCII. Some look like others.",
				"Write the host in its ASCII form, which begins with xn--, and check that it is the one you mean.", "")
			return
		}
	}
}

// atCloud is the same path at bitbucket.org, "" when it makes no sense there.
func (r *urlReader) atCloud() string {
	c := &urlReader{segments: r.segments}
	c.a = Address{Product: Cloud, Transport: r.a.Transport, Host: hostCloud, scp: r.a.Transport == SSH}
	if c.a.Transport == SSH {
		c.a.Host = hostCloudSSH
	}
	if !c.readPath() {
		return ""
	}
	return c.a.settle().URL
}

// sayContext compares the address with the choices already made.
func (r *urlReader) sayContext() {
	a := r.a
	t, c := r.ctx.URLType, r.ctx.ConnectionType
	if t == "" {
		t = a.URLType
	}
	suggestion, ok := a.For(t, c)
	if !ok {
		suggestion, _ = a.For(URLAccount, c)
	}
	page := false
	for _, m := range r.mended {
		page = page || m == "url.web-page" || m == "url.api-address"
	}
	switch {
	case r.ctx.URLType == URLRepo && a.Repo == "":
		r.tell("url.repo-missing", SeverityError, "URL type Repository needs the address of one repository.",
			"Paste a repository's address, or choose Account.", "")
	case r.ctx.URLType == URLAccount && a.Repo != "":
		r.tell("url.account-names-repo", SeverityError, "URL type Account takes the account alone. This names a repository.",
			"Accept the account's address, or choose Repository.", suggestion)
	case r.project != "" && !page:
		r.tell("url.account-names-project", SeverityError, "The address names project "+r.project+" and no repository. URL type Account takes the server alone.",
			"Accept the server's address, and write the test repository as "+r.project+"/REPO.git.", suggestion)
	}
	if c != "" && c != a.Transport {
		want := "HTTP"
		if c == SSH {
			want = "SSH"
		}
		r.tell("url.transport-mismatch", SeverityError, "Connection type "+want+" is chosen, and this is an address of the other kind.",
			"Accept the "+want+" address of the same place, or choose the other connection type.", suggestion)
	}
}

// sayCloudSSH tells of the move to ssh.bitbucket.org and of what Harness makes
// of each host.
func (r *urlReader) sayCloudSSH() {
	a := r.a
	http, _ := a.For(a.URLType, HTTP)
	moved := a
	moved.Host, moved.Port = hostCloudSSH, 0
	const derives = "Harness may take any host other than bitbucket.org for Data Center, and then derives a wrong API address."
	switch {
	case a.Host == hostCloud && r.ctx.APIOn:
		r.tell("url.ssh-host-moved", SeverityWarning, "Bitbucket Cloud moved SSH to ssh.bitbucket.org on 2026-11-12, and "+derives,
			"Use HTTP: it works for both git and API access.", http)
	case a.Host == hostCloud:
		r.tell("url.ssh-host-moved", SeverityWarning, "Bitbucket Cloud moved SSH to ssh.bitbucket.org on 2026-11-12. "+derives,
			"Accept the new host as long as API access stays off.", moved.settle().URL)
	case a.Host == hostCloudSSH && r.ctx.APIOn:
		r.tell("url.ssh-host-moved", SeverityWarning, "This is Bitbucket Cloud's SSH host, but "+derives,
			"Use HTTP: it works for both git and API access.", http)
	case a.Host == hostCloudAlt && r.ctx.APIOn:
		r.tell("url.altssh", SeverityWarning, "This is Bitbucket Cloud's SSH on port 443, but "+derives,
			"Use HTTP: it works for both git and API access.", http)
	case a.Host == hostCloudAlt:
		r.tell("url.altssh", SeverityHint, "This is Bitbucket Cloud's SSH on port 443, for networks that block port 22.",
			"Keep it only if port 22 is blocked where Harness runs.", "")
	}
	r.sayCloudSSHPort()
}

// sayCloudSSHPort checks the port against the one the host listens on.
func (r *urlReader) sayCloudSSHPort() {
	a, want := r.a, 0
	if a.Host == hostCloudAlt {
		want = 443
	}
	if a.Port == want {
		return
	}
	a.Port, a.scp = want, false
	listens := "Bitbucket Cloud's SSH listens on port 22."
	if want != 0 {
		listens = "altssh.bitbucket.org listens on port 443 alone."
	}
	r.tell("url.ssh-port", SeverityWarning, listens, "Accept the address with the right port.", a.settle().URL)
}
