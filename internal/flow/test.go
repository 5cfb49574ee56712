package flow

import (
	"context"

	"bbconnect/model"
)

// DraftValues are the values typed into a draft's secret slots, by the
// reference each will be stored under.
func DraftValues(d model.Draft, w model.World) Values {
	values := Values{}
	for _, write := range model.SecretWrites(d, w) {
		if !write.Value.IsZero() {
			values[write.Info.Name.Ref()] = write.Value
		}
	}
	return values
}

// TestDraft runs the live test of a draft as it would be saved: with the values
// typed so far, and the saved ones for the rest. Nothing is stored.
func (j *Jobs) TestDraft(ctx context.Context, d model.Draft, w model.World, report func(model.Check)) (model.TestResult, error) {
	c := model.Build(d, w)
	secrets := w.Secrets
	for _, write := range model.SecretWrites(d, w) {
		secrets = append(dropSecret(secrets, write.Info.Name), write.Info)
	}
	req, err := j.Request(ctx, c, secrets, DraftValues(d, w))
	if err != nil {
		return model.TestResult{}, err
	}
	return j.Tester.Test(ctx, req, report), nil
}

func dropSecret(secrets []model.SecretInfo, name model.SecretName) []model.SecretInfo {
	out := make([]model.SecretInfo, 0, len(secrets)+1)
	for _, s := range secrets {
		if s.Name != name {
			out = append(out, s)
		}
	}
	return out
}

// TestConnector runs the live test of a connector that need not be saved.
func (j *Jobs) TestConnector(ctx context.Context, c model.Connector, given Values, adjust func(*model.TestRequest), report func(model.Check)) (model.TestResult, error) {
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return model.TestResult{}, err
	}
	req, err := j.Request(ctx, c, secrets, given)
	if err != nil {
		return model.TestResult{}, err
	}
	if adjust != nil {
		adjust(&req)
	}
	return j.Tester.Test(ctx, req, report), nil
}

// TestSaved tests a saved connector and remembers the outcome.
func (j *Jobs) TestSaved(ctx context.Context, key string, given Values, adjust func(*model.TestRequest), report func(model.Check)) (model.TestResult, error) {
	saved, err := j.Library.Get(ctx, key)
	if err != nil {
		return model.TestResult{}, err
	}
	result, err := j.TestConnector(ctx, saved.Connector, given, adjust, report)
	if err != nil {
		return result, err
	}
	if ctx.Err() != nil {
		return result, ctx.Err()
	}
	return result, j.Library.RecordTest(ctx, saved.Connector.Key(), Record(result))
}

// Record is what is remembered of a test.
func Record(r model.TestResult) model.TestRecord {
	record := model.TestRecord{Verdict: r.Verdict, At: r.StartedAt}
	if r.Problem != nil {
		record.Code, record.What = r.Problem.Code, r.Problem.What
	}
	return record
}

// Passed reports whether a verdict lets a connector be saved without asking.
func Passed(v model.Verdict) bool { return v == model.VerdictPass || v == model.VerdictWarn }
