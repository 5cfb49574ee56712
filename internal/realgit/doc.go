// Package realgit starts git servers that nobody here wrote, for tests: git's
// own http-backend behind basic authentication, on a loopback port, with
// repositories made by git. Tests alone import it.
package realgit
