package probe

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"bbconnect/model"
)

// nasty is what a server may want a terminal to do: clear, retitle, turn the
// reading direction, begin a line of its own.
const nasty = "\x1b[2J\x1b]0;title\x07\u202eevil\u2066\u200b\r\nPASS \u0085 \u2028 \xff\xfe \x00"

// attacks are answers to whatever is asked over HTTP.
func attacks() map[string]func(net.Conn) {
	const ok, json = "HTTP/1.1 200 OK\r\n", "Content-Type: application/json\r\n"
	git := ok + "Content-Type: " + advertType + "\r\n"
	denied := "HTTP/1.1 401 Unauthorized\r\n"
	list := map[string]func(net.Conn){
		"nothing":                        saying(""),
		"only a line end":                saying("\r\n\r\n"),
		"one huge header":                saying(ok + "X-A: " + strings.Repeat("a", 1<<20) + "\r\n\r\n"),
		"a header without end":           endless(ok+"X-A: ", "a"),
		"headers without end":            endless(ok, "X-A: b\r\n"),
		"a status line without end":      endless("HTTP/1.1 200 ", "O"),
		"thousands of headers":           saying(ok + strings.Repeat("X-A: b\r\n", 5000) + "\r\n{}"),
		"cookies without end":            endless(ok, "Set-Cookie: a=b; Path=/\r\n"),
		"thousands of cookies":           saying(ok + strings.Repeat("Set-Cookie: a=b\r\n", 3000) + "\r\n"),
		"continue without end":           endless("", "HTTP/1.1 100 Continue\r\n\r\n"),
		"early hints without end":        endless("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
		"102 and then the answer":        saying(strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 3) + denied + "\r\n"),
		"switching protocols":            endless("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "x"),
		"a body without end":             endless(denied+"Content-Type: text/plain\r\n\r\n", "a"),
		"a page without end":             endless(ok+"Content-Type: text/html\r\n\r\n<html>", "<p>"),
		"JSON without end":               endless(ok+json+"\r\n[", `{"a":1},`),
		"a body longer than any":         endless(ok+"Content-Length: 9223372036854775807\r\n\r\n", "a"),
		"a body cut short":               saying(ok + json + "Content-Length: 4000\r\n\r\n{\"version\":\"9"),
		"a negative length":              saying(ok + "Content-Length: -1\r\n\r\n"),
		"two lengths":                    saying(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
		"an absurd chunk":                endless(ok+"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", "a"),
		"a chunk size without end":       endless(ok+"Transfer-Encoding: chunked\r\n\r\n", "1"),
		"a negative chunk":               saying(ok + "Transfer-Encoding: chunked\r\n\r\n-1\r\n"),
		"chunks of one byte without end": endless(ok+"Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"),
		"chunk extensions without end":   endless(ok+"Transfer-Encoding: chunked\r\n\r\n1;", "a"),
		"trailers without end":           endless(ok+"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", "A: b\r\n"),
		"a bomb":                         saying(ok + json + "Content-Encoding: gzip\r\n\r\n" + bomb()),
		"a bomb for git":                 saying(git + "Content-Encoding: gzip\r\n\r\n" + bomb()),
		"deep JSON":                      saying(ok + json + "\r\n" + strings.Repeat(`{"error":`, 100_000)),
		"deep lists":                     saying(ok + json + "\r\n" + `{"errors":` + strings.Repeat("[", 100_000)),
		"deep JSON that fits":            saying(ok + json + "\r\n" + strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)),
		"a string of megabytes":          saying(denied + json + "\r\n" + `{"error":{"message":"` + strings.Repeat("a", 4<<20) + `"}}`),
		"a long string that fits":        saying(denied + json + "\r\n" + `{"error":{"message":"` + strings.Repeat("a", 60<<10) + `"}}`),
		"the same key twice":             saying(ok + json + "\r\n" + `{"version":"9","version":{"a":[]},"error":"a","error":{"message":7},"values":{},"size":"x"}`),
		"numbers out of range":           saying(ok + json + "\r\n" + `{"version":1e999,"size":-1e400,"values":[1e308]}`),
		"broken UTF-8":                   saying(ok + json + "\r\n{\"version\":\"\xff\xfe\",\"username\":\"\xed\xa0\x80\"}"),
		"packets without end":            endless(git+"\r\n", pkt("# service=git-upload-pack\n")),
		"flushes without end":            endless(git+"\r\n", "0000"),
		"refs without end":               endless(git+"\r\n"+pkt("# service=git-upload-pack\n")+"0000", pkt("95dcfa3633004da0049d3d0fa03f80589cbcaf31 refs/heads/a\n")),
		"a packet of no number":          saying(git + "\r\nzzzz"),
		"a packet that is too long":      endless(git+"\r\nffff", "a"),
		"a packet of three":              saying(git + "\r\n0003"),
		"a slow status line":             trickling("", denied),
		"slow headers":                   trickling("HTTP/1.1 200 OK\r\n", "X-A: b\r\n"),
		"a slow body":                    trickling(denied+"Content-Type: text/plain\r\n\r\n", "a"),
		"a slow answer of git":           trickling(git+"\r\n001e# service=git-upload", "-"),
		"slow chunks":                    trickling(ok+"Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"),
	}
	return list
}

// nastyAnswers carry what no terminal should see, in every field a probe reads.
func nastyAnswers() map[string]func(net.Conn) {
	quoted := fmt.Sprintf("%q", nasty)
	quoted = strings.NewReplacer(`\x`, `\u00`, `\a`, `\u0007`).Replace(quoted)
	list := map[string]func(net.Conn){}
	for _, status := range []string{"000", "99", "099", "200", "204", "206", "300", "304", "399", "402", "418", "451", "499", "500", "599", "600", "999", "1000", "-1", "abc", ""} {
		list["status "+status] = saying("HTTP/1.1 " + status + " " + nasty[:4] + "\r\n" + "Content-Type: application/json\r\n\r\n{}")
	}
	for _, status := range []string{"200 OK", "302 Found", "400 No", "401 No", "403 No", "404 No", "410 No", "429 No", "503 No"} {
		head := "HTTP/1.1 " + status + "\r\n"
		list[status+": text"] = saying(head + "Content-Type: text/plain\r\n\r\n" + nasty)
		list[status+": a page"] = saying(head + "Content-Type: text/html\r\n\r\n<html>" + nasty + "<input type=password>" + nasty)
		list[status+": Cloud's words"] = saying(head + "Content-Type: application/json\r\n\r\n" + `{"error":{"message":` + quoted + `,"detail":{"granted":[` + quoted + `],"required":[` + quoted + `]}},"username":` + quoted + `,"nickname":` + quoted + `}`)
		list[status+": Data Center's words"] = saying(head + "Content-Type: application/json\r\n\r\n" + `{"errors":[{"message":` + quoted + `,"exceptionName":` + quoted + `}],"version":` + quoted + `,"displayName":` + quoted + `,"state":` + quoted + `}`)
		list[status+": git's refusal"] = saying(head + "Content-Type: " + advertType + "\r\n\r\n" + pkt("# service=git-upload-pack\n") + "0000" + pkt("ERR "+nasty))
		list[status+": headers"] = saying(head + "X-Credential-Type: a\u202eb\r\nX-OAuth-Scopes: a\u202eb, \u2066c\r\nX-Accepted-OAuth-Scopes: \u202ed\r\n" +
			"X-AUSERNAME: %1b%5b2J%0aroot%e2%80%ae\r\nX-AREQUESTID: \u202e\r\nRetry-After: 99999999999999999999\r\nDate: \u202e\r\n" +
			"X-Authentication-Denied-Reason: CAPTCHA_CHALLENGE; login-url=\u202ejavascript:\r\nServer: \u202e\r\nWWW-Authenticate: Basic realm=\"\u202e\"\r\n\r\n")
	}
	for _, to := range []string{
		"javascript:alert(1)", "file:///etc/passwd", "https://evil.example/info/refs", "//evil.example", "", "/", ".", "?", "#", "http://", "https://[::1",
		"https://user:" + "pa55word@evil.example/x.git/info/refs", "ssh://-oProxyCommand=x/", "https://evil.example/%1b%5b2J%0d%0a/info/refs",
		"https://\u202eevil.example/info/refs", "data:text/html,x", "https://bitbucket.org:99999/", strings.Repeat("/a", 20_000), "\x1b[2J",
		"https://bitbucket.org/acme/ledger.git/info/refs?service=git-upload-pack", "https://evil.example/acme/\u202eledger.git/info/refs",
	} {
		for _, status := range []int{301, 302, 307, 308} {
			list[fmt.Sprintf("%d to %.40q", status, to)] = saying(fmt.Sprintf("HTTP/1.1 %d Moved\r\nLocation: %s\r\n\r\n", status, to))
		}
	}
	return list
}

// bomb is a gigabyte of blanks, packed.
func bomb() string {
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range 64 {
		_, _ = w.Write(block)
	}
	_ = w.Close()
	return packed.String()
}

func TestNoAnswerOverHTTPBreaksAPromise(t *testing.T) {
	// Not parallel: it measures time, memory and goroutines.
	ca := newAuthority(t, "Acme Issuing CA")
	requests := hostileRequests()
	before := runtime.NumGoroutine()
	for name, attack := range attacks() {
		t.Run(name, func(t *testing.T) {
			h := newHostile(t, ca, attack)
			for _, product := range []string{"Cloud", "plain HTTP"} {
				if r := endure(t, h.options(), requests[product]); r.Verdict == model.VerdictPass {
					t.Errorf("%s passes: %+v", product, r.Checks)
				}
			}
		})
	}
	settles(t, before)
}

func TestNothingAServerSaysReachesATerminalAsItIs(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "Acme Issuing CA")
	requests := hostileRequests()
	for name, attack := range nastyAnswers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHostile(t, ca, attack)
			for product, req := range requests {
				result := New(h.options()).Test(t.Context(), req, func(c model.Check) {
					if fault := unfit(c.Title + c.Detail); fault != "" {
						t.Errorf("%s: a check reported holds %s", product, fault)
					}
				})
				readable(t, result)
				if result.Verdict == model.VerdictPass {
					t.Errorf("%s passes: %+v", product, result.Checks)
				}
			}
		})
	}
}

