package flow

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"bbconnect/model"
)

// writingDesk is a machine that remembers what was copied and written.
type writingDesk struct {
	machine
	copied  []string
	written map[string]string
	full    string
}

func (d *writingDesk) Copy(_ context.Context, text string) error {
	d.copied = append(d.copied, text)
	return nil
}

func (d *writingDesk) WriteInto(_ context.Context, folder, name string, data []byte) error {
	path := filepath.Join(folder, name)
	if path == d.full {
		return errBreak
	}
	d.written[path] = string(data)
	return nil
}

func atDesk(h *house) (*Jobs, *writingDesk) {
	d := &writingDesk{written: map[string]string{}}
	j := h.jobs()
	j.Machine = d
	return j, d
}

func TestDocumentsGoToTheClipboardOneBehindTheOther(t *testing.T) {
	t.Parallel()
	j, d := atDesk(estate())
	if err := j.CopyDocuments(t.Context(), []string{"a", "c"}); err != nil || !slices.Equal(d.copied, []string{"connector: a\n---\nconnector: c\n"}) {
		t.Errorf("%q, %v", d.copied, err)
	}
	if err := j.CopyDocuments(t.Context(), []string{"a", "gone"}); !errors.Is(err, errNone) || len(d.copied) != 1 {
		t.Errorf("%q, %v", d.copied, err)
	}
}

func TestDocumentsAreWrittenWholeOrNotBegun(t *testing.T) {
	t.Parallel()
	h := estate()
	c := h.connectors["a"].Connector
	c.Scope = model.Scope{Org: "o", Project: "p"}
	h.put(c)
	j, d := atDesk(h)
	want := []string{filepath.Join("out", "o", "p", "a.yaml"), filepath.Join("out", "b.yaml")}
	if files, err := j.WriteDocuments(t.Context(), []string{"o/p/a", "b"}, "out"); err != nil || !slices.Equal(files, want) || d.written[want[1]] != "connector: b\n" {
		t.Errorf("%v, %v, %v", files, err, d.written)
	}
	clear(d.written)
	if files, err := j.WriteDocuments(t.Context(), []string{"a", "gone"}, "out"); !errors.Is(err, errNone) || len(files)+len(d.written) != 0 {
		t.Errorf("%v, %v, %v", files, err, d.written)
	}
	d.full = filepath.Join("out", "b.yaml")
	if files, err := j.WriteDocuments(t.Context(), []string{"a", "b"}, "out"); !errors.Is(err, errBreak) || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if files, err := j.WriteDocuments(ctx, []string{"a"}, "out"); !errors.Is(err, context.Canceled) || len(files) != 0 {
		t.Errorf("%v, %v", files, err)
	}
}

func TestADuplicateHasEverythingButNameAndId(t *testing.T) {
	t.Parallel()
	h := estate()
	d, w, err := h.jobs().Duplicate(t.Context(), "b")
	if err != nil || d.Editing != "" || d.Base != nil || d.BaseRevision != "" || d.Answered(model.QName) || d.Answered(model.QID) {
		t.Fatalf("%+v, %v", d, err)
	}
	original, copied := h.connectors["b"].Connector, model.Build(d.With(model.QName, "Copy").With(model.QID, "copy"), w)
	if copied.URL != original.URL || copied.PasswordRef != original.PasswordRef || copied.API.TokenRef != original.API.TokenRef || copied.ID != "copy" {
		t.Errorf("the copy is %+v", copied)
	}
	if writes := model.SecretWrites(d, w); len(writes) != 0 {
		t.Errorf("it would write %+v", writes)
	}
	for at := 1; at <= 2; at++ {
		h.calls, h.breakAt = 0, at
		if _, _, err := h.jobs().Duplicate(t.Context(), "b"); !errors.Is(err, errBreak) {
			t.Errorf("call %d broke: %v", at, err)
		}
	}
}

func TestADuplicateKeepsWhatNoQuestionAsks(t *testing.T) {
	t.Parallel()
	h := saved(t, newDraft())
	c := h.connectors["payments"].Connector
	c.IgnoreTest, c.CAFile = true, "/etc/ssl/ours.pem"
	c.API = model.APIAccess{Method: model.APIOAuth, TokenRef: "account.access", RefreshTokenRef: "account.refresh"}
	h.put(c)
	d, w, err := h.jobs().Duplicate(t.Context(), "payments")
	if err != nil {
		t.Fatal(err)
	}
	got := model.Build(d.With(model.QName, "Copy").With(model.QID, "copy"), w)
	want := c
	want.Name, want.ID = "Copy", "copy"
	if !reflect.DeepEqual(got.API, want.API) || got.IgnoreTest != want.IgnoreTest || got.CAFile != want.CAFile || d.Editing != "" || d.Base != nil {
		t.Errorf("the copy is\n%+v\nwant\n%+v", got, want)
	}
}
