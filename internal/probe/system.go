package probe

import (
	"net/http"
	"net/url"
)

// SystemProxy picks the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name;
// it is what Options.Proxy wants on a person's machine.
func SystemProxy(r *http.Request) (*url.URL, error) { return http.ProxyFromEnvironment(r) }
