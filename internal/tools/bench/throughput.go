package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// latency is how long each answer takes that the largest fleet gets.
const latency = 20 * time.Millisecond

// usualJobs is how many connectors the program tests at a time by itself.
const usualJobs = 8

// throughput measures a thousand connectors with API access against a server that
// takes its time. Ideal is where nothing but its answers takes time: as many
// requests as wait for one another in a test, for every connector, so many tests
// at a time. How near to that this machine comes at all, with whatever else it
// does, shows in the requests alone, without a test around them.
func (b *bench) throughput(ctx context.Context) ([]row, error) {
	git, err := findGit()
	if err != nil {
		return nil, err
	}
	server, err := b.startGitServer(ctx, git, serving{late: latency, recorded: true})
	if err != nil {
		return nil, err
	}
	defer server.close()
	document := func(name string) string { return overHTTP(server.repository(name), server.user, true) }
	one, err := b.write("one.yaml", document("ledger"))
	if err != nil {
		return nil, err
	}
	// The first test fills the server's memory.
	alone := b.ourTest(server, "-f", one)
	costs, err := server.costs(ctx, alone, alone)
	if err != nil {
		return nil, err
	}
	home, err := b.save("throughput", manyConnectors, func(i int) string { return document(fmt.Sprintf("service-%04d", i)) })
	if err != nil {
		return nil, err
	}
	ours := b.ourTest(server, fleetArguments()...)
	ours.env = append(ours.env, "BBCONNECT_HOME="+home)
	if err := jobsAtOnce(ctx, server, ours); err != nil {
		return nil, err
	}
	times, err := inTurn(ctx, b.few(), ours, &bareRequests{server: server, row: costs[1].sequence})
	if err != nil {
		return nil, err
	}
	usual := b.ourTest(server, "--all") // as many at a time as it does by itself
	usual.env = append(usual.env, "BBCONNECT_HOME="+home)
	server.take()
	unasked, err := inTurn(ctx, b.few(), usual)
	if err != nil {
		return nil, err
	}
	// git is asked beside the REST API, so that two requests of a test are under way.
	if _, most := server.take(); most < usualJobs || most > 2*usualJobs {
		return nil, fmt.Errorf("by itself the program had %d requests under way, and %d tests at a time were expected", most, usualJobs)
	}
	name := func(at int) string {
		return fmt.Sprintf("%d connectors, git and REST, %d at a time, answers after %d ms", manyConnectors, at, latency.Milliseconds())
	}
	ideal := func(at int) row {
		return row{peer: "ideal", theirs: medianMS([]time.Duration{latency * time.Duration(costs[1].sequence*manyConnectors) / time.Duration(at)}), aim: atMostTimes(1 / 0.85)}
	}
	first, second := ideal(usualJobs), ideal(jobs)
	first.name, first.ours = name(usualJobs), medianMS(unasked[0])
	second.name, second.ours = name(jobs), medianMS(times[0])
	return []row{first, second, {name(jobs), medianMS(times[0]), "the requests alone", medianMS(times[1]), aim{}}}, nil
}

// jobsAtOnce fails where the program does not test as many at a time as it was
// told to: each of them has a request under way for nearly all of its time.
func jobsAtOnce(ctx context.Context, server *gitServer, ours timed) error {
	server.take()
	if _, err := ours.once(ctx); err != nil {
		return err
	}
	if _, most := server.take(); most < jobs {
		return fmt.Errorf("with --jobs %d the server saw no more than %d requests at once", jobs, most)
	}
	return nil
}

// bareRequests is what tests of a thousand connectors ask, and nothing else: git
// beside a row of requests that wait for one another, on two new connections, so
// many tests at a time.
type bareRequests struct {
	server *gitServer
	row    int
}

func (r *bareRequests) once(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, longest, context.DeadlineExceeded)
	defer cancel()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	began := time.Now()
	queue := make(chan struct{}, manyConnectors)
	for range manyConnectors {
		queue <- struct{}{}
	}
	close(queue)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for range queue {
				if err := r.test(ctx); err != nil {
					fail(err)
					return
				}
			}
		})
	}
	workers.Wait()
	return time.Since(began), context.Cause(ctx)
}

// test asks what one test asks.
func (r *bareRequests) test(ctx context.Context) error {
	var both sync.WaitGroup
	var failed [2]error
	both.Go(func() { failed[0] = r.ask(ctx, "/scm/PAY/ledger.git/info/refs?service=git-upload-pack", 1) })
	both.Go(func() { failed[1] = r.ask(ctx, "/rest/api/1.0/application-properties", r.row) })
	both.Wait()
	if failed[0] != nil {
		return failed[0]
	}
	return failed[1]
}

// ask asks for an address so many times, over one connection.
func (r *bareRequests) ask(ctx context.Context, path string, times int) error {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for range times {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.server.url+path, nil)
		if err != nil {
			return err
		}
		req.SetBasicAuth(r.server.user, r.server.password)
		res, err := transport.RoundTrip(req)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if err != nil {
			return err
		}
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", path, res.Status)
		}
	}
	return nil
}
