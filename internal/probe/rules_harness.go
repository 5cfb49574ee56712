package probe

import (
	"strings"

	"bbconnect/model"
)

// harnessRules are about what Harness will do with the address as it stands in
// the connector, however well Bitbucket answers: GitClientHelper derives the
// REST API's address from it, BitbucketConnectorDTO refuses some forms, and git
// is given it unmended. What a form of the same place mends fails; what cannot
// be mended warns where API access is on, and is a note where it is off.
var harnessRules = []rule{
	{
		// "valid ssh url formats are git@provider.com:username/repo, …".
		name: "Harness refuses an address without a colon", code: "url.missing-colon", field: model.QURL, at: checkGit,
		when:  misread(model.HarnessRejects, func(f *facts) bool { return strings.HasPrefix(f.written(), "git@") }),
		what:  "Harness does not save this address: a colon is missing.",
		why:   "git@HOST/PATH is a local path to git. Everything was tested with the address it stands for.",
		fix:   "Use the address with ssh:// in front.",
		mends: mendForHarness,
	},
	{
		// GitClientHelper's expressions know lower case only.
		name: "Harness refuses capitals in the scheme", code: "url.case", field: model.QURL, at: checkGit,
		when: misread(model.HarnessRejects, func(f *facts) bool {
			_, _, ok := model.HarnessAPI(strings.ToLower(f.written()))
			return ok
		}),
		what:  "Harness does not save this address: it knows https:// and ssh:// in lower case only.",
		why:   "Everything was tested with the address it stands for.",
		fix:   "Write the scheme in lower case.",
		mends: mendForHarness,
	},
	{
		// "should start with either http:// , https:// , ssh:// or git@".
		name: "Harness refuses an address without a scheme", code: "url.scheme-added", field: model.QURL, at: checkGit,
		when: misread(model.HarnessRejects, func(f *facts) bool {
			return !strings.ContainsAny(f.written(), " \t\r\n") && !strings.Contains(f.written(), "://")
		}),
		what:  "Harness does not save this address: it does not begin with https:// or ssh://.",
		why:   "Everything was tested with the address it stands for.",
		fix:   "Use the whole address.",
		mends: mendForHarness,
	},
	{
		// "It should not contain spaces in between", "Url %s is invalid".
		name: "Harness refuses the address", code: "url.malformed", field: model.QURL, at: checkGit,
		when:  misread(model.HarnessRejects, nil),
		what:  "Harness does not save this address as it stands.",
		why:   "It has blanks or escapes that Harness refuses. Everything was tested with the address it stands for.",
		fix:   "Use the clone address alone.",
		mends: mendForHarness,
	},
	{
		// getHttpProtocolPrefix: the port comes back only with what stands before /scm.
		name: "Harness drops the port", code: "url.scm-missing", field: model.QURL, at: checkGit,
		when:  misread(model.HarnessDropsPort, mendable),
		what:  "Without /scm in the address Harness loses its port.",
		why:   "Harness will call {harnessapi}, and Bitbucket answered at {api}.",
		fix:   "Use the clone address with /scm.",
		mends: mendForHarness,
	},
	{
		// The same, for the path Data Center lives under.
		name: "Harness drops the context path", code: "url.scm-missing", field: model.QURL, at: checkGit,
		when:  misread(model.HarnessDropsPath, mendable),
		what:  "Without /scm in the address Harness loses the path Bitbucket lives under.",
		why:   "Harness will call {harnessapi}, and Bitbucket answered at {api}.",
		fix:   "Use the clone address with /scm.",
		mends: mendForHarness,
	},
	{
		// getGitRepositoryDetails: "Provided bitbucket server repository url is
		// invalid."
		name: "Harness wants /scm", code: "url.scm-missing", field: model.QURL, at: checkGit,
		when:  misread(model.HarnessWantsSCM, mendable),
		what:  "Harness refuses to work with this address: /scm is missing.",
		why:   "Data Center serves git over HTTP below /scm only. Everything was tested with the address this one stands for.",
		fix:   "Use the clone address with /scm.",
		mends: mendForHarness,
	},
	{
		// Over SSH there is no /scm; with it the host's SSH port becomes that of the API.
		name: "Harness takes the SSH port for the API's", code: "url.scm-in-ssh", field: model.QURL, at: checkGit,
		when:  misread(model.HarnessTakesSSHPort, mendable),
		what:  "With /scm in an SSH address Harness asks the SSH port for the REST API.",
		why:   "Harness will call {harnessapi}, and the API is at {api}.",
		fix:   "Use the SSH address without /scm.",
		mends: mendForHarness,
	},
	{
		// getGitRepositoryDetails takes every segment behind /scm for the repository.
		name: "Harness reads a segment too many", code: "url.extra-segment", field: model.QURL, at: checkGit,
		when:  misread(model.HarnessWrongRepository, func(f *facts) bool { return mendable(f) && strings.Contains(f.written(), "/scm/") }),
		what:  "There is a segment too many in the address, and Harness takes it for part of the repository.",
		why:   "Harness will ask for {harnessrepo}; the repository is {repo}.",
		fix:   "Leave the segment out.",
		mends: mendForHarness,
	},
	{
		// Browser addresses are not turned into clone addresses.
		name: "Harness reads a browser page as a repository", code: "url.web-page", field: model.QURL, at: checkGit,
		when:  misread(model.HarnessWrongRepository, mendable),
		what:  "This is the address of a page, and Harness does not turn it into a clone address.",
		why:   "Harness will ask for {harnessrepo}; the repository is {repo}.",
		fix:   "Use the clone address.",
		mends: mendForHarness,
	},
	{
		// isBitBucketSAAS knows bitbucket.org, www. and api. only.
		name: "Harness takes Cloud's other host for a Data Center", code: "url.https", field: model.QURL, at: checkGit,
		when:  misread(model.HarnessElsewhere, mendable),
		what:  "Harness takes {written} for a Data Center.",
		why:   "Harness will call {harnessapi}, and Bitbucket answered at {api}.",
		fix:   "Use the address at bitbucket.org.",
		mends: mendForHarness,
	},
}

