package steps

import (
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"bbconnect/model"
)

// appPassword has the shape of one and is none.
func appPassword() string {
	body := "AT" + "BB" + strings.Repeat("canaryAPP", 3) + "x"
	return fmt.Sprintf("%s%08X", body[:28], crc32.ChecksumIEEE([]byte(body[:28])))
}

func TestAnAppPasswordIsToldAsNoGoodWhereItIsPasted(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n").sees("Paste the token")
		p.pastes(appPassword()).sees("✗ Bitbucket App Password", "They stopped", "June 9, 2026", "July 28, 2026").doesNotSee("✓ Bitbucket App Password")
	})
}

func TestAProposedUserNameIsReplacedByTheOneThatIsTyped(t *testing.T) {
	t.Parallel()
	inTheWizard(t, scripted(failing(needsUsername())), func(p *person) {
		p.fillsUpToTest().presses("enter", "e").sees("● Credentials", model.UserAPIToken).types("jdoe").doesNotSee(model.UserAPIToken)
		if got := p.built().Username.Plain; got != "jdoe" {
			t.Errorf("the user name is %q", got)
		}
	})
}
