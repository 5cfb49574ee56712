package cmd

import (
	"context"
	"time"

	"bbconnect/internal/sandbox"
	"bbconnect/model"
)

// fleetSecret is a secret of the fleet: what is known of it, and whose value it has.
type fleetSecret struct {
	id       string
	token    sandbox.TokenName // none for the SSH key
	kind     model.CredentialKind
	username string
	email    string
	host     string
	days     int // until it ends, negative when it has; 0 for a credential that does not end
}

// fleetMember is a connector of the fleet, and what is remembered of its last test.
type fleetMember struct {
	connector model.Connector
	ago       time.Duration // since the last test; 0 for one that was never tested
	last      model.TestRecord
}

// fleetSecrets are what a team has after some years: good ones, one that ends
// soon, one that has ended, and App Passwords nobody has replaced.
func fleetSecrets(dataCenter string) []fleetSecret {
	const cloud = "bitbucket.org"
	return []fleetSecret{
		{"jdoe_api_token", sandbox.TokenAPI, model.KindAPIToken, model.UserAPIToken, "jdoe@acme-corp.com", cloud, 342},
		{"ci_api_token", sandbox.TokenAPICI, model.KindAPIToken, model.UserAPIToken, "ci@acme-corp.com", cloud, 9},
		{"jdoe_app_password", sandbox.TokenAppPassword, model.KindAppPassword, "jdoe", "", cloud, 0},
		{"web_access_token", sandbox.TokenWorkspace, model.KindAccessToken, model.UserAccessToken, "", cloud, 118},
		{"pay_http_token", sandbox.TokenDC, model.KindHTTPAccessToken, "jdoe", "", dataCenter, 0},
		{"ops_http_token", sandbox.TokenDCExpired, model.KindHTTPAccessToken, "jdoe", "", dataCenter, -3},
		{"deploy_key", "", model.KindSSHKey, model.UserSSH, "", dataCenter, 0},
	}
}

// member is a connector of one repository, through git alone.
func member(name, address, username, secret string, tags ...string) fleetMember {
	c := model.Connector{
		Name: name, ID: model.IDFromName(name), URL: address, URLType: model.URLRepo, ConnectionType: model.HTTP,
		Username: model.Login{Plain: username}, PasswordRef: model.SecretRef("account." + secret), Mode: model.ModePlatform,
	}
	for _, tag := range tags {
		c.Tags = append(c.Tags, model.Tag{Key: tag})
	}
	return fleetMember{connector: c}
}

// account makes it a connector of everything below the address.
func (m fleetMember) account(testRepository string) fleetMember {
	m.connector.URLType, m.connector.TestRepository = model.URLAccount, testRepository
	return m
}

// api adds API access with the same secret.
func (m fleetMember) api(method model.APIMethod, login string) fleetMember {
	m.connector.API = model.APIAccess{Method: method, TokenRef: m.connector.PasswordRef}
	switch method {
	case model.APIEmailAndToken:
		m.connector.API.Email.Plain = login
	case model.APIUsernameToken:
		m.connector.API.Username.Plain = login
	case model.APIOff, model.APIAccessToken, model.APIOAuth:
	}
	return m
}

// overSSH signs in with the secret as a key.
func (m fleetMember) overSSH() fleetMember {
	c := &m.connector
	c.ConnectionType, c.SSHKeyRef, c.PasswordRef, c.Username = model.SSH, c.PasswordRef, "", model.Login{}
	return m
}

// through makes delegates with a selector do the work.
func (m fleetMember) through(selector string) fleetMember {
	m.connector.Mode, m.connector.Selectors = model.ModeDelegate, []string{selector}
	return m
}

// tested is what the last test said, and when that was.
func (m fleetMember) tested(ago time.Duration, verdict model.Verdict, code, what string) fleetMember {
	m.ago, m.last = ago, model.TestRecord{Verdict: verdict, Code: code, What: what}
	return m
}

