package machine

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
	"unicode"

	"bbconnect/model"
)

// settle is how long a started browser may still report that it cannot.
const settle = 500 * time.Millisecond

// OpenBrowser shows a page in the person's browser. Only http and https
// addresses with a host and without a user are opened. It returns as soon as the
// page is handed over, after half a second at most, or when the context ends; the
// browser itself lives on.
//
// The error is a *model.Problem with code machine.no-browser where there is no
// way to show a page (over ssh, on a console, in a container) or the way failed,
// and machine.bad-address for anything that is not a page. Show the address
// beside it, to be opened elsewhere.
func OpenBrowser(ctx context.Context, address string) error {
	o := opener{goos: runtime.GOOS, getenv: os.Getenv, lookPath: exec.LookPath, settle: settle}
	return o.open(ctx, address)
}

// opener is what OpenBrowser depends on of the machine.
type opener struct {
	goos     string
	getenv   func(string) string
	lookPath func(string) (string, error)
	settle   time.Duration
}

func (o opener) open(ctx context.Context, address string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !isPage(address) {
		return &model.Problem{
			Code: "machine.bad-address", What: "This is not the address of a web page.",
			Why: "Only http and https addresses without a user name are opened.", Fix: "Open it yourself if you trust it.",
		}
	}
	argv, problem := o.command(address)
	if problem != nil {
		return problem
	}
	// Not CommandContext: the page must stay when the screen that opened it goes.
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.SysProcAttr = ownSession()
	if err := cmd.Start(); err != nil {
		return noBrowser("The browser could not be started.", err)
	}
	ended := make(chan error, 1)
	// The child is waited for however long it lives, so it never stays a zombie.
	go func() { ended <- cmd.Wait() }()
	wait := time.NewTimer(o.settle)
	defer wait.Stop()
	select {
	case err := <-ended:
		if err != nil {
			return noBrowser("The program that opens pages here found no browser.", err)
		}
	case <-wait.C:
	case <-ctx.Done():
	}
	return nil
}

// isPage keeps everything from the command line that is not plainly a page.
func isPage(address string) bool {
	if len(address) > maxURL || strings.ContainsFunc(address, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune("\"'`<>|^\\", r)
	}) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
}

// command is the program and its arguments for this system.
func (o opener) command(address string) ([]string, *model.Problem) {
	ssh := o.getenv("SSH_CONNECTION") != ""
	var names [][]string
	switch o.goos {
	case "darwin", "windows":
		if ssh {
			return nil, noBrowser("This is a remote session; the page would open on the other machine's screen.", nil)
		}
		names = [][]string{{"open"}}
		if o.goos == "windows" {
			names = [][]string{{"rundll32", "url.dll,FileProtocolHandler"}}
		}
	default:
		wsl := o.getenv("WSL_DISTRO_NAME") != ""
		if wsl {
			names = append(names, []string{"wslview"})
		}
		if o.getenv("DISPLAY") != "" || o.getenv("WAYLAND_DISPLAY") != "" {
			names = append(names, []string{"xdg-open"})
		}
		if len(names) == 0 {
			return nil, noBrowser("There is no screen to show a page on (neither DISPLAY nor WAYLAND_DISPLAY is set).", nil)
		}
	}
	for _, n := range names {
		if path, err := o.lookPath(n[0]); err == nil {
			return append(append([]string{path}, n[1:]...), address), nil
		}
	}
	return nil, noBrowser("No program that opens pages is installed ("+names[len(names)-1][0]+").", nil)
}

func noBrowser(why string, cause error) *model.Problem {
	return &model.Problem{
		Code: "machine.no-browser", What: "The page cannot be opened from here.", Why: why,
		Fix: "Copy the address and open it where you have a browser.", Cause: cause,
	}
}
