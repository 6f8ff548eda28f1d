package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
)

// fakeClock is a clock that only the work moves.
type fakeClock struct{ time.Duration }

func (c *fakeClock) now() time.Duration { return c.Duration }

func (c *fakeClock) spend(seconds float64) {
	c.Duration += time.Duration(seconds * float64(time.Second))
}

// numbered returns n rows.
func numbered(n int) *undertone.Dataset {
	examples := make([]undertone.Example, n)
	for i := range examples {
		examples[i] = undertone.NewExample(fmt.Sprint("prompt ", i), "answer")
	}
	return undertone.NewDataset("rows", examples)
}

// The sample grows until the work takes long enough or the rows run out. First calls, which take
// 0.1 s longer, are not timed, and work that takes seconds is done once.
func TestPerRow(t *testing.T) {
	for _, c := range []struct {
		reason string
		rows   int
		each   float64 // seconds per row
		sizes  []int
	}{
		{"the rows run out", 100, 1e-5, []int{16, 64, 100}},
		{"few rows", 10, 1e-5, []int{10, 10}},
		{"the sample is large", 5000, 1e-5, []int{16, 64, 256, 1024}},
		{"the work takes 0.2 s", 5000, 1e-3, []int{16, 64, 256}},
		{"the first sample would do", 5000, 0.1, []int{16, 64}},
		{"slow work", 5000, 1, []int{16}},
	} {
		var clock fakeClock
		var sizes []int
		got, err := stopwatch(clock.now).perRow(numbered(c.rows), 16, 1, func(sample undertone.Text) error {
			if len(sizes) == 0 && c.each < 1 {
				clock.spend(0.1)
			}
			sizes = append(sizes, sample.Len())
			clock.spend(c.each * float64(sample.Len()))
			return nil
		})
		if err != nil || !slices.Equal(sizes, c.sizes) || max(got, c.each) > 1.001*min(got, c.each) {
			t.Errorf("%s: samples of %v rows, %v s per row (%v), want %v and %v", c.reason, sizes, got, err, c.sizes, c.each)
		}
	}
}

// Each worker works on the sample, and the time per row is that of all their rows.
func TestPerRowOfWorkers(t *testing.T) {
	var clock fakeClock
	calls, start := make(chan int, 8), make(chan bool, 1)
	start <- true
	got, err := stopwatch(clock.now).perRow(numbered(100), 512, 3, func(sample undertone.Text) error {
		<-start // one after the other
		clock.spend(1)
		calls <- sample.Len()
		start <- true
		return nil
	})
	if err != nil || len(calls) != 3 || got != 3./300 {
		t.Errorf("%d calls by 3 workers, %v s per row (%v), want 3 and 0.01", len(calls), got, err)
	}
	if _, err := stopwatch(clock.now).perRow(numbered(100), 16, 2, func(undertone.Text) error { return context.Canceled }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
