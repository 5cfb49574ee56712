package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// Answer is one scripted HTTP answer, for Options.Fault. The zero value is an
// empty 200.
type Answer struct {
	Status int // 0 is 200
	Header http.Header
	Body   []byte
	// Delay is waited before the first byte; the client's leaving ends it.
	Delay time.Duration
	// Drip is waited after every byte of the body, for a server that never
	// quite stops.
	Drip time.Duration
	// Hang takes the request and never answers it.
	Hang bool
	// Drop breaks the connection instead of answering.
	Drop bool

	stream func(w io.Writer) error // a body too long to hold; excludes Body
}

// with sets one header and returns the answer, for chaining.
func (a *Answer) with(name, value string) *Answer {
	if a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header.Set(name, value)
	return a
}

// emptyAnswer has a status and nothing else.
func emptyAnswer(status int) *Answer { return &Answer{Status: status} }

// rawAnswer has a body of the given content type.
func rawAnswer(status int, contentType, body string) *Answer {
	a := &Answer{Status: status, Body: []byte(body)}
	return a.with("Content-Type", contentType)
}

// textAnswer is plain text, the only kind git shows to people.
func textAnswer(status int, body string) *Answer {
	return rawAnswer(status, "text/plain; charset=utf-8", body)
}

// htmlAnswer is a page.
func htmlAnswer(status int, body string) *Answer {
	return rawAnswer(status, "text/html; charset=utf-8", body)
}

// jsonAnswer encodes v without escaping HTML, as both services do.
func jsonAnswer(status int, v any) *Answer {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return textAnswer(http.StatusInternalServerError, "sandbox: "+err.Error())
	}
	return rawAnswer(status, "application/json; charset=utf-8", string(bytes.TrimSpace(body.Bytes())))
}

// redirect sends the client elsewhere.
func redirect(status int, location string) *Answer {
	return emptyAnswer(status).with("Location", location)
}

// settle waits the answer's delay and says with which status it will be sent;
// 0 is an answer that never reaches the client.
func (s *Sandbox) settle(r *http.Request, a *Answer) int {
	switch {
	case a.Hang, !s.wait(r, a.Delay), a.Drop:
		return 0
	case a.Status == 0:
		return http.StatusOK
	}
	return a.Status
}

// write sends a settled answer.
func (s *Sandbox) write(w http.ResponseWriter, r *http.Request, status int, a *Answer) {
	if a.Hang {
		s.wait(r, -1)
	}
	if status == 0 {
		panic(http.ErrAbortHandler) // ends the connection without an answer
	}
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	switch {
	case r.Method == http.MethodHead:
	case a.stream != nil:
		_ = a.stream(w) // the client's leaving is its own business
	case a.Drip > 0:
		s.drip(w, r, a)
	default:
		_, _ = w.Write(a.Body)
	}
}

// drip sends the body a byte at a time.
func (s *Sandbox) drip(w http.ResponseWriter, r *http.Request, a *Answer) {
	control := http.NewResponseController(w)
	for i := range a.Body {
		if _, err := w.Write(a.Body[i : i+1]); err != nil {
			return
		}
		if control.Flush() != nil || !s.wait(r, a.Drip) {
			return
		}
	}
}

// wait lets time pass, for ever when negative. It reports false when the
// client or the sandbox went away first.
func (s *Sandbox) wait(r *http.Request, d time.Duration) bool {
	if d == 0 {
		return true
	}
	var over <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
		return true
	case <-r.Context().Done():
		return false
	case <-s.done:
		return false
	}
}
