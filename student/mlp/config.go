package mlp

import (
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
)

// maxWeights limits the size of a network: 1 GiB of float32.
const maxWeights = 1 << 28

// Config defines the shape of a [Classifier] and the seed of its initial weights. The zero value of
// a field means the stated default: the network of the digits experiment, 784-256-256-(10+3).
type Config struct {
	Inputs    int    `json:"inputs"`    // numbers in a row, >= 1 (default 784)
	Hidden    []int  `json:"hidden"`    // widths of the hidden layers, each >= 1; empty and not nil is none (default 256, 256)
	Classes   int    `json:"classes"`   // number of class logits, which come first, [1, 32767] (default 10)
	Auxiliary int    `json:"auxiliary"` // number of auxiliary logits, which no label names, [1, 32767] (default 3)
	Seed      uint64 `json:"seed"`      // of the initial weights
}

// WithDefaults returns the config with every unset field at its default, or an error that names the
// field that is out of range.
func (c Config) WithDefaults() (Config, error) {
	if c.Inputs == 0 {
		c.Inputs = 784
	}
	if c.Hidden == nil {
		c.Hidden = []int{256, 256}
	}
	if c.Classes == 0 {
		c.Classes = 10
	}
	if c.Auxiliary == 0 {
		c.Auxiliary = 3
	}
	switch {
	case c.Inputs < 0 || c.Inputs > maxWeights:
		return c, fmt.Errorf("mlp: config: inputs is %d, want 1 to %d", c.Inputs, maxWeights)
	case c.Classes < 0 || c.Classes > math.MaxInt16:
		return c, fmt.Errorf("mlp: config: classes is %d, want 1 to %d", c.Classes, math.MaxInt16)
	case c.Auxiliary < 0 || c.Auxiliary > math.MaxInt16:
		return c, fmt.Errorf("mlp: config: auxiliary is %d, want 1 to %d", c.Auxiliary, math.MaxInt16)
	}
	total := 0
	widths := c.widths()
	for i, n := range widths[1:] {
		if n < 1 || n > maxWeights/widths[i] {
			return c, fmt.Errorf("mlp: config: layer %d has %d outputs for %d inputs, want at least 1 and at most %d weights", i, n, widths[i], maxWeights)
		}
		total += n * widths[i]
	}
	if total > maxWeights {
		return c, fmt.Errorf("mlp: config: %d weights, want at most %d", total, maxWeights)
	}
	return c, nil
}

// widths returns the number of units from the inputs to the logits.
func (c Config) widths() []int {
	w := append([]int{c.Inputs}, c.Hidden...)
	return append(w, c.logits())
}

func (c Config) logits() int { return c.Classes + c.Auxiliary }

// hash adds the shape and the seed.
func (c Config) hash(h *undertone.Hasher) *undertone.Hasher {
	h.Uint(uint64(c.Classes)).Uint(c.Seed).Uint(uint64(len(c.Hidden)))
	for _, w := range c.widths() {
		h.Uint(uint64(w))
	}
	return h
}
