package steps

import (
	"strings"
	"testing"

	"bbconnect/model"
)

// changedHostKey ends with a key in another one's place.
func changedHostKey(r *model.TestResult) {
	hostKey("ssh.host-key-changed", "git.acme-corp.com:7999 shows another SSH key than expected.", "Either it was renewed, or somebody sits in between.")(r)
	r.Problem.HostKey.Known = []model.KnownKey{{Type: "ecdsa-sha2-nistp256", Fingerprint: "SHA256:" + strings.Repeat("B", 43), File: "~/.ssh/known_hosts", Row: 3}}
	r.Problem.Commands = []string{"ssh-keygen -R '[git.acme-corp.com]:7999'"}
}

func TestAChangedHostKeyIsAskedAboutASecondTime(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(ending(changedHostKey), passes), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("a accept the new key", "ssh-keygen -R", "y copy the commands")
		p.presses("a").sees("Accept another key of git.acme-corp.com:7999?", "Until now, ecdsa-sha2-nistp256:", "SHA256:"+strings.Repeat("B", 43), "Now, ssh-ed25519:", "SHA256:"+strings.Repeat("A", 43))
		p.presses("enter").sees("ssh.host-key-changed")
		p.presses("a", "esc").sees("ssh.host-key-changed")
		if n := len(p.at.library.accepted); n != 0 {
			t.Fatalf("%d keys were accepted before yes was said", n)
		}
		p.presses("a", "y").sees("The connector works.")
		if len(p.at.library.accepted) != 1 || p.at.library.accepted[0].Fingerprint != "SHA256:"+strings.Repeat("A", 43) {
			t.Errorf("accepted: %+v", p.at.library.accepted)
		}
	})
}

func TestTheQuestionAboutAChangedHostKeyFitsASmallWindow(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(ending(changedHostKey)), func(p *person) {
		p.fillsUpToTest().presses("enter").resizes(60, 16).presses("a")
		p.sees("SHA256:"+strings.Repeat("B", 43), "SHA256:"+strings.Repeat("A", 43), "keep the old key", "accept the new key")
	})
}
