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

// meter shows the current work, its duration and its progress on a terminal.
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

// show sets the current work and its progress. A total of 0 means that it is unknown.
func (m *meter) show(label string, done, total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.label, m.done, m.total = label, done, total
}

// of returns a function that shows the progress of an audit.
func (m *meter) of(verb string) func(audit.Progress) {
	return func(p audit.Progress) { m.show(verb+": "+p.Stage, p.Done, p.Total) }
}

func (m *meter) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	label := escape.Text(m.label)
	if m.total == 0 {
		return label
	}
	return fmt.Sprintf("%s %d/%d", label, m.done, m.total)
}

// stop removes the meter from the screen.
func (m *meter) stop() {
	m.bar.Abort(true)
	m.container.Wait()
}
