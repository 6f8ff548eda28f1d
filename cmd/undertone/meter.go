package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/internal/escape"
)

// meter shows the current work, its progress, rate and remaining time on standard error.
type meter struct {
	display display

	mu          sync.Mutex
	label       string
	done, total int
	pace        pace
}

func newMeter(c console, label string) *meter {
	m := &meter{label: label, pace: pace{start: time.Now()}}
	m.display = c.display(func() string { return m.text(time.Now()) }, func() display {
		container := mpb.New(mpb.WithOutput(c.stderr), mpb.WithWidth(30), mpb.WithRefreshRate(200*time.Millisecond))
		bar := container.New(0, mpb.SpinnerStyle(), mpb.BarRemoveOnComplete(),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return m.text(time.Now()) }), decor.Name("  "), decor.Elapsed(decor.ET_STYLE_GO)))
		return &bars{container, bar, nil}
	})
	return m
}

// show sets the current work and its progress. A total of 0 means that it is unknown.
func (m *meter) show(label string, done, total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if total != m.total || done < m.done { // other work
		m.pace = pace{time.Now(), int64(done)}
	}
	m.label, m.done, m.total = label, done, total
}

// of returns a function that shows the progress of an audit.
func (m *meter) of(verb string) func(audit.Progress) {
	return func(p audit.Progress) { m.show(verb+": "+p.Stage, p.Done, p.Total) }
}

// text returns the current work and its progress.
func (m *meter) text(now time.Time) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	label := escape.Text(m.label)
	if m.total == 0 {
		return label
	}
	return fmt.Sprintf("%s %d/%d%s", label, m.done, m.total, m.pace.text(int64(m.done), int64(m.total), now, perSecond))
}

// stop ends the display.
func (m *meter) stop() { m.display.stop() }

// display shows the progress of a verb until it is stopped.
type display interface{ stop() }

// display returns what shows progress: live on a terminal, a line every [logInterval] in a log with
// --verbose, otherwise nothing.
func (c console) display(text func() string, live func() display) display {
	switch {
	case c.flags.Quiet:
	case isTerminal(c.stderr):
		return live()
	case c.flags.Verbose:
		return newLogLines(c.stderr, text)
	}
	return noDisplay{}
}

// noDisplay shows nothing.
type noDisplay struct{}

func (noDisplay) stop() {}

// bars are a progress bar of a terminal, which is removed at the end.
type bars struct {
	container *mpb.Progress
	bar       *mpb.Bar
	feed      *ticker // may be nil
}

func (b *bars) stop() {
	if b.feed != nil {
		b.feed.stop()
	}
	b.bar.Abort(true)
	b.container.Wait()
}

// logInterval is the time between two lines about the progress in a log.
var logInterval = 30 * time.Second

// newLogLines writes a line every [logInterval].
func newLogLines(w io.Writer, text func() string) display {
	return newTicker(logInterval, func() { fmt.Fprintln(w, "undertone:", text()) })
}

// ticker calls a function at an interval until it is stopped.
type ticker struct{ quit, done chan struct{} }

func newTicker(interval time.Duration, call func()) *ticker {
	t := &ticker{make(chan struct{}), make(chan struct{})}
	go func() {
		defer close(t.done)
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-t.quit:
				return
			case <-tick.C:
				call()
			}
		}
	}()
	return t
}

// stop returns when no call is running and none will.
func (t *ticker) stop() {
	close(t.quit)
	<-t.done
}
