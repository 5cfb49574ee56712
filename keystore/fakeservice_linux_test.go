package keystore

import (
	"sync/atomic"
	"testing"

	dbus "github.com/godbus/dbus/v5"
)

// fakeService is just enough of a Secret Service to misbehave in the ways real
// ones do.
type fakeService struct {
	conn *dbus.Conn
	// silent: no call is ever answered. mute: properties are, calls are not.
	silent, mute atomic.Bool
	// locked: unlocking puts a question that nobody answers.
	locked atomic.Bool
	// dismiss: creating an item puts a question that is dismissed at once.
	dismiss atomic.Bool
	// onPrompt runs when a question is put.
	onPrompt atomic.Pointer[func()]
	over     chan struct{}
}

const (
	promptPath = dbus.ObjectPath("/prompt")
	promptName = "org.freedesktop.Secret.Prompt"
)

func startFakeService(t *testing.T, r *room) *fakeService {
	t.Helper()
	f := &fakeService{conn: r.connect(t), over: make(chan struct{})}
	t.Cleanup(func() { close(f.over) })
	faces := []struct {
		face any
		path dbus.ObjectPath
		name string
	}{
		{serviceFace{f}, secretsPath, secretsService},
		{propertiesFace{f}, secretsPath, "org.freedesktop.DBus.Properties"},
		{propertiesFace{f}, loginCollection, "org.freedesktop.DBus.Properties"},
		{collectionFace{f}, loginCollection, "org.freedesktop.Secret.Collection"},
		{sessionFace{}, "/session", "org.freedesktop.Secret.Session"},
		{promptFace{f}, promptPath, promptName},
	}
	for _, face := range faces {
		if err := f.conn.Export(face.face, face.path, face.name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.conn.RequestName(secretsName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return f
}

// hang does not come back until the test is over.
func (f *fakeService) hang(hangs bool) {
	if hangs {
		<-f.over
	}
}

type propertiesFace struct{ f *fakeService }

func (p propertiesFace) Get(_, name string) (dbus.Variant, *dbus.Error) {
	p.f.hang(p.f.silent.Load())
	if name == "Locked" {
		return dbus.MakeVariant(p.f.locked.Load()), nil
	}
	return dbus.MakeVariant([]dbus.ObjectPath{loginCollection}), nil
}

type serviceFace struct{ f *fakeService }

func (s serviceFace) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	s.f.hang(s.f.mute.Load())
	return dbus.MakeVariant(""), "/session", nil
}

func (s serviceFace) Unlock(paths []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	s.f.hang(s.f.mute.Load())
	if s.f.locked.Load() {
		return nil, promptPath, nil
	}
	return paths, "/", nil
}

type collectionFace struct{ f *fakeService }

func (collectionFace) SearchItems(map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	return []dbus.ObjectPath{}, nil
}

// secretStruct is the Secret of the Secret Service API: session, parameters,
// value and content type.
type secretStruct struct {
	Session    dbus.ObjectPath
	Parameters []byte
	Value      []byte
	Type       string
}

func (c collectionFace) CreateItem(map[string]dbus.Variant, secretStruct, bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	if c.f.dismiss.Load() {
		return "/", promptPath, nil
	}
	return "/item", "/", nil
}

type sessionFace struct{}

func (sessionFace) Close() *dbus.Error { return nil }

type promptFace struct{ f *fakeService }

// Prompt is what a provider shows its window for.
func (p promptFace) Prompt(string) *dbus.Error {
	if run := p.f.onPrompt.Load(); run != nil {
		(*run)()
	}
	if p.f.dismiss.Load() {
		_ = p.f.conn.Emit(promptPath, promptName+".Completed", true, dbus.MakeVariant(""))
	}
	return nil
}
