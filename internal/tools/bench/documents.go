package main

import "fmt"

// tokenVariable is the variable a live test takes its password from.
const tokenVariable = "BENCH_TOKEN"

// httpDocument is a connector over HTTP without API access; the address and the
// user name are to be filled in.
const httpDocument = `connector:
  name: Bench
  identifier: bench
  type: Bitbucket
  spec:
    url: %s
    type: Repo
    authentication:
      type: Http
      spec:
        type: UsernamePassword
        spec:
          username: %s
          passwordRef: account.bench_token
    executeOnDelegate: false
`

// sshDocument is a connector over SSH; the address is to be filled in.
const sshDocument = `connector:
  name: Bench
  identifier: bench
  type: Bitbucket
  spec:
    url: %s
    type: Repo
    authentication:
      type: Ssh
      spec:
        sshKeyRef: account.bench_key
    executeOnDelegate: false
`

// apiAccess is what follows a document for API access with the same password; the
// user name is to be filled in.
const apiAccess = `    apiAccess:
      type: UsernameToken
      spec:
        username: %s
        tokenRef: account.bench_token
`

// overHTTP is a connector of one repository over HTTP.
func overHTTP(address, user string, api bool) string {
	text := fmt.Sprintf(httpDocument, address, user)
	if api {
		text += fmt.Sprintf(apiAccess, user)
	}
	return text
}

// overSSH is a connector of one repository over SSH, with API access where there
// is a user for it.
func overSSH(address, apiUser string) string {
	text := fmt.Sprintf(sshDocument, address)
	if apiUser != "" {
		text += fmt.Sprintf(apiAccess, apiUser)
	}
	return text
}
