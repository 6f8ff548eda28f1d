package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/undertone-audit/undertone/audit"
)

// meter shows, on a terminal, what is being done, for how long, and how much of it is done.
type meter struct {
	container *mpb.Progress
	bar       *mpb.Bar

	mu          sync.Mutex
	label       string
	done, total int
}

func newMeter(w io.Writer, label string) *meter {
	m := &meter{container: mpb.New(mpb.WithOutput(w), mpb.WithWidth(30), mpb.WithRefreshRate(200*time.Millisecond)), label: label}
	m.bar = m.container.New(0, mpb.SpinnerStyle(), mpb.BarRemoveOnComplete(),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return m.String() }), decor.Name("  "), decor.Elapsed(decor.ET_STYLE_GO)))
	return m
}

// show says what is being done now, and how much of it is done; a total of 0 is not known.
func (m *meter) show(label string, done, total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.label, m.done, m.total = label, done, total
}

// of returns what shows the progress of an audit that a verb carries out.
func (m *meter) of(verb string) func(audit.Progress) {
	return func(p audit.Progress) { m.show(verb+": "+p.Stage, p.Done, p.Total) }
}

func (m *meter) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.total == 0 {
		return m.label
	}
	return fmt.Sprintf("%s %d/%d", m.label, m.done, m.total)
}

// stop takes the meter off the screen.
func (m *meter) stop() {
	m.bar.Abort(true)
	m.container.Wait()
}
