// Package probe is the live test of a Bitbucket connector: it asks the server
// what is true and says in one sentence what is wrong.
//
// A test uses two channels, both started at once: git (over HTTP or SSH),
// which is what pipelines clone through, and the REST API, which triggers and
// statuses need. Neither alone names the cause of a failure: a bare 401 from
// git may be a dead token or only the wrong user name, and the REST API's
// answer to the same secret tells which. So both channels only gather facts;
// an ordered table of rules (rules.go) reads the facts together and yields
// the problem to mend first. To teach the probe a new cause, add a row and a
// scenario that makes it fire.
//
// What a test promises:
//
//   - credentials go out at once, over one git request, and only to the
//     connector's own hosts; no redirect is followed;
//   - nothing is written at the server, and what is read does not grow with
//     the repository;
//   - what a server says is bounded, stripped of control characters, and
//     never trusted; no secret is in any result;
//   - a secret that a host rejected twice for one login, or once with a
//     CAPTCHA, is not sent there again by the same Prober, since Data Center
//     locks accounts; an SSH key that was refused twice is not offered again.
package probe
