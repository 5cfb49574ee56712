package main

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

func TestRequestsThatWaitedForOneAnotherAreCountedAsARow(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_000_000, 0)
	type span struct{ from, to int }
	for name, c := range map[string]struct {
		spans []span
		want  int
	}{
		"nothing":                           {nil, 0},
		"one":                               {[]span{{0, 40}}, 1},
		"three in a row":                    {[]span{{0, 40}, {41, 81}, {82, 122}}, 3},
		"the next begins as the last ends":  {[]span{{0, 40}, {40, 80}}, 2},
		"two at once":                       {[]span{{0, 40}, {1, 41}}, 1},
		"git beside three of REST":          {[]span{{0, 40}, {2, 42}, {42, 82}, {83, 123}}, 3},
		"git beside three, listed last":     {[]span{{42, 82}, {83, 123}, {2, 42}, {0, 41}}, 3},
		"a long one over two short ones":    {[]span{{0, 100}, {0, 40}, {50, 90}}, 2},
		"two channels that end differently": {[]span{{0, 40}, {5, 45}, {41, 81}, {46, 86}}, 2},
	} {
		var asked []exchange
		for _, s := range c.spans {
			asked = append(asked, exchange{
				began: start.Add(time.Duration(s.from) * time.Millisecond), ended: start.Add(time.Duration(s.to) * time.Millisecond),
			})
		}
		if got := costOf(asked).sequence; got != c.want {
			t.Errorf("%s: %d in a row, want %d", name, got, c.want)
		}
	}
}

func TestACostKeepsApartWhatCarriedACredential(t *testing.T) {
	t.Parallel()
	got := costOf([]exchange{
		{git: true, credential: true},
		{git: true, credential: true, refused: true},
		{git: true, refused: true},
		{credential: true},
		{credential: true, refused: true},
		{},
	})
	got.sequence = 0
	if want := (cost{git: 2, anonymous: 1, refused: 2, rest: 3}); got != want {
		t.Errorf("the cost is %+v, want %+v", got, want)
	}
}

func TestOnlyACostThatWasPromisedIsTaken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cost cost
		kept bool
	}{
		{cost{git: 1}, true},
		{cost{git: 1, anonymous: 1, rest: 4}, true},
		{cost{git: 1, anonymous: 2}, false},
		{cost{git: 2}, false},
		{cost{git: 1, refused: 1}, false},
		{cost{}, false},
	} {
		if err := promised(c.cost); (err == nil) != c.kept {
			t.Errorf("a test that costs %+v: %v", c.cost, err)
		}
	}
}

func TestEveryAnswerOfADistantServerTakesItsTime(t *testing.T) {
	t.Parallel()
	const late = 30 * time.Millisecond
	counted := &traffic{late: late}
	server := httptest.NewServer(counted.over(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})))
	defer server.Close()
	ask := func(path, credential string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Error(err)
			return
		}
		if credential != "" {
			req.Header.Set("Authorization", credential)
		}
		began := time.Now()
		res, err := server.Client().Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		_ = res.Body.Close()
		if took := time.Since(began); took < late {
			t.Errorf("%s took %s", path, took)
		}
	}
	ask("/scm/PAY/ledger.git/info/refs", "")
	ask("/scm/PAY/ledger.git/info/refs", "Basic eA==")
	got, most := counted.take()
	if want := (cost{git: 1, anonymous: 1, sequence: 2}); got != want || most != 1 {
		t.Errorf("one after the other costs %+v, %d at once, want %+v", got, most, want)
	}
	var both sync.WaitGroup
	both.Go(func() { ask("/rest/api/1.0/application-properties", "Basic eA==") })
	both.Go(func() { ask("/scm/PAY/ledger.git/info/refs", "Basic eA==") })
	both.Wait()
	// A busy machine may let one of them begin late.
	got, most = counted.take()
	if got.git != 1 || got.rest != 1 || got.sequence+most != 3 {
		t.Errorf("both at once cost %+v, %d at once", got, most)
	}
	if left, most := counted.take(); left != (cost{}) || most != 0 {
		t.Errorf("what was taken is still there: %+v, %d at once", left, most)
	}
}
