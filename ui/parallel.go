package ui

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// piece is how many rows one goroutine takes at a time, and how many are done
// between two looks at the context.
const piece = 2048

// inParallel gives the numbers from 0 to n in pieces to work, on all processors,
// and waits for the end. When the context ends, pieces that were not begun are
// left out.
func inParallel(ctx context.Context, n int, work func(from, to int)) {
	eachInParallel(ctx, (n+piece-1)/piece, func(i int) { work(i*piece, min((i+1)*piece, n)) })
}

// eachInParallel gives the numbers from 0 to n one by one to work, on all
// processors. A panic in work comes out of it, so that whoever guards the caller
// guards the work.
func eachInParallel(ctx context.Context, n int, work func(i int)) {
	var next atomic.Int64
	run := func() {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			work(i)
		}
	}
	var wg sync.WaitGroup
	panics := make(chan any, runtime.GOMAXPROCS(0))
	for range min(runtime.GOMAXPROCS(0), n) - 1 {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panics <- p
				}
			}()
			run()
		})
	}
	func() {
		defer wg.Wait()
		run()
	}()
	select {
	case p := <-panics:
		panic(p)
	default:
	}
}