func TestAnAnswerThatIsNoJSONProvesNothing(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]reply{
		"text": text(200, "welcome"), "nothing": text(200, ""), "nothing at all": text(204, ""), "a list": cloudReply(200, "[]"),
	} {
		w := newWorld(t, merge(soundCloud(), map[string]reply{cloudUser: answer, cloudRepo: answer, cloudHooks: answer}))
		t.Log(name)
		compare(t, New(w.options()).Test(t.Context(), cloudRequest(), nil), model.VerdictFail, "server.not-bitbucket")
	}
}

func TestAConnectionCutAnywhereIsNoMoreThanAFailure(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "Acme Issuing CA")
	req := serverRequest()
	overPlainHTTP(&req)
	// The answers as they stand, by address; cutting goes on until all are whole.
	answers, longest := map[string]string{}, 0
	for address, answer := range soundServer() {
		var out strings.Builder
		out.WriteString("HTTP/1.1 200 OK\r\n")
		for k, v := range answer.header {
			fmt.Fprintf(&out, "%s: %s\r\n", k, v)
		}
		fmt.Fprintf(&out, "Content-Length: %d\r\n\r\n%s", len(answer.body), answer.body)
		answers[address], longest = out.String(), max(longest, out.Len())
	}
	passed := 0
	for at := range longest + 5 {
		h := newHostile(t, ca, answering(func(w io.Writer, r *http.Request) error {
			answer := answers[r.Host+r.URL.Path]
			if at >= len(answer) {
				_, err := io.WriteString(w, answer)
				return err
			}
			_, _ = io.WriteString(w, answer[:at])
			return io.EOF
		}))
		result := New(h.options()).Test(t.Context(), req, nil)
		readable(t, result)
		switch {
		case result.Problem != nil && result.Problem.Code == "url.plain-http":
			passed++ // nothing else is wrong
		case result.Problem == nil || result.Verdict != model.VerdictFail && result.Verdict != model.VerdictWarn:
			t.Errorf("cut after %d bytes: %s, %+v", at, result.Verdict, result.Problem)
		}
	}
	if passed < 5 || passed > longest/2 {
		t.Errorf("%d of %d answers were long enough to pass", passed, longest+5)
	}
}

