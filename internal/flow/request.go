package flow

import (
	"context"
	"fmt"
	"strings"

	"bbconnect/model"
)

// Values are secret values given for this run alone, by reference; they go
// before what the keystore holds.
type Values map[model.SecretRef]model.Secret

// resolver finds the values behind a connector's references, each read once.
type resolver struct {
	jobs    *Jobs
	scope   model.Scope
	secrets []model.SecretInfo
	given   Values
	read    map[model.SecretName]model.Secret
}

func (j *Jobs) resolver(c model.Connector, secrets []model.SecretInfo, given Values) *resolver {
	return &resolver{jobs: j, scope: c.Scope, secrets: secrets, given: given, read: map[model.SecretName]model.Secret{}}
}

// info is what is known of the secret behind a reference; the zero value where
// nothing is.
func (r *resolver) info(ref model.SecretRef) model.SecretInfo {
	name, err := ref.Name(r.scope)
	if err != nil {
		return model.SecretInfo{}
	}
	info, _ := model.World{Secrets: r.secrets}.SecretInfo(name)
	return info
}

// value is the value behind a reference.
func (r *resolver) value(ctx context.Context, ref model.SecretRef, field model.QuestionID) (model.Secret, error) {
	if v, ok := r.given[ref]; ok {
		return v, nil
	}
	name, err := ref.Name(r.scope)
	if err != nil {
		return model.Secret{}, &model.Problem{
			Code: "ref.malformed", What: fmt.Sprintf("The reference %s cannot be read.", ref),
			Why: err.Error() + ".", Fix: "Write it as account.id, org.id or id.", Field: field,
		}
	}
	if v, ok := r.read[name]; ok {
		return v, nil
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
	v, err := r.jobs.value(ctx, info)
	if err != nil {
		return model.Secret{}, withField(err, field)
	}
	r.read[name] = v
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
	r := j.resolver(c, secrets, given)
	req := model.TestRequest{Connector: c, CAFile: c.CAFile}
	if req.CAFile == "" {
		if settings, err := j.Library.Settings(ctx); err == nil {
			req.CAFile = settings.CAFiles[model.ReadURL(c.URL, model.URLContext{}).Host]
		}
	}
	var err error
	if c.ConnectionType == model.SSH {
		err = r.fillKey(ctx, c, &req)
	} else {
		err = r.fillPassword(ctx, c, &req)
	}
	if err != nil {
		return req, err
	}
	return req, r.fillAPI(ctx, c, &req)
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
		req.Kind = model.RecogniseCredential(req.Password, model.QPassword).Kind
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
		req.APIKind = model.RecogniseCredential(req.APIToken, model.QAPIToken).Kind
	}
	return nil
}
