package model

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// redacted is what every secret looks like to anything that prints it.
const redacted = "•••"

// Secret is a password, token, passphrase or private key in memory. It
// prints as ••• through fmt with every verb, encoding/json, encoding.Text and
// log/slog; the one way to the value is Reveal, so that a search for that name
// finds every place where a secret leaves its wrapper.
//
// The zero Secret means "no value". Secrets hold arbitrary bytes and are never
// trimmed or normalised here; see RecogniseCredential for pasted ones. Two are
// compared with Equal alone.
type Secret struct {
	_ [0]func() // not comparable with ==
	// value is behind a pointer since fmt calls no methods on unexported fields: a
	// struct with a secret in one would print it, and so prints an address.
	value *string
}

// NewSecret wraps a value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{value: &value}
}

// Reveal returns the plain value. Call it only at the place that sends or
// stores the secret.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no value.
func (s Secret) IsZero() bool { return s.value == nil }

// Len is the length of the value in bytes, which is safe to show.
func (s Secret) Len() int { return len(s.Reveal()) }

// Equal compares two secrets in time that depends on their lengths only.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns ••• for a secret that has a value and "" for one that has
// none.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// GoString keeps %#v from printing the field.
func (s Secret) GoString() string { return "model.Secret(" + s.String() + ")" }

// Format redacts for every verb and flag, %x and %d included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText redacts for JSON, YAML and every other text encoder.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue redacts for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
