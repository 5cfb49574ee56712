package flow

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"bbconnect/model"
)

// expiringWithin is how many days before its end a credential needs attention.
const expiringWithin = 30

// Glance is what a list shows of one saved connector. It holds nothing that
// changes by itself: how long ago, and how many days left, is for the caller.
type Glance struct {
	// Key is the connector's key. Tags are as model.FormatTags writes them.
	Key, Name, ID, URL, Tags string
	// Method is model.APIOff where there is no API access.
	Method model.APIMethod
	model.Outline
	// Verdict is that of the last live test, "" when there was none; Code and What
	// are those of its problem.
	Verdict    model.Verdict
	Tested     time.Time
	Code, What string
}

// GlanceOf is the glance at a saved connector among the named secrets of w.
func GlanceOf(s model.Saved, w model.World) Glance {
	c := s.Connector
	g := Glance{
		Key: c.Key(), Name: c.Name, ID: c.ID, URL: c.URL, Tags: model.FormatTags(c.Tags), Method: c.API.Method, Outline: model.OutlineOf(c, w),
	}
	if !c.API.On() {
		g.Method = model.APIOff
	}
	if t := s.LastTest; t != nil {
		g.Verdict, g.Tested, g.Code, g.What = t.Verdict, t.At, t.Code, t.What
	}
	return g
}

// Failed reports whether the last live test was not passed.
func (g Glance) Failed() bool { return g.Verdict != "" && !Passed(g.Verdict) }

// Expiring reports whether a credential has ended, or ends within thirty days.
func (g Glance) Expiring(now time.Time) bool {
	return !g.Expires.IsZero() && model.DaysLeft(g.Expires, now) <= expiringWithin
}

// NeedsAttention: an App Password, a failed test, or a credential that has ended
// or soon will.
func (g Glance) NeedsAttention(now time.Time) bool {
	return g.AppPassword || g.Failed() || g.Expiring(now)
}

// Glances are a list of saved connectors.
type Glances struct {
	// All are in the order of Library.List.
	All     []Glance
	Damaged []model.Damaged
	// Remembered says that they are those of last time: the files are being looked
	// at. Same says that looking at them has changed nothing in All.
	Remembered, Same bool
}

// Glances lists the saved connectors for people. early, when it is not nil, is
// given what was listed last time, nothing at all when nothing was, while the
// files are looked at; it is called once, in the caller's goroutine.
func (j *Jobs) Glances(ctx context.Context, early func(Glances)) (Glances, error) {
	var before [][]byte
	var first Glances
	known := func(rows [][]byte) {
		if all, err := readGlances(rows); err == nil { // else those made now replace them
			before, first = rows, Glances{All: all}
		}
		first.Remembered = true
		early(first)
	}
	if early == nil {
		known = nil
	}
	rows, damaged, err := j.Library.RowsIn(ctx, "glances", "1", j.drawGlances, known)
	if err != nil {
		return Glances{}, err
	}
	if len(before) > 0 && sameRows(before, rows) {
		return Glances{All: first.All, Damaged: damaged, Same: true}, nil
	}
	all, err := readGlances(rows)
	return Glances{All: all, Damaged: damaged}, err
}

func sameRows(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// drawGlances makes rows of glances. Each connector is judged in a world of its
// own secrets alone, so that many secrets do not make many connectors slow.
func (j *Jobs) drawGlances(ctx context.Context) (func(model.Saved) ([]byte, error), error) {
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return nil, err
	}
	byName := make(map[model.SecretName]model.SecretInfo, len(secrets))
	for _, s := range secrets {
		byName[s.Name] = s
	}
	return func(s model.Saved) ([]byte, error) {
		var own model.World
		for _, ref := range s.Connector.SecretRefs() {
			if name, err := ref.Name(s.Connector.Scope); err == nil {
				if info, ok := byName[name]; ok {
					own.Secrets = append(own.Secrets, info)
				}
			}
		}
		return appendGlance(nil, GlanceOf(s, own)), nil
	}, nil
}

// errNoGlance stands for a row that holds none.
var errNoGlance = errors.New("not a row of glances")

// appendGlance writes a glance: texts behind their length, times in seconds.
func appendGlance(b []byte, g Glance) []byte {
	for _, s := range g.texts() {
		b = binary.AppendUvarint(b, uint64(len(*s)))
		b = append(b, *s...)
	}
	for _, t := range []time.Time{g.Tested, g.Expires} {
		b = binary.AppendVarint(b, t.Unix())
	}
	if g.AppPassword {
		return append(b, 1)
	}
	return append(b, 0)
}

// texts are where a glance's texts are, in the order they are written.
func (g *Glance) texts() []*string {
	return []*string{
		&g.Key, &g.Name, &g.ID, &g.URL, &g.Tags, &g.PointsTo, &g.Code, &g.What,
		(*string)(&g.Method), (*string)(&g.Product), (*string)(&g.Credential), (*string)(&g.Verdict),
	}
}

func readGlances(rows [][]byte) ([]Glance, error) {
	all := make([]Glance, len(rows))
	for i, row := range rows {
		if !readGlance(&all[i], string(row)) {
			return nil, errNoGlance
		}
	}
	return all, nil
}

// readGlance takes a row apart; its texts share the row's memory.
func readGlance(g *Glance, row string) bool {
	for _, s := range g.texts() {
		n, size := uvarint(row)
		if size == 0 || n > uint64(len(row)-size) {
			return false
		}
		*s, row = row[size:size+int(n)], row[size+int(n):]
	}
	for _, t := range []*time.Time{&g.Tested, &g.Expires} {
		n, size := uvarint(row)
		if size == 0 {
			return false
		}
		*t, row = time.Unix(int64(n>>1)^-int64(n&1), 0).UTC(), row[size:]
	}
	g.AppPassword = row == "\x01"
	return len(row) == 1
}

// uvarint is binary.Uvarint of a text; size is 0 where there is none.
func uvarint(s string) (n uint64, size int) {
	for i := 0; i < len(s) && i < binary.MaxVarintLen64; i++ {
		n |= uint64(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			return n, i + 1
		}
	}
	return 0, 0
}
