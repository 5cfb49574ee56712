package main

import (
	"context"
)

// programVariable names a program that is built already, for a test process that
// another test starts.
const programVariable = "BBCONNECT_TEST_PROGRAM"

// contextForBuild is the context of a build before any test runs.
func contextForBuild() context.Context { return context.Background() }
