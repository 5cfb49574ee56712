package cmd

import (
	"context"
	"fmt"
	"path/filepath"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// canTrust reports whether a person at a terminal can be asked about keys and
// certificates: they read standard error and answer on standard input.
func (a *app) canTrust() bool {
	return !a.json && a.errWidth != nil && a.readSecretLine != nil
}

// trustKey names what a problem would have accepted; "" for nothing. A host key
// that changed is never offered: who wants it names it with --host-key.
func trustKey(p *model.Problem) string {
	switch {
	case p == nil:
		return ""
	case p.HostKey != nil && p.Code == "ssh.host-key-unknown":
		return p.HostKey.Address + " " + p.HostKey.Fingerprint
	case p.Authority != nil && p.Code == "tls.unknown-ca":
		return p.Authority.Host + " " + p.Authority.Fingerprint
	}
	return ""
}

// mayAsk reports whether the person will be asked about the problem of a result.
// A certificate is kept for its host, which a file named elsewhere outranks.
func (r *testRun) mayAsk(t flow.Target, result model.TestResult) bool {
	key := trustKey(result.Problem)
	if key == "" || r.asked[key] || !r.app.canTrust() {
		return false
	}
	return result.Problem.Authority == nil || r.flags.caFile == "" && t.Connector.CAFile == ""
}

// askTrust asks about an unknown host key or certificate authority, once each,
// and keeps what is accepted.
func (r *testRun) askTrust(ctx context.Context, t flow.Target, result model.TestResult) (bool, error) {
	if !r.mayAsk(t, result) {
		return false, nil
	}
	a, p := r.app, result.Problem
	r.asked[trustKey(p)] = true
	if p.HostKey != nil {
		fmt.Fprintln(a.errOut)
		a.tell(a.errOut, "", clean(p.HostKey.Address)+" shows the key "+clean(p.HostKey.Type)+", which nobody here has accepted yet:")
		a.tell(a.errOut, "", clean(p.HostKey.Fingerprint))
		yes, err := a.yesNo(ctx, "Accept and remember it?")
		if err != nil || !yes {
			return false, err
		}
		return true, a.jobs.Library.AcceptHostKey(ctx, *p.HostKey)
	}
	fmt.Fprintln(a.errOut)
	a.tell(a.errOut, "", clean(p.Authority.Host)+" shows a certificate of an authority that this machine does not trust:")
	a.printAuthority(a.errOut, *p.Authority)
	yes, err := a.yesNo(ctx, "Trust it for "+clean(p.Authority.Host)+" from now on?")
	if err != nil || !yes {
		return false, err
	}
	return true, a.jobs.Library.TrustAuthority(ctx, *p.Authority)
}

// offerCAFile asks whether --ca-file shall be kept for the hosts of the saved
// connectors that passed with it, once a host.
func (r *testRun) offerCAFile(ctx context.Context, results []flow.Tested) error {
	a := r.app
	if r.flags.caFile == "" || !a.canTrust() {
		return nil
	}
	file, err := filepath.Abs(expandHome(r.flags.caFile))
	if err != nil {
		return nil
	}
	for _, t := range results {
		c := t.Target.Connector
		host := model.ReadURL(c.URL, model.URLContext{}).Host
		if t.Err != nil || !t.Target.Saved || !flow.Passed(t.Result.Verdict) || c.CAFile != "" || c.ConnectionType == model.SSH || r.asked["file "+host] {
			continue
		}
		r.asked["file "+host] = true
		settings, err := a.jobs.Library.Settings(ctx)
		if err != nil {
			return err
		}
		if settings.CAFiles[host] == file {
			continue
		}
		yes, err := a.yesNo(ctx, "Keep "+clean(file)+" for "+clean(host)+"?")
		if err != nil {
			return err
		}
		if !yes {
			continue
		}
		files := map[string]string{host: file}
		for h, f := range settings.CAFiles {
			if h != host {
				files[h] = f
			}
		}
		settings.CAFiles = files
		if err := a.jobs.Library.SaveSettings(ctx, settings); err != nil {
			return err
		}
	}
	return nil
}
