package steps

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// rateLimited is a server that asks to wait for 42 seconds.
func rateLimited(r *model.TestResult) {
	r.Problem = &model.Problem{
		Code: "net.rate-limited", What: "Bitbucket limits how often this account may ask.", Why: "It answered 429 to the REST API.",
		Fix: "Wait, then test again.", WaitSeconds: 42,
	}
	r.Checks[2].Status, r.Checks[2].Problem = model.CheckFail, r.Problem
}

// warned is a connector that works and will not for long.
func warned(r *model.TestResult) {
	r.Verdict, r.Checks = model.VerdictWarn, checks(model.CheckPass)
	r.Problem = &model.Problem{
		Code: "cred.expires-soon", What: "The token ends in 5 days.", Why: "Atlassian's tokens end a year after they were made.",
		Fix: "Make another one and replace the secret.", Field: model.QPassword, Page: "https://id.atlassian.com/manage-profile/security/api-tokens",
	}
	r.Checks[3].Status, r.Checks[3].Problem = model.CheckWarn, r.Problem
}

func hostKey(code, what, why string) func(*model.TestResult) {
	return func(r *model.TestResult) {
		r.Problem = &model.Problem{
			Code: code, What: what, Why: why, Fix: "Compare the fingerprint with the one your administrator names before you accept it.",
			HostKey: &model.HostKey{Address: "git.acme-corp.com:7999", Type: "ssh-ed25519", Fingerprint: "SHA256:" + strings.Repeat("A", 43)},
		}
		r.Checks[0].Status, r.Checks[0].Problem = model.CheckFail, r.Problem
	}
}

func TestGoldenFurtherVerdicts(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*model.TestResult){
		"verdict_rate_limit": rateLimited, "verdict_warn": warned,
		"verdict_host_key_unknown": hostKey("ssh.host-key-unknown", "The key of git.acme-corp.com:7999 is not known.", "Nobody has accepted it on this machine."),
		"verdict_host_key_changed": hostKey("ssh.host-key-changed", "git.acme-corp.com:7999 shows another key than before.", "The server was set up anew, or somebody stands in between."),
	} {
		inEveryTheme(t, name, func(t *testing.T, dress dress) {
			inTheWizard(t, dress(scripted(ending(change))), func(p *person) {
				p.fillsUpToTest().presses("enter").looksLike(name)
			})
		})
	}
}

func TestTheWaitAServerAsksForCountsDown(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(ending(rateLimited), passes), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("The server asks to wait: test again in 42 s.", "r test again")
		p.settlesFor(2 * time.Second).sees("test again in 40 s.")
		p.settlesFor(41 * time.Second).sees("The time the server asked for is over: test again.").doesNotSee("asks to wait")
	})
	inTheWizard(t, scripted(ending(rateLimited), passes), func(p *person) {
		p.fillsUpToTest().presses("enter").settlesFor(time.Second).sees("in 41 s.").presses("r").sees("The connector works.").doesNotSee("asks to wait")
	})
}

// settlesFor lets time pass tick by tick, as it does in front of a person.
func (p *person) settlesFor(d time.Duration) *person {
	for ; d > 0; d -= everyTick {
		p.waits(everyTick)
	}
	return p
}

func TestWhatThisMachineCannotReachIsNoFailure(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(ending(unreachable), ending(severalMends)), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("– There is no host", "This machine cannot reach it. A delegate may.").doesNotSee("✗ There is no host")
		p.presses("r").sees("✗ git was given").doesNotSee("A delegate may.")
	})
}

// certificate is a self-signed one in PEM, made here.
func certificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Acme Root CA"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func issuedBy(issuer string) func(*model.TestResult) {
	return func(r *model.TestResult) {
		unknownAuthority(r)
		r.Problem.Authority.Issuer = issuer
	}
}

func TestTheIssuerOfAnAuthorityIsNamedWhereItIsAnother(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(ending(issuedBy("Acme Offline Root")), ending(issuedBy("Acme Root CA"))), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("Acme Root CA, until 2031-05-01", "issued by Acme Offline Root")
		p.presses("r").sees("Acme Root CA, until 2031-05-01").doesNotSee("issued by Acme Root CA", "issued by Acme Offline")
	})
}

func TestACAFileIsReadKeptForItsHostAndTheTestRunsAgain(t *testing.T) {
	t.Parallel()
	both := certificate(t) + certificate(t)
	inTheWizard(t, func(f *fakes) {
		scripted(ending(unknownAuthority), passes)(f)
		f.machine.files = map[string]string{
			"~/acme.pem": "a comment\n" + both + pemKey("RSA", 9), "key.pem": pemKey("RSA", 9),
			"torn.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("torn")})),
		}
	}, func(p *person) {
		p.fillsUpToTest().presses("enter").sees("f name a CA file").presses("f").sees("The authority's certificate for git.acme-corp.com", "Path")
		p.presses("esc").sees("a trust it for").presses("f", "enter").sees("a trust it for")
		for path, says := range map[string]string{"gone.pem": "There is no file gone.pem.", "key.pem": "holds no certificate", "torn.pem": "holds no certificate"} {
			p.presses("f").types(path).presses("enter").sees(says, "a trust it for")
		}
		if len(p.at.library.trusted) != 0 || len(p.at.tester.requests) != 1 {
			t.Fatalf("trusted %+v after %d tests", p.at.library.trusted, len(p.at.tester.requests))
		}
		p.presses("f").types(" ~/acme.pem ").presses("enter").sees("The connector works.")
		got := p.at.library.trusted
		if len(got) != 1 || got[0].Host != "git.acme-corp.com" || got[0].PEM != both {
			t.Errorf("trusted %+v", got)
		}
	})
}

func TestASavedConnectorsAuthorityMayBeNamedByItsFile(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		withLedger(f)
		f.tester.script = []func(context.Context, model.TestRequest, func(model.Check)) model.TestResult{ending(unknownAuthority), passes}
		f.machine.files = map[string]string{"root.pem": certificate(t)}
	}, func(p *person) {
		p.presses("t").sees("f name a CA file").presses("f").types("root.pem").presses("enter").sees("The connector works.")
		if len(p.at.library.trusted) != 1 {
			t.Errorf("trusted %+v", p.at.library.trusted)
		}
	})
}

func TestChecksAreListedFromTheStartInTheOrderOfThePlan(t *testing.T) {
	t.Parallel()
	reports := func(ctx context.Context, req model.TestRequest, report func(model.Check)) model.TestResult {
		plan := checks(model.CheckPass)
		for _, c := range plan {
			report(model.Check{ID: c.ID, Title: c.Title, Status: model.CheckPending})
		}
		report(model.Check{ID: plan[2].ID, Title: plan[2].Title, Status: model.CheckRunning})
		report(plan[2])
		return hanging(ctx, req, func(c model.Check) {
			if c.Status == model.CheckRunning {
				report(c)
			}
		})
	}
	inTheWizard(t, scripted(reports), func(p *person) {
		p.fillsUpToTest().presses("enter")
		p.sees("… Reach the server running", "Read the repository with git ✓ Sign in to the REST API 39 ms Scopes and webhooks").doesNotSee("not tried")
		p.presses("esc").sees("enter test")
	})
}
