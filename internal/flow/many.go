package flow

import (
	"context"
	"errors"
	"sync"
	"time"

	"bbconnect/model"
)

// The limits of TestMany where the caller sets none: connectors at a time, of them
// on one host, and the longest wait a server may ask for and get.
const (
	DefaultJobs     = 8
	DefaultPerHost  = 8
	DefaultPatience = time.Minute
)

// ErrNotTested is the error of a connector whose turn never came, or whose test
// was broken off, since the run was cancelled.
var ErrNotTested = errors.New("not tested")

// Target is one connector to test. The outcome of a saved one is remembered.
type Target struct {
	Connector model.Connector
	Saved     bool
}

// Tested is what became of one target.
type Tested struct {
	// Index is its place in the list of targets.
	Index  int
	Target Target
	// Result is the live test's. Its Connector is always the connector's key.
	Result model.TestResult
	// Err says why there is no result: ErrNotTested, a *model.Problem such as
	// cred.missing, or a keystore's error.
	Err error
	// Carried says that the host was not asked about this connector, since it had
	// asked to be left alone for longer than the run waits; Result carries the
	// problem of the connector that was told so, and is not remembered.
	Carried bool
}

// Progress is how far a run is. Done counts everything that ended, Failed of them
// those that did not pass.
type Progress struct {
	Total, Done, Failed, Running int
	// Elapsed is the time since the run began.
	Elapsed time.Duration
	// Waiting is a host that asked to be left alone and whose connectors wait until
	// Until; "" for none. Of several it is the one that goes on first.
	Waiting string
	Until   time.Time
}

// Many says how TestMany runs. The zero value is a run with the defaults.
type Many struct {
	// Jobs is how many connectors are tested at a time, PerHost how many of them on
	// one host (all of Cloud is one). 0 is the default; PerHost is never above Jobs.
	Jobs, PerHost int
	// Given are secret values for this run alone.
	Given Values
	// Instead are secrets as they would be: what is known of each, and its value, for
	// this run alone.
	Instead map[model.SecretName]StandIn
	// Adjust may change a request before it is sent; it is called by several
	// goroutines. nil for nothing.
	Adjust func(*model.TestRequest)
	// Ended is told of every target as it ends, Progress whenever a number of it
	// changed. They are called one at a time, in the caller's goroutine, and should
	// return soon. nil for nobody.
	Ended    func(Tested)
	Progress func(Progress)
	// Patience is the longest wait that a server may ask for (Retry-After) and get;
	// 0 is the default.
	Patience time.Duration
	// After is time.After, replaced by tests; nil for it.
	After func(time.Duration) <-chan time.Time
}

func (m Many) withDefaults() Many {
	if m.Jobs <= 0 {
		m.Jobs = DefaultJobs
	}
	if m.PerHost <= 0 {
		m.PerHost = DefaultPerHost
	}
	m.PerHost = min(m.PerHost, m.Jobs)
	if m.Patience <= 0 {
		m.Patience = DefaultPatience
	}
	if m.After == nil {
		m.After = time.After
	}
	if m.Ended == nil {
		m.Ended = func(Tested) {}
	}
	if m.Progress == nil {
		m.Progress = func(Progress) {}
	}
	return m
}

// TestMany tests many connectors, several at a time, and returns what became of
// each in the order of the targets. The list of secrets and the settings are read
// once, every secret's value once, and outcomes are remembered in batches.
//
// No host is asked about more than PerHost connectors at a time, and connectors
// that share a credential nobody has accepted yet start two at a time, so that
// they do not hold the places of other hosts while the probe keeps them waiting.
// A server that answers net.rate-limited or server.unavailable with a time to
// wait is left alone for that long when it is within Patience and the context's
// deadline, and the connector is tested once more; otherwise the remaining
// connectors of that host carry its problem and are not asked about.
//
// When the context ends the tests under way are broken off, they and the rest are
// ErrNotTested, and the error is the context's. Any other error is one that kept
// the run from beginning, or its outcomes from being remembered.
func (j *Jobs) TestMany(ctx context.Context, targets []Target, m Many) ([]Tested, error) {
	secrets, err := j.Library.Secrets(ctx)
	if err != nil {
		return nil, err
	}
	r := &manyRun{
		Many: m.withDefaults(), jobs: j, run: j.newRun(ctx, secrets, m.Given).with(m.Instead), begun: j.Now(),
		out: make([]Tested, len(targets)), ended: make(chan Tested), accepted: make(chan int, unproven), records: map[string]model.TestRecord{},
	}
	r.progress.Total = len(targets)
	r.queue = newQueue(targets, r.PerHost)
	for i, t := range targets {
		r.out[i] = Tested{Index: i, Target: t, Err: ErrNotTested, Result: model.TestResult{Connector: t.Connector.Key()}}
	}
	return r.out, r.all(ctx)
}

// recordEvery is how many outcomes are remembered at a time, recordWithin how
// long one may wait for that: what a killed run loses.
const (
	recordEvery  = 200
	recordWithin = time.Second
)

// manyRun is one TestMany. Its fields belong to the caller's goroutine; tests run
// in goroutines of their own and hand their result over in ended.
type manyRun struct {
	Many
	jobs  *Jobs
	run   *run
	begun time.Time
	queue *queue
	out   []Tested
	ended chan Tested
	// accepted are connectors whose credential a server has just taken.
	accepted chan int

	progress Progress
	records  map[string]model.TestRecord
	recorded time.Time
	// recording is the write under way, beside the tests; recordErr is its.
	recording sync.WaitGroup
	recordErr error
}

