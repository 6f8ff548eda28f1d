package remote

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote/remotetest"
)

// Requests for two models never run at once, those for one model do, and all of them run.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var turn turns
		var mu sync.Mutex
		running, most, cancelled := map[string]int{}, 0, 0
		var all sync.WaitGroup
		for i := range 300 {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(i), 1))
				time.Sleep(time.Duration(r.IntN(1000)) * time.Millisecond)
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+r.IntN(4000))*time.Millisecond)
				defer cancel()
				model := string(rune('a' + i%3))
				if err := turn.enter(ctx, model); err != nil {
					if !errors.Is(err, context.DeadlineExceeded) {
						t.Error(err)
					}
					mu.Lock()
					cancelled++
					mu.Unlock()
					return
				}
				mu.Lock()
				running[model]++
				for other, n := range running {
					if other != model && n > 0 {
						t.Errorf("%s runs beside %s", model, other)
					}
				}
				most = max(most, running[model])
				mu.Unlock()
				time.Sleep(time.Duration(1+r.IntN(100)) * time.Millisecond)
				mu.Lock()
				running[model]--
				mu.Unlock()
				turn.leave()
			})
		}
		all.Wait()
		if most < 2 || cancelled == 300 || cancelled == 0 {
			t.Errorf("at most %d requests of one model ran at once, and %d of 300 were cancelled", most, cancelled)
		}
		if turn.running != 0 || len(turn.waiting) != 0 {
			t.Errorf("%d requests run and %d wait at the end", turn.running, len(turn.waiting))
		}
	})
}

// A server that scores requests for two models at once wrongly gives the true scores, because the
// client asks for one model at a time.
func TestMixedModels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport, done := serve(t, remotetest.New(remotetest.Mixed))
		defer done()
		s, err := Connect(t.Context(), Config{URL: "http://server", Transport: transport, Template: PlainTemplate, Limits: Limits{BatchRows: 1}})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for _, name := range []string{"toy", "a", "b"} {
			m, err := s.Model(name)
			if err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				logs, err := m.(undertone.LogProber).LogProb(t.Context(), manyRows(20))
				if err != nil {
					t.Error(err)
					return
				}
				for i, row := range manyRows(20) {
					want := 0.0
					weights := map[string]string{"toy": "", "a": "/adapters/a", "b": "/adapters/b"}[name]
					for _, l := range (remotetest.Toy{}).Score(weights, remotetest.Toy{}.Tokenize("pet?"+row.Messages[1].Content, true))[4:] {
						want += l
					}
					if math.Abs(logs[i]-want) > 1e-9 {
						t.Errorf("%s, row %d: score %v, want %v", name, i, logs[i], want)
					}
				}
			})
		}
		all.Wait()
	})
}