// fleet are the saved connectors try --fleet begins with.
func fleet(dataCenter string, now time.Time) []fleetMember {
	const (
		cloud   = "https://bitbucket.org/acme/"
		day     = 24 * time.Hour
		retired = "cred.app-password-retired"
		gone    = "App Passwords no longer work."
	)
	ended := "The token expired on " + now.AddDate(0, 0, -3).UTC().Format(time.DateOnly) + "."
	own := "https://" + dataCenter + "/scm/PAY/"
	return []fleetMember{
		member("Payments ledger", cloud+"ledger.git", model.UserAPIToken, "jdoe_api_token", "payments", "prod").
			api(model.APIEmailAndToken, "jdoe@acme-corp.com").tested(2*time.Hour, model.VerdictPass, "", ""),
		member("Payments gateway", cloud+"gateway.git", "jdoe", "jdoe_app_password", "payments", "prod").
			api(model.APIUsernameToken, "jdoe").tested(3*day, model.VerdictFail, retired, gone),
		member("Payroll", cloud, "jdoe", "jdoe_app_password", "payroll").account("ledger.git").
			api(model.APIUsernameToken, "jdoe").tested(3*day, model.VerdictFail, retired, gone),
		member("Nightly build", cloud+"ledger.git", model.UserAPIToken, "ci_api_token", "ci").
			api(model.APIEmailAndToken, "ci@acme-corp.com").through("linux-prod").tested(9*time.Hour, model.VerdictWarn, "permission.denied", "acme-ci may not see the webhooks of acme/ledger."),
		member("Website", cloud+"website.git", model.UserAccessToken, "web_access_token", "web").
			api(model.APIAccessToken, "").tested(day, model.VerdictPass, "", ""),
		member("Website previews", cloud+"website.git", model.UserAccessToken, "web_access_token", "web", "preview"),
		member("Ledger on premises", own+"ledger.git", "jdoe", "pay_http_token", "payments").
			api(model.APIUsernameToken, "jdoe").through("datacenter").tested(2*time.Hour, model.VerdictPass, "", ""),
		member("Gateway on premises", own+"gateway.git", "jdoe", "ops_http_token", "payments").
			api(model.APIUsernameToken, "jdoe").tested(2*day, model.VerdictFail, "token.expired", ended),
		member("Handbook", "ssh://git@"+dataCenter+":7999/PAY/handbook.git", "", "deploy_key", "docs").overSSH().
			tested(6*day, model.VerdictPass, "", ""),
		member("Ledger mirror", "git@bitbucket.org:acme/ledger.git", "", "deploy_key", "mirror").overSSH(),
	}
}

// fillFleet saves the fleet, with its secrets and what is remembered of its tests.
func (a *app) fillFleet(ctx context.Context, box *sandbox.Sandbox, key model.Secret) error {
	for _, s := range fleetSecrets(box.DataCenterHost()) {
		if err := a.keepFleetSecret(ctx, s, box.Secret(s.token), key); err != nil {
			return err
		}
	}
	records := map[string]model.TestRecord{}
	for _, m := range fleet(box.DataCenterHost(), a.now()) {
		saved, err := a.jobs.Library.Save(ctx, m.connector, "")
		if err != nil {
			return err
		}
		if m.ago != 0 {
			m.last.At = a.now().Add(-m.ago)
			records[saved.Connector.Key()] = m.last
		}
	}
	if err := a.jobs.Library.RecordTests(ctx, records); err != nil {
		return err
	}
	return a.store.ForgetChanges(ctx) // nobody made the fleet, so nobody takes it back piece by piece
}

// keepFleetSecret keeps one secret; an SSH credential is a file and what points
// to it.
func (a *app) keepFleetSecret(ctx context.Context, s fleetSecret, value string, key model.Secret) error {
	account := model.Scope{}
	info := model.SecretInfo{
		Name: account.SecretName(s.id), Type: model.SecretText, Kind: s.kind, Where: model.WhereKeyring,
		Username: s.username, Email: s.email, Host: s.host, Created: a.now().AddDate(-2, 0, 0), Length: len(value),
	}
	if s.days != 0 {
		info.Expires = a.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, s.days)
		info.Created = info.Expires.AddDate(-1, 0, 0) // Atlassian's tokens live a year at most
	}
	held := model.NewSecret(value)
	if s.kind == model.KindSSHKey {
		file := info
		file.Name, file.Type, file.Length, held = account.SecretName(s.id+"_file"), model.SecretFile, key.Len(), key
		info.Type, info.File = model.SecretSSHKey, file.Name
		if err := a.jobs.Library.PutSecret(ctx, info); err != nil {
			return err
		}
		info = file
	}
	if err := a.jobs.Library.PutSecret(ctx, info); err != nil {
		return err
	}
	place, err := a.jobs.Keystores.Keystore(model.WhereKeyring)
	if err != nil {
		return err
	}
	return place.Set(ctx, info.Name, held)
}
