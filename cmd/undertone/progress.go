package main

import (
	"io"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress shows on a terminal how much of the input was read.
type progress struct {
	container *mpb.Progress
	quit      chan struct{}
	done      chan struct{}
}

func newProgress(w io.Writer, verb string, in *inputs) *progress {
	p := &progress{mpb.New(mpb.WithOutput(w), mpb.WithWidth(40)), make(chan struct{}), make(chan struct{})}
	var filler mpb.BarFillerBuilder = mpb.BarStyle()
	total, read := in.size(), decor.CountersKibiByte("% .1f / % .1f")
	if total == 0 { // unknown
		filler, read = mpb.NopStyle(), decor.CurrentKibiByte("% .1f")
	}
	bar := p.container.New(total, filler, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(verb+" ")),
		mpb.AppendDecorators(read, decor.Name("  "), decor.AverageSpeed(decor.SizeB1024(0), "% .0f")))
	go func() {
		defer close(p.done)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-p.quit:
				bar.Abort(true)
				return
			case <-tick.C:
				bar.SetCurrent(in.read())
			}
		}
	}()
	return p
}

// stop removes the bar from the screen.
func (p *progress) stop() {
	close(p.quit)
	<-p.done
	p.container.Wait()
}