// all runs until every target has ended or the context has.
func (r *manyRun) all(ctx context.Context) error {
	r.recorded = r.begun
	r.tell()
	for ctx.Err() == nil && r.progress.Done < r.progress.Total {
		r.start(ctx)
		if err := r.await(ctx); err != nil {
			break
		}
	}
	for r.progress.Running > 0 { // broken off: each ends soon, since its context has
		<-r.ended
		r.progress.Running--
	}
	if ctx.Err() != nil {
		for _, t := range r.out {
			if errors.Is(t.Err, ErrNotTested) {
				r.Ended(t)
			}
		}
	}
	r.tell()
	r.record(ctx, true)
	r.recording.Wait()
	return errors.Join(ctx.Err(), r.recordErr)
}

// start gives every free place a connector, as long as one may be asked about.
func (r *manyRun) start(ctx context.Context) {
	before := r.progress.Running
	for r.progress.Running < r.Jobs {
		item, ok := r.queue.next()
		if !ok {
			break
		}
		r.progress.Running++
		target := r.out[item].Target
		go func() { r.ended <- r.test(ctx, item, target) }()
	}
	if r.progress.Running != before {
		r.tell()
	}
}

// test is one test, in a goroutine of its own.
func (r *manyRun) test(ctx context.Context, index int, target Target) Tested {
	t := Tested{Index: index, Target: target}
	req, err := r.run.request(ctx, target.Connector)
	if err != nil {
		t.Err = err
	} else {
		if r.Adjust != nil {
			r.Adjust(&req)
		}
		t.Result = r.jobs.Tester.Test(ctx, req, func(c model.Check) {
			if c.Accepted {
				r.tellAccepted(index)
			}
		})
	}
	t.Result.Connector = target.Connector.Key()
	return t
}

// tellAccepted says that a server took a connector's credential. That one is not
// heard costs some time and nothing else: the end of its test says the same.
func (r *manyRun) tellAccepted(index int) {
	select {
	case r.accepted <- index:
	default:
	}
}

// await waits for a test to end, or for a host to be asked again.
func (r *manyRun) await(ctx context.Context) error {
	var resume <-chan time.Time
	if h := r.queue.firstPaused(); h != nil {
		resume = h.resume
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case t := <-r.ended:
		r.progress.Running--
		if ctx.Err() != nil {
			return ctx.Err() // its result may be that of having been broken off
		}
		r.finish(ctx, t)
	case index := <-r.accepted:
		r.queue.of[index].accepted = true
	case <-resume:
		r.queue.firstPaused().goOn()
		r.tell()
	}
	return nil
}

// finish takes a result in: it is the connector's, or the host asked to wait.
func (r *manyRun) finish(ctx context.Context, t Tested) {
	host := r.queue.leave(t)
	wait, asked := askedToWait(t)
	switch {
	case !asked:
		host.answered()
		r.keep(ctx, t)
		return
	case r.mayWait(ctx, host, t.Index, wait):
		host.again(t.Index, r.queue.of[t.Index])
		if until := r.jobs.Now().Add(wait); host.resume == nil || until.After(host.until) {
			host.pause(until, r.After(wait))
		}
		r.tell()
		return
	}
	r.keep(ctx, t)
	for _, index := range host.drop() {
		p := *t.Result.Problem
		r.keep(ctx, Tested{Index: index, Target: r.out[index].Target, Carried: true, Result: model.TestResult{
			Connector: r.out[index].Target.Connector.Key(), Verdict: t.Result.Verdict, StartedAt: r.jobs.Now(), Problem: &p,
		}})
	}
}

// mayWait reports whether a host gets the time it asked for: not when that is too
// long, nor for a connector that waited before, nor when it has answered nothing
// else since the last wait.
func (r *manyRun) mayWait(ctx context.Context, h *hostQueue, index int, wait time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false
	}
	return wait <= r.Patience && !h.waited[index] && !(h.careful && h.resume == nil) && h.pauses < maxPauses
}

// keep makes a result the final one.
func (r *manyRun) keep(ctx context.Context, t Tested) {
	r.out[t.Index] = t
	r.progress.Done++
	if t.Err != nil || !Passed(t.Result.Verdict) {
		r.progress.Failed++
	}
	if t.Err == nil && t.Target.Saved && !t.Carried {
		r.records[t.Result.Connector] = Record(t.Result)
		r.record(ctx, false)
	}
	r.Ended(t)
	r.tell()
}

// record remembers what has gathered, once it is enough or old enough. The last
// outcomes of a cancelled run are remembered as well: they were found out.
func (r *manyRun) record(ctx context.Context, last bool) {
	now := r.jobs.Now()
	if len(r.records) == 0 || !last && len(r.records) < recordEvery && now.Sub(r.recorded) < recordWithin {
		return
	}
	r.recording.Wait() // one write after the other
	records := r.records
	r.records, r.recorded = map[string]model.TestRecord{}, now
	r.recording.Go(func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*recordWithin)
		defer cancel()
		r.recordErr = errors.Join(r.recordErr, r.jobs.Library.RecordTests(bounded, records))
	})
}

// tell reports how far the run is.
func (r *manyRun) tell() {
	p := r.progress
	p.Elapsed = r.jobs.Now().Sub(r.begun)
	if h := r.queue.firstPaused(); h != nil {
		p.Waiting, p.Until = h.name, h.until
	}
	r.Progress(p)
}

// askedToWait is how long the server asked to be left alone.
func askedToWait(t Tested) (time.Duration, bool) {
	p := t.Result.Problem
	if t.Err != nil || p == nil || p.WaitSeconds <= 0 || (p.Code != "net.rate-limited" && p.Code != "server.unavailable") {
		return 0, false
	}
	return time.Duration(p.WaitSeconds) * time.Second, true
}