func TestAnEndlessBodyIsReadOnlyInPartAndThenLetGo(t *testing.T) {
	t.Parallel()
	var written atomic.Int64
	h := newHostile(t, newAuthority(t, "Acme Issuing CA"), answering(func(w io.Writer, _ *http.Request) error {
		n, err := io.WriteString(w, "HTTP/1.1 401 No\r\nContent-Type: text/plain\r\n\r\n")
		for err == nil {
			written.Add(int64(n))
			n, err = io.WriteString(w, strings.Repeat("a", 1<<10))
		}
		return err
	}))
	req := serverRequest()
	overPlainHTTP(&req)
	apiOff(&req)
	req.Connector.API.Method = model.APIOff
	New(h.options()).Test(t.Context(), req, nil)
	_, _ = h.secured.Close(), h.plain.Close()
	h.open.Wait()
	if written.Load() == 0 || written.Load() > 1<<24 {
		t.Errorf("%d bytes were taken", written.Load())
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, "Content-Type: application/json", []byte(`{"version":"9.4.0","displayName":"Bitbucket"}`), true)
	f.Add(401, "Content-Type: text/plain\r\nX-AUSERNAME: %1b", []byte(nasty), true)
	f.Add(200, "Content-Type: "+advertType, []byte(pkt("# service=git-upload-pack\n")+"0000"+pkt("ERR "+nasty)), false)
	f.Add(302, "Location: //\u202eevil/%0a", []byte(nil), true)
	f.Add(403, "X-OAuth-Scopes: a\u202e\r\nX-Accepted-OAuth-Scopes: b\r\nX-Credential-Type: repo_access_token", []byte(lacking), false)
	f.Add(200, "Transfer-Encoding: chunked", []byte("ffffffffffffffff\r\na"), true)
	ca := newAuthority(f, "Acme Issuing CA")
	f.Fuzz(func(t *testing.T, status int, headers string, body []byte, dataCenter bool) {
		req := cloudRequest()
		if dataCenter {
			req = serverRequest()
			overPlainHTTP(&req)
		}
		req.Timeout = hostileLimit
		h := newHostile(t, ca, saying(fmt.Sprintf("HTTP/1.1 %d X\r\n%s\r\n\r\n%s", status, headers, body)))
		readable(t, New(h.options()).Test(t.Context(), req, nil))
	})
}
