package flow

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"bbconnect/model"
)

// Values are secret values given for this run alone, by reference; they go
// before what the keystore holds.
type Values map[model.SecretRef]model.Secret

// run is what one or many live tests are resolved from: the list of secrets and
// the settings as they were at its beginning, and every value that was read, each
// once. It is safe for concurrent use.
type run struct {
	jobs    *Jobs
	secrets map[model.SecretName]model.SecretInfo
	// caFiles are the certificate files of the settings, by host.
	caFiles map[string]string
	given   Values

	mu   sync.Mutex
	read map[model.SecretName]*reading
	// kinds are those of values that were recognised, by reference and scope.
	kinds map[string]model.CredentialKind
}

// reading is one value being read, or read: who comes second waits for the first.
type reading struct {
	done  chan struct{}
	value model.Secret
	err   error
}

// newRun reads the settings once. Settings that cannot be read cost the accepted
// certificates and not the test.
func (j *Jobs) newRun(ctx context.Context, secrets []model.SecretInfo, given Values) *run {
	r := &run{
		jobs: j, secrets: make(map[model.SecretName]model.SecretInfo, len(secrets)), given: given,
		read: map[model.SecretName]*reading{}, kinds: map[string]model.CredentialKind{},
	}
	for _, info := range secrets {
		r.secrets[info.Name] = info
	}
	if settings, err := j.Library.Settings(ctx); err == nil {
		r.caFiles = settings.CAFiles
	}
	return r
}

// StandIn is what takes a secret's place in a run of tests.
type StandIn struct {
	Info  model.SecretInfo
	Value model.Secret
}

// with puts other values in the place of stored ones, before the run begins. One
// without a value stands for what is known alone.
func (r *run) with(instead map[model.SecretName]StandIn) *run {
	for name, s := range instead {
		s.Info.Name = name
		r.secrets[name] = s.Info
		if !s.Value.IsZero() {
			done := make(chan struct{})
			close(done)
			r.read[name] = &reading{done: done, value: s.Value}
		}
	}
	return r
}

// stored is the value of a secret that is listed.
func (r *run) stored(ctx context.Context, info model.SecretInfo) (model.Secret, error) {
	r.mu.Lock()
	known := r.read[info.Name]
	if known == nil {
		known = &reading{done: make(chan struct{})}
		r.read[info.Name] = known
		r.mu.Unlock()
		known.value, known.err = r.jobs.value(ctx, info)
		close(known.done)
		return known.value, known.err
	}
	r.mu.Unlock()
	select {
	case <-known.done:
		return known.value, known.err
	case <-ctx.Done():
		return model.Secret{}, ctx.Err()
	}
}

// resolver finds the values behind one connector's references.
type resolver struct {
	*run
	scope model.Scope
}

// info is what is known of the secret behind a reference; the zero value where
// nothing is.
func (r *resolver) info(ref model.SecretRef) model.SecretInfo {
	name, err := ref.Name(r.scope)
	if err != nil {
		return model.SecretInfo{}
	}
	return r.secrets[name]
}

// value is the value behind a reference.
func (r *resolver) value(ctx context.Context, ref model.SecretRef, field model.QuestionID) (model.Secret, error) {
	if v, ok := r.given[ref]; ok {
		return v, nil
	}
	if _, err := ref.Name(r.scope); err != nil {
		return model.Secret{}, &model.Problem{
			Code: "ref.malformed", What: fmt.Sprintf("The reference %s cannot be read.", ref),
			Why: err.Error() + ".", Fix: "Write it as account.id, org.id or id.", Field: field,
		}
	}
	info := r.info(ref)
	if info.Name == "" {
		return model.Secret{}, &model.Problem{
			Code: "cred.missing", What: fmt.Sprintf("The value of %s is not known on this machine.", ref),
			Why:   "The connector refers to a secret that was made elsewhere.",
			Fix:   fmt.Sprintf("Store it with: bbconnect secret set %s. Or give it once with --secret %s=env:NAME.", ref, ref),
			Field: field,
		}
	}
	v, err := r.stored(ctx, info)
	if err != nil {
		return model.Secret{}, withField(err, field)
	}
	return v, nil
}

// withField says which answer a keystore problem is about.
func withField(err error, field model.QuestionID) error {
	if p, ok := model.AsProblem(err); ok && p.Field == "" {
		copied := *p
		copied.Field = field
		return &copied
	}
	return err
}

