package store

import (
	"encoding/binary"
	"errors"

	"bbconnect/model"
)

// errIndex stands for an index that cannot be understood. It is never shown:
// such an index is made anew.
var errIndex = errors.New("not an index of this program")

// A writer puts numbers and texts one behind the other: numbers in Go's variable
// form, texts behind their length.
type indexWriter struct{ data []byte }

func (w *indexWriter) number(n uint64) { w.data = binary.AppendUvarint(w.data, n) }

func (w *indexWriter) signed(n int64) { w.data = binary.AppendVarint(w.data, n) }

func (w *indexWriter) text(s string) {
	w.number(uint64(len(s)))
	w.data = append(w.data, s...)
}

func (w *indexWriter) flag(on bool) {
	if on {
		w.data = append(w.data, 1)
		return
	}
	w.data = append(w.data, 0)
}

// An indexReader takes them apart again. Texts share the memory of the whole, so
// that reading ten thousand connectors allocates little. The first mistake stops
// it: what follows is empty, and err is set.
type indexReader struct {
	rest string
	err  error
}

func (r *indexReader) fail() {
	r.rest, r.err = "", errIndex
}

func (r *indexReader) number() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		b := r.rest[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.fail()
	return 0
}

// signed undoes the zigzag of AppendVarint.
func (r *indexReader) signed() int64 {
	n := r.number()
	return int64(n>>1) ^ -int64(n&1)
}

func (r *indexReader) text() string {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *indexReader) flag() bool {
	if len(r.rest) == 0 {
		r.fail()
		return false
	}
	on := r.rest[0] != 0
	r.rest = r.rest[1:]
	return on
}

// count is a number of things that take at least one byte each.
func (r *indexReader) count() int {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.fail()
		return 0
	}
	return int(n)
}

// connector writes every field of a connector; a test fails when one is added
// and not written here.
func (w *indexWriter) connector(c model.Connector) {
	for _, s := range []string{c.Name, c.ID, c.Description, c.Scope.Org, c.Scope.Project, c.URL, string(c.URLType), string(c.ConnectionType), c.TestRepository} {
		w.text(s)
	}
	w.number(uint64(len(c.Tags)))
	for _, t := range c.Tags {
		w.text(t.Key)
		w.text(t.Value)
	}
	w.login(c.Username)
	w.text(string(c.PasswordRef))
	w.text(string(c.SSHKeyRef))
	w.text(string(c.API.Method))
	w.login(c.API.Username)
	w.login(c.API.Email)
	w.text(string(c.API.TokenRef))
	w.text(string(c.API.RefreshTokenRef))
	w.text(string(c.Mode))
	w.number(uint64(len(c.Selectors)))
	for _, s := range c.Selectors {
		w.text(s)
	}
	w.flag(c.SecureConnect)
	w.flag(c.IgnoreTest)
	w.text(c.DelegateVersion)
	w.text(c.CAFile)
}

func (w *indexWriter) login(l model.Login) {
	w.text(l.Plain)
	w.text(string(l.Ref))
}

func (r *indexReader) connector() model.Connector {
	c := model.Connector{Name: r.text(), ID: r.text(), Description: r.text()}
	c.Scope = model.Scope{Org: r.text(), Project: r.text()}
	c.URL, c.URLType, c.ConnectionType, c.TestRepository = r.text(), model.URLType(r.text()), model.ConnectionType(r.text()), r.text()
	if n := r.count(); n > 0 {
		c.Tags = make([]model.Tag, n)
		for i := range c.Tags {
			c.Tags[i] = model.Tag{Key: r.text(), Value: r.text()}
		}
	}
	c.Username = r.login()
	c.PasswordRef, c.SSHKeyRef = model.SecretRef(r.text()), model.SecretRef(r.text())
	c.API.Method = model.APIMethod(r.text())
	c.API.Username, c.API.Email = r.login(), r.login()
	c.API.TokenRef, c.API.RefreshTokenRef = model.SecretRef(r.text()), model.SecretRef(r.text())
	c.Mode = model.Mode(r.text())
	if n := r.count(); n > 0 {
		c.Selectors = make([]string, n)
		for i := range c.Selectors {
			c.Selectors[i] = r.text()
		}
	}
	c.SecureConnect, c.IgnoreTest = r.flag(), r.flag()
	c.DelegateVersion, c.CAFile = r.text(), r.text()
	return c
}

func (r *indexReader) login() model.Login {
	return model.Login{Plain: r.text(), Ref: model.SecretRef(r.text())}
}
