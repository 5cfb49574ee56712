package sandbox_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"

	"bbconnect/internal/sandbox"
)

// A client reaches the sandbox under the public names: its dialer and its
// authority are all that differ from the real services.
func ExampleStart() {
	ctx := context.Background()
	s, err := sandbox.Start(ctx, sandbox.Options{Scenario: "token-missing-scope"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()

	client := &http.Client{Transport: &http.Transport{DialContext: s.Dial, TLSClientConfig: &tls.Config{RootCAs: s.RootCAs()}}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.bitbucket.org/2.0/repositories/acme/ledger", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	token, _ := s.Token(sandbox.TokenAPIMinimum)
	request.SetBasicAuth(token.Email, token.Secret())
	answer, err := client.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(answer.StatusCode, answer.Header.Get("X-Credential-Type"))
	fmt.Println(string(body))
	fmt.Println(s.Denied(), "denied")
	// Output:
	// 403 api_token
	// {"type":"error","error":{"message":"Your credentials lack one or more required privilege scopes.","detail":{"granted":["read:user:bitbucket","read:workspace:bitbucket"],"required":["read:repository:bitbucket"]}}}
	// 1 denied
}

// Fault scripts what no scenario covers, for one path or for all.
func ExampleOptions_fault() {
	s, err := sandbox.Start(context.Background(), sandbox.Options{
		Fault: func(r *http.Request) *sandbox.Answer {
			if r.URL.Path != "/2.0/user" {
				return nil
			}
			return &sandbox.Answer{Status: http.StatusBadGateway, Body: []byte("upstream is away")}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.RootCAs()}}}
	answer, err := client.Get(s.CloudURL() + "/2.0/user")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	fmt.Println(answer.Status)
	// Output: 502 Bad Gateway
}
