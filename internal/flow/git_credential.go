package flow

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"bbconnect/model"
)

// gitPatience bounds what git waits for: a keyring that asks a question nobody
// sees is given up by its keystore long before, and a vault opens even on a machine
// that has much else to do. What git has rejected must not be lost to haste: it
// would be sent again.
const gitPatience = 20 * time.Second

// GitCredential finds the credential that git asks for among the saved connectors,
// without the network and without asking anybody: a place for secrets that is
// locked, or does not answer in time, has none. Where the closest connector's may not
// be sent, or is not there, that of the next closest is. The zero answer leaves the
// question to git's next helper; why then says what a person has to mend, nil where
// there is nothing to say.
func (j *Jobs) GitCredential(ctx context.Context, req model.GitRequest) (answer model.GitAnswer, why *model.Problem) {
	ctx, cancel := context.WithTimeout(WithAsker(ctx, nil), gitPatience)
	defer cancel()
	list, r, err := j.gitCandidates(ctx, req)
	if err != nil {
		return model.GitAnswer{}, nil
	}
	// What was never stored here cannot be sent, and is no reason to send nothing.
	list = slices.DeleteFunc(list, func(c model.GitCandidate) bool { return c.Secret.Where == "" })
	for {
		chosen, torn, ok := model.GitChoice(list)
		switch {
		case torn:
			return model.GitAnswer{}, cmp.Or(why, tornBetween(req, list))
		case !ok:
			return model.GitAnswer{}, why
		}
		p := chosen.Refusal(j.Now())
		if p != nil && p.Code == model.CodeGitRejected {
			return model.GitAnswer{}, p // another login after a refused one is for a person to try
		}
		why = cmp.Or(why, p)
		if p == nil {
			if value, username, err := r.gitValue(ctx, chosen); err == nil && !value.IsZero() {
				return chosen.Answer(req, username, value), nil
			}
		}
		// The next closest one answers, with another credential.
		list = slices.DeleteFunc(list, func(c model.GitCandidate) bool { return c.Secret.Name == chosen.Secret.Name })
	}
}

// tornBetween says why none of several credentials is sent.
func tornBetween(req model.GitRequest, list []model.GitCandidate) *model.Problem {
	host := req.Protocol + "://" + req.Host
	p := &model.Problem{
		Code: "cred.git-ambiguous", What: "Several saved credentials are for " + req.Host + ", and git did not say which repository it means.",
		Why: "The wrong one would be refused.", Fix: "Let git say which repository it means.",
		Commands: []string{"git config --global credential." + host + ".useHttpPath true"},
	}
	if req.Path != "" {
		p.What = "Several saved connectors of " + req.Host + " with different credentials fit " + req.Path + " equally."
		p.Fix = "Give the connector that is meant a test repository of the same project, or make one for this repository."
		p.Commands = nil
	}
	return p
}

// EraseGitCredential marks the connectors whose credential a server has refused,
// and returns their keys: as failed, so that the credential is not sent again
// until a test has passed or another value is stored. Nothing is deleted, and a
// value that is not the one kept here marks nothing.
func (j *Jobs) EraseGitCredential(ctx context.Context, req model.GitRequest) ([]string, error) {
	if req.Value().IsZero() {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(WithAsker(ctx, nil), gitPatience)
	defer cancel()
	list, r, err := j.gitCandidates(ctx, req)
	if err != nil {
		return nil, err
	}
	var first *model.GitCandidate
	marks := map[string]model.TestRecord{}
	var keys []string
	for _, c := range list {
		if first != nil && (!c.SameFit(*first) || c.Secret.Name != first.Secret.Name) {
			continue
		}
		if value, _, err := r.gitValue(ctx, c); err != nil || !value.Equal(req.Value()) {
			continue
		}
		if first == nil {
			first = &c
		}
		key := c.Saved.Connector.Key()
		marks[key], keys = c.Mark(req, j.Now()), append(keys, key)
	}
	if len(marks) == 0 {
		return nil, nil
	}
	return keys, j.Library.RecordTests(ctx, marks)
}

// gitCandidates reads what is saved, and finds who may answer.
func (j *Jobs) gitCandidates(ctx context.Context, req model.GitRequest) ([]model.GitCandidate, *run, error) {
	saved, _, err := j.Library.List(ctx)
	if err != nil {
		return nil, nil, err
	}
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return nil, nil, err
	}
	r := j.newRun(ctx, secrets, nil)
	return model.GitCandidates(req, saved, func(name model.SecretName) (model.SecretInfo, bool) {
		info, ok := r.secrets[name]
		return info, ok
	}), r, nil
}

// gitValue reads a candidate's value, each once, and the connector's user name.
func (r *run) gitValue(ctx context.Context, c model.GitCandidate) (value model.Secret, username string, err error) {
	conn := c.Saved.Connector
	one := &resolver{run: r, scope: conn.Scope}
	if value, err = one.value(ctx, conn.PasswordRef, model.QPassword); err != nil {
		return model.Secret{}, "", err
	}
	if username, err = one.login(ctx, conn.Username, model.QUsername); err != nil {
		return model.Secret{}, "", err
	}
	return value, strings.TrimSpace(username), nil
}
