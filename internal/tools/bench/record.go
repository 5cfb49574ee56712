package main

import (
	"net/http"
	"net/http/httptest"
	"sync"
)

// recording answers each question once from behind and then from memory.
type recording struct {
	behind http.Handler

	mu   sync.Mutex
	kept map[string]*httptest.ResponseRecorder
}

// record is the handler with a memory of its answers, for what is asked of the
// same kind of repository again and again.
func record(behind http.Handler) *recording {
	return &recording{behind: behind, kept: map[string]*httptest.ResponseRecorder{}}
}

// ServeHTTP implements http.Handler.
func (p *recording) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := p.answer(r)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (p *recording) answer(r *http.Request) *httptest.ResponseRecorder {
	key := r.Method + " " + r.URL.RawQuery + " " + r.Header.Get("Git-Protocol")
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept[key] == nil {
		p.kept[key] = httptest.NewRecorder()
		p.behind.ServeHTTP(p.kept[key], r)
	}
	return p.kept[key]
}
