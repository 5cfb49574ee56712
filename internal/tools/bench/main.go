package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"
)

// bench is one run: the program under test, a folder that goes away afterwards,
// and how often each thing is done.
type bench struct {
	program string
	dir     string
	n       int
	only    string
	table   table
}

// missing is the error of a measurement that this machine cannot make.
type missing struct{ why string }

func (m missing) Error() string { return m.why }

func main() {
	program := flag.String("program", "", "the program to measure")
	n := flag.Int("n", 24, "runs of each; the slow ones make half")
	only := flag.String("only", "", "measure only what has this in its name, as: many connectors")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *program, *n, *only); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		stop()
		os.Exit(1)
	}
}

// run measures everything and prints the table; what works is
// printed where something else does not.
func run(ctx context.Context, program string, n int, only string) error {
	if program == "" || n < 2 {
		return errors.New("give -program PATH, and -n 2 or more")
	}
	if info, err := os.Stat(program); err != nil || info.IsDir() {
		return fmt.Errorf("there is no program %s; make build makes it", program)
	}
	dir, err := os.MkdirTemp("", "bbconnect-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{program: program, dir: dir, n: n, only: only}
	fmt.Printf("\n%s, medians of %d runs (screens, SSH and refs of %d, many connectors of %d), ours and the peer in turn\n%s\n\n", program, n, b.half(), b.few(), machine())
	began := time.Now()
	broken := b.measure(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := b.table.print(os.Stdout); err != nil {
		return err
	}
	fmt.Printf("%s, after %.0f s\n", machine(), time.Since(began).Seconds())
	return broken
}

// half is the number of runs of what takes long.
func (b *bench) half() int { return max(2, b.n/2) }

// few is the number of runs of what takes seconds.
func (b *bench) few() int { return max(2, b.n/12) }

// measure makes every measurement in turn. One that this machine cannot make is
// noted; one that is broken keeps no other from being made.
func (b *bench) measure(ctx context.Context) error {
	var broken []error
	for _, m := range []struct {
		name string
		do   func(context.Context) ([]row, error)
	}{
		{"size of the program", b.size},
		{"bbconnect --version on a terminal", b.silentVersion},
		{"start", b.starts},
		{"wizard", b.screens},
		{"Home", b.home},
		{"saved connectors", b.saved},
		{"search of 10,000", b.search10k},
		{"search of 100,000", b.search100k},
		{"live test over HTTP", b.liveHTTP},
		{"live test over SSH", b.liveSSH},
		{"many refs over HTTP", b.refsHTTP},
		{"many refs over SSH", b.refsSSH},
		{"many connectors over HTTP", b.fleetHTTP},
		{"many connectors over HTTPS", b.fleetHTTPS},
		{"many connectors over SSH", b.fleetSSH},
		{"many connectors, a slow server", b.throughput},
		{"migration", b.migration},
	} {
		if b.only != "" && !strings.Contains(m.name, b.only) {
			continue
		}
		began := time.Now()
		rows, err := m.do(ctx)
		b.table.took = append(b.table.took, spent{m.name, time.Since(began)})
		b.table.rows = append(b.table.rows, rows...)
		var lacks missing
		switch {
		case errors.As(err, &lacks):
			b.table.left = append(b.table.left, leftOut{m.name, lacks.why})
		case err != nil:
			broken = append(broken, fmt.Errorf("%s: %w", m.name, err))
		}
	}
	return errors.Join(broken...)
}

// machine says what a figure depends on, with the load at this moment where the
// system tells it.
func machine() string {
	text := fmt.Sprintf("%d CPUs, %s, %s/%s", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if data, err := os.ReadFile("/proc/loadavg"); err == nil {
		text += ", load " + strings.Join(strings.Fields(string(data))[:3], " ")
	}
	return text
}
