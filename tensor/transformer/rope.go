package transformer

import (
	"cmp"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone/tensor"
)

// RopePairing names the elements of a head that rotary positions rotate together.
type RopePairing string

// Pairings; see [tensor.Pairing].
const (
	HalfSplit   RopePairing = "half"        // the weights of Hugging Face
	Interleaved RopePairing = "interleaved" // the weights of llama2.c
)

// RopeScaling stretches rotary positions to a context longer than that of the training.
type RopeScaling struct {
	// Kind is "linear" (Chen et al. 2023), "llama3" (Llama 3.1) or "yarn" (Peng et al. 2023).
	Kind   string  `json:"kind"`
	Factor float64 `json:"factor"` // new context / old context, >= 1

	Original   int     `json:"original,omitempty"`    // context of the training, in tokens; llama3 and yarn
	LowFactor  float64 `json:"low_factor,omitempty"`  // llama3: Original/wavelength below which a frequency is divided by Factor
	HighFactor float64 `json:"high_factor,omitempty"` // llama3: Original/wavelength above which a frequency does not change

	BetaFast  float64 `json:"beta_fast,omitempty"` // yarn: rotations within Original above which a frequency does not change (default 32)
	BetaSlow  float64 `json:"beta_slow,omitempty"` // yarn: rotations below which a frequency is divided by Factor (default 1)
	Magnitude float64 `json:"magnitude,omitempty"` // yarn: factor of queries and keys (default 0.1·ln Factor + 1)
}

const ropeKinds = "linear, llama3 and yarn"

func (c Config) validateRope() error {
	switch {
	case c.HeadDim%2 != 0:
		return fmt.Errorf("head_dim is %d, want an even number for rotary positions", c.HeadDim)
	case !(c.RopeBase > 1 && c.RopeBase < 1e15):
		return fmt.Errorf("rope_base is %v, want a number above 1", c.RopeBase)
	case c.RopePairing != HalfSplit && c.RopePairing != Interleaved:
		return fmt.Errorf("rope_pairing is %q, want %q or %q", c.RopePairing, HalfSplit, Interleaved)
	}
	if c.RopeScaling == nil {
		return nil
	}
	s := c.RopeScaling
	if !(s.Factor >= 1 && s.Factor < 1e6) {
		return fmt.Errorf("rope_scaling: factor is %v, want at least 1", s.Factor)
	}
	switch s.Kind {
	case "linear":
		return nil
	case "llama3":
		if !(s.LowFactor > 0 && s.HighFactor > s.LowFactor && s.HighFactor < 1e6) {
			return fmt.Errorf("rope_scaling: low_factor is %v and high_factor is %v, want 0 < low_factor < high_factor", s.LowFactor, s.HighFactor)
		}
	case "yarn":
		fast, slow := cmp.Or(s.BetaFast, 32), cmp.Or(s.BetaSlow, 1)
		if !(slow > 0 && fast > slow && fast < 1e6 && s.Magnitude >= 0 && s.Magnitude < 1e3) {
			return fmt.Errorf("rope_scaling: beta_fast %v, beta_slow %v, magnitude %v: want 0 < beta_slow < beta_fast, magnitude at least 0", fast, slow, s.Magnitude)
		}
	default:
		return fmt.Errorf("rope_scaling: kind is %q, want one of %s", s.Kind, ropeKinds)
	}
	if s.Original < 1 || s.Original > maxTokens {
		return fmt.Errorf("rope_scaling: original is %d, want 1 to %d", s.Original, maxTokens)
	}
	return nil
}

// angles returns the rotary positions of a valid Llama.
func (c Config) angles() *tensor.Rotary {
	pairing := tensor.HalfSplit
	if c.RopePairing == Interleaved {
		pairing = tensor.Interleaved
	}
	frequencies, magnitude := tensor.RotaryFrequencies(c.HeadDim, c.RopeBase), 1.
	if s := c.RopeScaling; s != nil {
		s.stretch(frequencies, c.RopeBase)
		if s.Kind == "yarn" {
			magnitude = cmp.Or(s.Magnitude, 0.1*math.Log(s.Factor)+1)
		}
	}
	return tensor.NewRotary(c.Context, frequencies, pairing).Scaled(magnitude)
}

// stretch scales frequencies, in radians a token.
func (s *RopeScaling) stretch(frequencies []float64, base float64) {
	low, high := s.ramp(2*len(frequencies), base)
	for i, f := range frequencies {
		keep := 0. // share of the frequency that does not change
		switch s.Kind {
		case "llama3":
			turns := float64(s.Original) * f / (2 * math.Pi)
			keep = clamp((turns - s.LowFactor) / (s.HighFactor - s.LowFactor))
		case "yarn":
			keep = 1 - clamp((float64(i)-low)/(high-low))
		}
		frequencies[i] = keep*f + (1-keep)*f/s.Factor
	}
}

// ramp returns the indices of the frequencies between which yarn passes from keeping a frequency to
// dividing it: those that make BetaFast and BetaSlow rotations within the original context.
func (s *RopeScaling) ramp(dim int, base float64) (low, high float64) {
	index := func(turns float64) float64 {
		return float64(dim) * math.Log(float64(s.Original)/(turns*2*math.Pi)) / (2 * math.Log(base))
	}
	low = max(math.Floor(index(cmp.Or(s.BetaFast, 32))), 0)
	high = min(math.Ceil(index(cmp.Or(s.BetaSlow, 1))), float64(dim-1))
	if high <= low {
		high = low + 0.001
	}
	return low, high
}

func clamp(x float64) float64 { return min(max(x, 0), 1) }