// harnessWarnings are about what no other address of the same kind mends.
var harnessWarnings = []rule{
	{
		// GitClientHelper in harness-core takes any host but bitbucket.org for Data
		// Center.
		name: "Harness will look for the REST API elsewhere", code: "ssh.host-moved", severity: warns, field: model.QURL, at: checkREST,
		when: all(misread(model.HarnessElsewhere, nil), apiOn),
		what: "Harness will look for the REST API at the wrong place.",
		why:  "It takes {host} for a Data Center: it will call {harnessapi}, and Bitbucket answered at {api}.",
		fix:  "Use HTTP with bitbucket.org, or switch API access off.",
		mends: func(*facts, answer) []model.Mend {
			return []model.Mend{{Field: model.QAPIMethod, Value: string(model.APIOff), Label: "switch API access off"}}
		},
	},
	{
		// The words before /scm are taken off only where they are one.
		name: "Harness reads the context path as the repository", code: "url.context-path", severity: warns, field: model.QURL, at: checkREST,
		when: all(misread(model.HarnessWrongRepository, nil), apiOn),
		what: "Harness will ask the REST API for a wrong repository.",
		why:  "It knows one segment before /scm, and here are more: it will ask for {harnessrepo}, and the repository is {repo}.",
		fix:  "Use an address of this Bitbucket with a shorter path if there is one, or switch API access off.",
		mends: func(*facts, answer) []model.Mend {
			return []model.Mend{{Field: model.QAPIMethod, Value: string(model.APIOff), Label: "switch API access off"}}
		},
	},
}

// apiOn is met where the REST API's address matters to Harness.
var apiOn = that(func(f *facts) bool { return f.counts })

// misread is met where Harness misreads the address in this way; q may narrow
// it down.
func misread(fault model.HarnessFault, q func(*facts) bool) condition {
	return that(func(f *facts) bool { return f.harness.Fault == fault && (q == nil || q(f)) })
}

// mendable reports that another form of the same address is read rightly.
func mendable(f *facts) bool { return f.harness.Mended != "" }

// written is the address as it stands in the connector.
func (f *facts) written() string { return strings.TrimSpace(f.req.Connector.URL) }

// mendForHarness offers the form Harness reads rightly.
func mendForHarness(f *facts, _ answer) []model.Mend {
	if f.harness.Mended == "" {
		return nil
	}
	return mendURL(f.harness.Mended, "use the address Harness reads")
}

// writtenHost is the host of the address as it stands in the connector.
func (f *facts) writtenHost() string {
	_, rest, ok := strings.Cut(f.written(), "://")
	if !ok {
		rest = f.written()
	}
	rest, _, _ = strings.Cut(rest, "/")
	rest = rest[strings.LastIndex(rest, "@")+1:]
	host, _, _ := strings.Cut(rest, ":")
	return clean(host)
}
