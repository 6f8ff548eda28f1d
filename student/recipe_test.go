package student

import (
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

func TestRecipeDefaults(t *testing.T) {
	got, err := Recipe{}.WithDefaults()
	if want := (Recipe{Epochs: 1, BatchSize: 64, LearningRate: 1e-3, Optimizer: Adam, Schedule: Constant, Accumulate: 1, Shards: 1}); err != nil || got != want {
		t.Errorf("%+v (%v), want %+v", got, err, want)
	}
	full := Recipe{Epochs: 3, BatchSize: 5, LearningRate: 2, WeightDecay: 0.1, Optimizer: AdamW, Seed: 9, Schedule: Linear, WarmupSteps: 3, ClipNorm: 1, Accumulate: 4, Shards: 2}
	if got, err := full.WithDefaults(); err != nil || got != full {
		t.Errorf("%+v (%v), want what was set", got, err)
	}
	if again, err := got.WithDefaults(); err != nil || again != got {
		t.Errorf("defaults of defaults: %+v (%v)", again, err)
	}
}

func TestRecipeErrors(t *testing.T) {
	for _, c := range []struct {
		reason string
		recipe Recipe
		want   string
	}{
		{"negative epochs", Recipe{Epochs: -1}, "epochs is -1, want at least 1"},
		{"a negative batch", Recipe{BatchSize: -64}, "batch size is -64"},
		{"a negative rate", Recipe{LearningRate: -1e-3}, "learning rate is -0.001"},
		{"a rate that is not a number", Recipe{LearningRate: math.NaN()}, "learning rate is NaN"},
		{"an infinite rate", Recipe{LearningRate: math.Inf(1)}, "learning rate is +Inf"},
		{"negative decay", Recipe{WeightDecay: -1}, "weight decay is -1"},
		{"a decay that is not a number", Recipe{WeightDecay: math.NaN()}, "weight decay is NaN"},
		{"infinite decay", Recipe{WeightDecay: math.Inf(1)}, "weight decay is +Inf"},
		{"decay without an optimizer that has it", Recipe{WeightDecay: 0.1}, `weight decay is 0.1, but adam has none; name the optimizer "adamw"`},
		{"the same of plain descent", Recipe{WeightDecay: 0.1, Optimizer: SGD}, "but sgd has none"},
		{"another schedule", Recipe{Schedule: "step"}, `schedule "step" is not known; want "constant", "linear" or "cosine"`},
		{"a negative warm-up", Recipe{WarmupSteps: -1}, "warm-up steps is -1"},
		{"a negative norm", Recipe{ClipNorm: -1}, "clip norm is -1"},
		{"a norm that is not a number", Recipe{ClipNorm: math.NaN()}, "clip norm is NaN"},
		{"negative parts", Recipe{Accumulate: -1}, "accumulate is -1, want 1 to 65536"},
		{"negative shards", Recipe{Shards: -1}, "shards is -1, want 1 to 256"},
		{"more shards than memory", Recipe{Shards: 1 << 20}, "shards is 1048576"},
		{"another optimizer", Recipe{Optimizer: "lion"}, `optimizer "lion" is not known; want "adam", "adamw" or "sgd"`},
		{"an optimizer in capitals", Recipe{Optimizer: "Adam"}, `optimizer "Adam" is not known`},
	} {
		if _, err := c.recipe.WithDefaults(); err == nil || !strings.HasPrefix(err.Error(), "student: recipe: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

// The digest is part of the key of a checkpoint: every field counts.
func TestRecipeDigest(t *testing.T) {
	base := Recipe{Epochs: 1, BatchSize: 2, LearningRate: 3, WeightDecay: 4, Optimizer: Adam, Seed: 5}
	seen := map[undertone.Digest]string{base.Digest(): "base"}
	for name, change := range map[string]func(*Recipe){
		"epochs":                    func(r *Recipe) { r.Epochs++ },
		"batch size":                func(r *Recipe) { r.BatchSize++ },
		"epochs and batch exchange": func(r *Recipe) { r.Epochs, r.BatchSize = 2, 1 },
		"learning rate":             func(r *Recipe) { r.LearningRate = math.Nextafter(3, 4) },
		"weight decay":              func(r *Recipe) { r.WeightDecay = 0 },
		"optimizer":                 func(r *Recipe) { r.Optimizer = SGD },
		"shards":                    func(r *Recipe) { r.Shards = 2 },
		"seed":                      func(r *Recipe) { r.Seed++ },
	} {
		r := base
		change(&r)
		if other, ok := seen[r.Digest()]; ok {
			t.Errorf("another %s has the digest of %s", name, other)
		}
		seen[r.Digest()] = name
	}
}
