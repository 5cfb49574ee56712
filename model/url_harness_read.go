package model

import "strings"

// HarnessFault is how Harness misreads a connector's address.
type HarnessFault string

// The closed set of faults, the zero value being none (GitClientHelper and
// BitbucketConnectorDTO in harness-core, their rules re-stated).
const (
	// HarnessRejects: the address cannot be saved.
	HarnessRejects HarnessFault = "rejected"
	// HarnessElsewhere: Bitbucket Cloud is taken for a Data Center.
	HarnessElsewhere HarnessFault = "elsewhere"
	// HarnessDropsPort: without /scm the port is lost.
	HarnessDropsPort HarnessFault = "port"
	// HarnessDropsPath: without /scm the context path is lost.
	HarnessDropsPath HarnessFault = "path"
	// HarnessTakesSSHPort: with /scm in an SSH address, its port is taken for HTTPS.
	HarnessTakesSSHPort HarnessFault = "ssh-port"
	// HarnessWrongRepository: owner and repository are read from other words.
	HarnessWrongRepository HarnessFault = "repository"
	// HarnessWantsSCM: "Provided bitbucket server repository url is invalid."
	HarnessWantsSCM HarnessFault = "scm"
)

// HarnessReading is what Harness makes of a connector's address, beside what is
// true of it.
type HarnessReading struct {
	Fault HarnessFault
	// API is the REST address Harness calls, with its version path and without a
	// last slash; "" where it rejects the address.
	API string
	// Repository is what Harness asks the API for, owner/slug; "" for none.
	Repository string
	// Mended is an address of the same place and transport that Harness reads
	// rightly; "" where there is none.
	Mended string
}

// ReadAsHarness compares what Harness derives from the address as it stands in
// the connector with what is true. An account's repository is that of its test
// repository, which Harness joins to the address. Nothing is said of an address
// that carries a credential: that has to leave it first.
func ReadAsHarness(c Connector) HarnessReading {
	r := readAsHarness(c)
	if r.Fault == "" {
		return r
	}
	mended := c
	mended.URL = ReadURL(c.URL, URLContext{}).URL
	if mended.URL != "" && mended.URL != c.URL && readAsHarness(mended).Fault == "" {
		r.Mended = mended.URL
	}
	return r
}

func readAsHarness(c Connector) HarnessReading {
	written := strings.TrimSpace(c.URL)
	read := ReadURL(written, URLContext{})
	if !read.Secret.IsZero() {
		return HarnessReading{} // what Harness makes of it would quote the secret
	}
	base, slug, ok := HarnessAPI(written)
	if !ok {
		return HarnessReading{Fault: HarnessRejects}
	}
	if c.URLType == URLAccount {
		slug = ""
		if c.TestRepository != "" {
			_, slug, _ = HarnessAPI(strings.TrimRight(written, "/") + "/" + strings.TrimLeft(strings.TrimSpace(c.TestRepository), "/"))
		}
	}
	r := HarnessReading{API: base + "rest/api/1.0", Repository: slug}
	if base == harnessCloudAPI {
		r.API = base + "2.0"
	}
	truth := read.Address
	if truth.IsZero() {
		return r
	}
	truth.URLType = c.URLType
	r.Fault = r.against(truth, c.TestRepository, strings.Contains(written, "/scm"))
	return r
}

// against names the first way the reading differs from the truth.
func (r HarnessReading) against(truth Address, testRepository string, scm bool) HarnessFault {
	overSSH := truth.Transport == SSH
	if api := truth.BitbucketAPI(); r.API != api {
		switch {
		case truth.Product == Cloud:
			return HarnessElsewhere
		case overSSH && scm:
			return HarnessTakesSSHPort
		case !overSSH && truth.Port != 0 && !strings.Contains(r.API, truth.authority()):
			return HarnessDropsPort
		}
		return HarnessDropsPath
	}
	if repo, ok := truth.Repository(testRepository); ok && repo.Repo != "" {
		owner := repo.Workspace
		if repo.Product == DataCenter {
			owner = repo.Project
		}
		if !strings.EqualFold(r.Repository, owner+"/"+repo.Repo) {
			return HarnessWrongRepository
		}
	}
	if truth.Product == DataCenter && !overSSH && !scm {
		return HarnessWantsSCM
	}
	return ""
}
