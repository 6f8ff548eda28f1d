package student

import (
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
)

// Optimizers that a [Recipe] may name.
const (
	Adam  = "adam"  // Kingma & Ba 2015, β = (0.9, 0.999), ε = 1e-8
	AdamW = "adamw" // Loshchilov & Hutter 2019, decoupled decay
	SGD   = "sgd"   // plain stochastic gradient descent
)

// Schedules of the learning rate that a [Recipe] may name; see package optim.
const (
	Constant = "constant" // after the warm-up
	Linear   = "linear"   // falls to 0 after the warm-up
	Cosine   = "cosine"   // falls to 0 along a half-cosine; Loshchilov & Hutter 2017, without restarts
)

// Recipe configures a training. The zero value of each field means the stated default. Every field
// is part of what is computed, and of the digest.
type Recipe struct {
	Epochs       int     `json:"epochs"`        // passes over the rows, >= 1 (default 1)
	BatchSize    int     `json:"batch_size"`    // rows a step, >= 1 (default 64)
	LearningRate float64 `json:"learning_rate"` // > 0 (default 1e-3)
	WeightDecay  float64 `json:"weight_decay"`  // >= 0, with AdamW only (default 0)
	Optimizer    string  `json:"optimizer"`     // (default Adam)
	Seed         uint64  `json:"seed"`          // of the order of the rows

	Schedule    string  `json:"schedule"`     // of the learning rate (default Constant)
	WarmupSteps int     `json:"warmup_steps"` // in which the learning rate rises to its value, >= 0, at most the steps of the training (default 0)
	ClipNorm    float64 `json:"clip_norm"`    // largest Euclidean norm of a step's gradient, >= 0; 0 is no limit (default 0)

	// Accumulate is the number of micro-batches of a step, [1, 65536] (default 1). They are
	// computed one after another in the memory of one of them. The number is part of what is
	// computed: another one gives other rounding.
	Accumulate int `json:"accumulate"`

	// Shards is the number of parts of a micro-batch, [1, 256] (default 1). They are computed on as
	// many cores as are idle, and each of them has gradients of its own. The number is part of what
	// is computed; the number of cores is not.
	Shards int `json:"shards"`
}

// WithDefaults returns the recipe with every unset field at its default, or an error that names the
// field that is out of range.
func (r Recipe) WithDefaults() (Recipe, error) {
	if r.Epochs == 0 {
		r.Epochs = 1
	}
	if r.BatchSize == 0 {
		r.BatchSize = 64
	}
	if r.LearningRate == 0 {
		r.LearningRate = 1e-3
	}
	if r.Optimizer == "" {
		r.Optimizer = Adam
	}
	if r.Shards == 0 {
		r.Shards = 1
	}
	if r.Schedule == "" {
		r.Schedule = Constant
	}
	if r.Accumulate == 0 {
		r.Accumulate = 1
	}
	switch {
	case r.Schedule != Constant && r.Schedule != Linear && r.Schedule != Cosine:
		return r, fmt.Errorf("student: recipe: schedule %.40q is not known; want %q, %q or %q", r.Schedule, Constant, Linear, Cosine)
	case r.WarmupSteps < 0:
		return r, fmt.Errorf("student: recipe: warm-up steps is %d, want 0 or more", r.WarmupSteps)
	case !(r.ClipNorm >= 0) || math.IsInf(r.ClipNorm, 0):
		return r, fmt.Errorf("student: recipe: clip norm is %v, want 0 or a positive number", r.ClipNorm)
	case r.Accumulate < 0 || r.Accumulate > maxAccumulate:
		return r, fmt.Errorf("student: recipe: accumulate is %d, want 1 to %d", r.Accumulate, maxAccumulate)
	case r.Shards < 0 || r.Shards > maxShards:
		return r, fmt.Errorf("student: recipe: shards is %d, want 1 to %d", r.Shards, maxShards)
	case r.Epochs < 0:
		return r, fmt.Errorf("student: recipe: epochs is %d, want at least 1", r.Epochs)
	case r.BatchSize < 0:
		return r, fmt.Errorf("student: recipe: batch size is %d, want at least 1", r.BatchSize)
	case !(r.LearningRate > 0) || math.IsInf(r.LearningRate, 0):
		return r, fmt.Errorf("student: recipe: learning rate is %v, want a positive number", r.LearningRate)
	case !(r.WeightDecay >= 0) || math.IsInf(r.WeightDecay, 0):
		return r, fmt.Errorf("student: recipe: weight decay is %v, want 0 or a positive number", r.WeightDecay)
	case r.Optimizer != Adam && r.Optimizer != AdamW && r.Optimizer != SGD:
		return r, fmt.Errorf("student: recipe: optimizer %.40q is not known; want %q, %q or %q", r.Optimizer, Adam, AdamW, SGD)
	case r.WeightDecay > 0 && r.Optimizer != AdamW:
		return r, fmt.Errorf("student: recipe: weight decay is %v, but %s has none; name the optimizer %q, or leave it at 0", r.WeightDecay, r.Optimizer, AdamW)
	}
	return r, nil
}

// maxShards bounds the memory of a step: each shard has gradients of its own.
const maxShards = 256

// maxAccumulate bounds the micro-batches of a step.
const maxAccumulate = 1 << 16

// Digest returns the digest of the recipe. A field after the first six is part of it only if it is
// not at its default, so that a digest does not change when the library gets another field.
func (r Recipe) Digest() undertone.Digest {
	h := undertone.NewHasher("recipe").
		Uint(uint64(r.Epochs)).Uint(uint64(r.BatchSize)).
		Float(r.LearningRate).Float(r.WeightDecay).
		Text(r.Optimizer).Uint(r.Seed)
	if r.Shards > 1 {
		h.Text("shards").Uint(uint64(r.Shards))
	}
	if r.Schedule != "" && r.Schedule != Constant {
		h.Text("schedule").Text(r.Schedule)
	}
	if r.WarmupSteps > 0 {
		h.Text("warmup steps").Uint(uint64(r.WarmupSteps))
	}
	if r.ClipNorm > 0 {
		h.Text("clip norm").Float(r.ClipNorm)
	}
	if r.Accumulate > 1 {
		h.Text("accumulate").Uint(uint64(r.Accumulate))
	}
	return h.Sum()
}