// kindOf recognises a value whose kind is not recorded, once for all connectors of
// the scope that share it.
func (r *resolver) kindOf(ref model.SecretRef, value model.Secret) model.CredentialKind {
	key := string(ref) + " " + r.scope.Qualify("")
	r.mu.Lock()
	kind, known := r.kinds[key]
	r.mu.Unlock()
	if known {
		return kind
	}
	kind = model.RecogniseCredential(value, model.QPassword).Kind
	r.mu.Lock()
	r.kinds[key] = kind
	r.mu.Unlock()
	return kind
}

// login is a user name or email, read from its secret where it is one.
func (r *resolver) login(ctx context.Context, l model.Login, field model.QuestionID) (string, error) {
	if l.Ref == "" {
		return l.Plain, nil
	}
	v, err := r.value(ctx, l.Ref, field)
	return strings.TrimSpace(v.Reveal()), err
}

// Request resolves everything a live test of the connector needs.
func (j *Jobs) Request(ctx context.Context, c model.Connector, secrets []model.SecretInfo, given Values) (model.TestRequest, error) {
	return j.newRun(ctx, secrets, given).request(ctx, c)
}

// request resolves one connector of the run.
func (r *run) request(ctx context.Context, c model.Connector) (model.TestRequest, error) {
	one := &resolver{run: r, scope: c.Scope}
	req := model.TestRequest{Connector: c, CAFile: c.CAFile}
	if req.CAFile == "" && len(r.caFiles) > 0 {
		req.CAFile = r.caFiles[model.ReadURL(c.URL, model.URLContext{}).Host]
	}
	var err error
	if c.ConnectionType == model.SSH {
		err = one.fillKey(ctx, c, &req)
	} else {
		err = one.fillPassword(ctx, c, &req)
	}
	if err != nil {
		return req, err
	}
	return req, one.fillAPI(ctx, c, &req)
}

func (r *resolver) fillPassword(ctx context.Context, c model.Connector, req *model.TestRequest) (err error) {
	if req.Username, err = r.login(ctx, c.Username, model.QUsername); err != nil {
		return err
	}
	if req.Password, err = r.value(ctx, c.PasswordRef, model.QPassword); err != nil {
		return err
	}
	req.Kind, req.Expires = r.info(c.PasswordRef).Kind, r.info(c.PasswordRef).Expires
	if req.Kind == "" || req.Kind == model.KindUnknown {
		req.Kind = r.kindOf(c.PasswordRef, req.Password)
	}
	return nil
}

// fillKey reads an SSH credential: the key stands in a file secret of its own,
// unless it was given for this run under the credential's reference.
func (r *resolver) fillKey(ctx context.Context, c model.Connector, req *model.TestRequest) (err error) {
	req.Kind = model.KindSSHKey
	if key, ok := r.given[c.SSHKeyRef]; ok {
		req.SSHKey = key
		req.SSHPassphrase = r.given[c.SSHKeyRef+"_passphrase"]
		return nil
	}
	info := r.info(c.SSHKeyRef)
	if info.File == "" {
		req.SSHKey, err = r.value(ctx, c.SSHKeyRef, model.QSSHKey)
		return err
	}
	if req.SSHKey, err = r.value(ctx, info.File.Ref(), model.QSSHKey); err != nil {
		return err
	}
	if info.Passphrase != "" {
		req.SSHPassphrase, err = r.value(ctx, info.Passphrase.Ref(), model.QSSHPassphrase)
	}
	return err
}

func (r *resolver) fillAPI(ctx context.Context, c model.Connector, req *model.TestRequest) (err error) {
	switch c.API.Method {
	case model.APIEmailAndToken:
		req.APILogin, err = r.login(ctx, c.API.Email, model.QAPIEmail)
	case model.APIUsernameToken:
		req.APILogin, err = r.login(ctx, c.API.Username, model.QAPIUsername)
	case model.APIAccessToken:
	default:
		// Without API access REST is only asked for the reason of a failure, with the
		// git credential and the email known of it, never a guessed one.
		req.APILogin, req.APIToken, req.APIKind, req.APIExpires = r.info(c.PasswordRef).Email, req.Password, req.Kind, req.Expires
		return nil
	}
	if err != nil {
		return err
	}
	if req.APIToken, err = r.value(ctx, c.API.TokenRef, model.QAPIToken); err != nil {
		return err
	}
	req.APIKind, req.APIExpires = r.info(c.API.TokenRef).Kind, r.info(c.API.TokenRef).Expires
	if req.APIKind == "" || req.APIKind == model.KindUnknown {
		req.APIKind = r.kindOf(c.API.TokenRef, req.APIToken)
	}
	return nil
}
