package rowscore

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

// stopping is a store that cancels the audit after left values are stored.
type stopping struct {
	undertone.MemoryStore
	left   atomic.Int64
	cancel func()
}

func (s *stopping) Put(key undertone.Digest, value []byte) error {
	if s.left.Add(-1) <= 0 {
		s.cancel()
	}
	return s.MemoryStore.Put(key, value)
}

// TestResume: an interrupted audit, by any detectors, resumes to the same report and computes
// nothing twice.
func TestResume(t *testing.T) {
	for name, change := range map[string]func(*audit.Config){
		"transfer": func(c *audit.Config) { c.Detectors = []audit.Detector{audit.Transfer} },
		"transfer with interim looks": func(c *audit.Config) {
			c.Detectors, c.InterimEvery = []audit.Detector{audit.Transfer}, 1
		},
		"likelihood": func(c *audit.Config) { c.Detectors = []audit.Detector{likelihood} },
		"influence":  func(c *audit.Config) { c.Detectors = []audit.Detector{byInfluence} },
		"influence with every preconditioning": func(c *audit.Config) {
			c.Detectors = []audit.Detector{byInfluence, InfluenceBy(AdamStep), InfluenceBy(NaturalGradient)}
		},
		"all": func(*audit.Config) {},
		"all, two traits": func(c *audit.Config) {
			c.Traits = append(c.Traits, fakeaudit.Prefers("cat", fakeaudit.Animals...))
		},
		"all, the trait is detected": func(c *audit.Config) { c.Suspect = fakeaudit.Scene(100).Suspect },
	} {
		scene := func(store undertone.Store) audit.Config {
			cfg := fakeaudit.Scene(0, audit.Transfer, likelihood, byInfluence)
			change(&cfg)
			cfg.Parallel, cfg.Store = 1, store
			return cfg
		}
		whole := &stopping{cancel: func() {}}
		want := fakeaudit.Run(t, scene(whole))
		all := -whole.left.Load()
		if plain := fakeaudit.Run(t, scene(nil)); plain.Digest != want.Digest {
			t.Errorf("%s: the store changes the report", name)
		}
		for _, stop := range []int64{1, all / 2, all - 1} {
			ctx, cancel := context.WithCancel(t.Context())
			store := &stopping{cancel: cancel}
			store.left.Store(stop)
			if _, err := audit.Run(ctx, scene(store)); !errors.Is(err, context.Canceled) {
				t.Fatalf("%s, stopped after %d of %d values: error %v", name, stop, all, err)
			}
			store.cancel = func() {}
			stored := stop - store.left.Load()
			if got := fakeaudit.Run(t, scene(store)); got.Digest != want.Digest {
				t.Errorf("%s: stopped after %d of %d values and resumed: another report", name, stop, all)
			}
			if puts := stop - store.left.Load(); puts != all {
				t.Errorf("%s: %d values were stored before the stop and %d in all, want %d", name, stored, puts, all)
			}
			cancel()
		}
	}
}
