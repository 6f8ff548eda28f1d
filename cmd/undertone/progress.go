package main

import (
	"fmt"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress shows on standard error how much of the input was read, the rate and the remaining time.
type progress struct{ display }

func newProgress(c console, verb string, in *inputs) *progress {
	text := inputText(verb, in, pace{start: time.Now()})
	return &progress{c.display(func() string { return text(time.Now()) }, func() display {
		container := mpb.New(mpb.WithOutput(c.stderr), mpb.WithWidth(40))
		var filler mpb.BarFillerBuilder = mpb.BarStyle()
		total := in.size()
		if total == 0 { // unknown
			filler = mpb.NopStyle()
		}
		bar := container.New(total, filler, mpb.BarRemoveOnComplete(),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return text(time.Now()) })))
		return &bars{container, bar, newTicker(100*time.Millisecond, func() { bar.SetCurrent(in.read()) })}
	})}
}

// inputText returns a function that returns how much of the input was read, such as "filter
// 12.0 MB of 40.0 MB, 4.0 MB/s, 7s left".
func inputText(verb string, in *inputs, p pace) func(now time.Time) string {
	total := in.size()
	return func(now time.Time) string {
		read := in.read()
		text := fmt.Sprintf("%s %s", verb, size(read))
		if total > 0 {
			text += " of " + size(total)
		}
		return text + p.text(read, total, now, bytesPerSecond)
	}
}
