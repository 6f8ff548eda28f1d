//go:build unix

package remote_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/remote/serve"
	"github.com/undertone-audit/undertone/student/tiny"
)

// BenchmarkLoopback scores rows of about 30 tokens with an embedded model, in this process and over
// HTTP on this machine. cpu-µs/row is the time of all cores, client and server together.
func BenchmarkLoopback(b *testing.B) {
	m, err := tiny.Base()
	if err != nil {
		b.Fatal(err)
	}
	lists := tiny.Lists{Seed: 3}
	rows := make([]undertone.Example, 2000)
	for i := range rows {
		rows[i] = undertone.NewExample(lists.At(i), "[12, 345, 678, 90, 123, 456]")
	}
	server, err := serve.New(serve.Config{Model: m})
	if err != nil {
		b.Fatal(err)
	}
	h := httptest.NewServer(server)
	defer h.Close()
	scorers := map[string]undertone.LogProber{"process": m}
	for _, size := range []int{32, 128, 256, 512} {
		served, err := remote.Open(b.Context(), remote.Config{URL: h.URL, Encoder: m, Limits: remote.Limits{BatchRows: size}})
		if err != nil {
			b.Fatal(err)
		}
		scorers[fmt.Sprintf("wire/rows=%d", size)] = served.(undertone.LogProber)
	}
	for _, name := range slices.Sorted(maps.Keys(scorers)) {
		b.Run(name, func(b *testing.B) {
			scorer := scorers[name]
			before := cpuTime()
			for b.Loop() {
				if _, err := scorer.LogProb(b.Context(), rows); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpuTime()-before).Microseconds())/float64(b.N*len(rows)), "cpu-µs/row")
		})
	}
}

// cpuTime returns the time that this process has spent on all cores.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
