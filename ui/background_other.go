//go:build !unix || solaris || aix

package ui

// backgroundIsLight is false where the terminal cannot be asked: the consoles
// of Windows are dark unless the setting says otherwise.
func backgroundIsLight(string) bool { return false }
