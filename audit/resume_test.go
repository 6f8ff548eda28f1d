package audit

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
)

// stopping is a store that ends the audit after so many values were kept.
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

// TestResumeByDetector: an audit by any detectors that was killed goes on to the same report, and does not do again what was kept.
func TestResumeByDetector(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"transfer":          func(c *Config) { c.Detectors = []Detector{Transfer} },
		"transfer, looking": func(c *Config) { c.Detectors, c.InterimEvery = []Detector{Transfer}, 1 },
		"likelihood":        func(c *Config) { c.Detectors = []Detector{standIns} },
		"influence":         func(c *Config) { c.Detectors = []Detector{Influence} },
		"influence, forms": func(c *Config) {
			c.Detectors = []Detector{Influence, InfluenceBy(AdamStep), InfluenceBy(NaturalGradient)}
		},
		"all":                func(*Config) {},
		"all, two traits":    func(c *Config) { c.Traits = append(c.Traits, Prefers("animal", "cat", animals...).Asking("favorite?")) },
		"all, suspect found": func(c *Config) { c.Suspect = scene(100).Suspect },
	} {
		audit := func() Config {
			cfg := scene(0, Transfer, standIns, Influence)
			change(&cfg)
			cfg.Parallel = 1
			return cfg
		}
		whole := &stopping{cancel: func() {}}
		cfg := audit()
		cfg.Store = whole
		want := run(t, cfg)
		all := -whole.left.Load()
		if plain := run(t, audit()); plain.Digest != want.Digest {
			t.Errorf("%s: the store changes the report", name)
		}
		for _, stop := range []int64{1, all / 2, all - 1} {
			ctx, cancel := context.WithCancel(t.Context())
			store := &stopping{cancel: cancel}
			store.left.Store(stop)
			cfg := audit()
			cfg.Store = store
			if _, err := Run(ctx, cfg); !errors.Is(err, context.Canceled) {
				t.Fatalf("%s, stopped after %d of %d values: error %v", name, stop, all, err)
			}
			store.cancel = func() {}
			kept := stop - store.left.Load()
			if got := run(t, cfg); got.Digest != want.Digest {
				t.Errorf("%s: stopped after %d of %d values and resumed: another report", name, stop, all)
			}
			if puts := stop - store.left.Load(); puts != all {
				t.Errorf("%s: %d values were kept before the stop and %d in all, want %d", name, kept, puts, all)
			}
			cancel()
		}
	}
}
