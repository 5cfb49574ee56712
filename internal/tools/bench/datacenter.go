package main

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
)

// account is who may sign in.
type account struct{ user, password string }

// signedIn reports whether a request carries a credential, and whether it is the
// right one.
func (a account) signedIn(r *http.Request) (given, right bool) {
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	user, password, ok := r.BasicAuth()
	return r.Header.Get("Authorization") != "", ok && same(user, a.user) && same(password, a.password)
}

// object is a JSON object.
type object = map[string]any

// dataCenter is as much of a Bitbucket Data Center's REST API as a live test
// asks for: every project and every repository is there, and private.
// application-properties answers anybody, as Data Center does; a wrong credential
// is refused everywhere.
func dataCenter(who account) http.Handler {
	const base = "GET /rest/api/1.0"
	mux := http.NewServeMux()
	mux.HandleFunc(base+"/application-properties", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, object{"version": "8.19.2", "buildNumber": "8019002", "buildDate": "1713398400000", "displayName": "Bitbucket"})
	})
	private := func(pattern string, body func(r *http.Request) object) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if _, right := who.signedIn(r); !right {
				refuse(w, "You are not permitted to access this resource")
				return
			}
			writeJSON(w, http.StatusOK, body(r))
		})
	}
	private(base+"/projects/{project}/repos/{repo}", func(r *http.Request) object {
		return repositoryObject(r.PathValue("project"), r.PathValue("repo"), r.Host)
	})
	private(base+"/projects/{project}/repos/{repo}/webhooks", func(*http.Request) object { return page() })
	private(base+"/repos", func(r *http.Request) object { return page(repositoryObject("PAY", "ledger", r.Host)) })
	mux.HandleFunc("/rest/", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusNotFound, failure("com.sun.jersey.api.NotFoundException", "null for uri"))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Arequestid", "@BENCH1x1x1x0")
		given, right := who.signedIn(r)
		switch {
		case right:
			w.Header().Set("X-Ausername", url.QueryEscape(who.user))
		case given:
			refuse(w, "Authentication failed. Please check your credentials and try again.")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// refuse answers 401 as Data Center does.
func refuse(w http.ResponseWriter, why string) {
	w.Header().Set("WWW-Authenticate", `Basic realm="Atlassian Bitbucket"`)
	writeJSON(w, http.StatusUnauthorized, failure("com.atlassian.bitbucket.AuthorisationException", why))
}

// failure is the object that all errors come in.
func failure(name, message string) object {
	return object{"errors": []object{{"context": nil, "message": message, "exceptionName": name}}}
}

// page is a whole list in the form of its first page.
func page(values ...object) object {
	return object{"size": len(values), "limit": 1, "isLastPage": true, "start": 0, "values": append([]object{}, values...)}
}

// repositoryObject is a repository as the API describes it.
func repositoryObject(project, slug, host string) object {
	return object{
		"slug": slug, "id": 1, "name": slug, "hierarchyId": "e3c939f9ef4a7fae272e", "scmId": "git",
		"state": "AVAILABLE", "statusMessage": "Available", "forkable": true, "public": false, "archived": false,
		"project": object{"key": project, "id": 1, "name": project, "public": false, "type": "NORMAL"},
		"links": object{"clone": []object{
			{"href": "http://" + host + "/scm/" + project + "/" + slug + ".git", "name": "http"},
		}},
	}
}

func writeJSON(w http.ResponseWriter, status int, body object) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
