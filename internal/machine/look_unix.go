//go:build !windows

package machine

// hasOwnerBits says that files here have permissions for their owner, a group
// and everybody.
func hasOwnerBits() bool { return true }
