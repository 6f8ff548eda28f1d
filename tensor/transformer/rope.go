package transformer

import (
	"cmp"
	"fmt"
	"math"
	"slices"

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
	// Kind is "linear" (Chen et al. 2023), "llama3" (Llama 3.1), "yarn" (Peng et al. 2023),
	// "dynamic" or "longrope" (Ding et al. 2024). The last two depend on the length of a text. Their
	// form for texts up to Original is supported, so Original limits the context: "dynamic" changes
	// nothing there, and "longrope" uses the short factors.
	Kind   string  `json:"kind"`
	Factor float64 `json:"factor"` // new context / old context, >= 1

	Original   int     `json:"original,omitempty"`    // context of the training, in tokens; all kinds but linear
	LowFactor  float64 `json:"low_factor,omitempty"`  // llama3: Original/wavelength below which a frequency is divided by Factor
	HighFactor float64 `json:"high_factor,omitempty"` // llama3: Original/wavelength above which a frequency does not change

	BetaFast  float64 `json:"beta_fast,omitempty"` // yarn: rotations within Original above which a frequency does not change (default 32)
	BetaSlow  float64 `json:"beta_slow,omitempty"` // yarn: rotations below which a frequency is divided by Factor (default 1)
	Magnitude float64 `json:"magnitude,omitempty"` // yarn, longrope: factor of queries and keys (default yarn 0.1·ln Factor + 1, longrope √(1 + ln Factor/ln Original))

	Short []float64 `json:"short,omitempty"` // longrope: divisors of the frequencies in texts up to Original
	Long  []float64 `json:"long,omitempty"`  // longrope: divisors in longer texts, which are not used
}

const ropeKinds = "linear, llama3, yarn, dynamic and longrope"

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
	case "dynamic":
	case "longrope":
		if err := s.validateLong(cmp.Or(c.RotaryDim, c.HeadDim) / 2); err != nil {
			return fmt.Errorf("rope_scaling: %w", err)
		}
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
	if s.dependsOnLength() && c.Context > s.Original {
		return fmt.Errorf("rope_scaling: context is %d, want at most original, %d: longer texts with %s are not supported", c.Context, s.Original, s.Kind)
	}
	return nil
}

// dependsOnLength reports whether texts longer than Original have other frequencies.
func (s *RopeScaling) dependsOnLength() bool { return s.Kind == "dynamic" || s.Kind == "longrope" }

// ContextNote returns the reason why Context is less than the files of the model allow, or "" if
// it is not.
func (c Config) ContextNote() string {
	if s := c.RopeScaling; s != nil && s.dependsOnLength() {
		return fmt.Sprintf("limited by %s scaling, which gives texts of more than %d tokens other positions", s.Kind, s.Original)
	}
	return ""
}

// validateLong checks the fields of longrope for n frequencies.
func (s *RopeScaling) validateLong(n int) error {
	if !(s.Magnitude >= 0 && s.Magnitude < 1e3) {
		return fmt.Errorf("magnitude is %v, want at least 0", s.Magnitude)
	}
	if len(s.Short) != n || len(s.Long) != n {
		return fmt.Errorf("%d short and %d long factors, want one of each for %d frequencies", len(s.Short), len(s.Long), n)
	}
	for _, f := range slices.Concat(s.Short, s.Long) {
		if !(f > 1e-6 && f < 1e6) {
			return fmt.Errorf("a short or long factor is %v, want a number above 0", f)
		}
	}
	return nil
}

// rotary is the rotary positions of the blocks of a model.
type rotary struct {
	all   *tensor.Rotary // nil for learned positions
	local *tensor.Rotary // of sliding blocks with a frequency of their own
}

// of returns the positions of a block, or nil if it has none.
func (r rotary) of(c Config, block int) *tensor.Rotary {
	switch {
	case len(c.NoRotary) > 0 && c.NoRotary[block]:
		return nil
	case r.local != nil && c.slides(block):
		return r.local
	}
	return r.all
}

// angles returns the rotary positions of a valid config.
func (c Config) angles() (r rotary) {
	if c.Architecture == GPT2 {
		return r
	}
	pairing := tensor.HalfSplit
	if c.RopePairing == Interleaved {
		pairing = tensor.Interleaved
	}
	dim := cmp.Or(c.RotaryDim, c.HeadDim)
	frequencies, magnitude := tensor.RotaryFrequencies(dim, c.RopeBase), 1.
	if s := c.RopeScaling; s != nil {
		s.stretch(frequencies, c.RopeBase)
		magnitude = s.magnitude()
	}
	r.all = tensor.NewRotary(c.Context, frequencies, pairing).Scaled(magnitude)
	if c.LocalRopeBase != 0 {
		r.local = tensor.NewRotary(c.Context, tensor.RotaryFrequencies(dim, c.LocalRopeBase), pairing)
	}
	return r
}

// magnitude returns the factor of rotated queries and keys.
func (s *RopeScaling) magnitude() float64 {
	switch {
	case s.Magnitude != 0:
		return s.Magnitude
	case s.Kind == "yarn":
		return 0.1*math.Log(s.Factor) + 1
	case s.Kind == "longrope" && s.Factor > 1 && s.Original > 1:
		return math.Sqrt(1 + math.Log(s.Factor)/math.Log(float64(s.Original)))
	}
	return 1
}

// stretch scales frequencies, in radians a token.
func (s *RopeScaling) stretch(frequencies []float64, base float64) {
	low, high := s.ramp(2*len(frequencies), base)
	for i, f := range frequencies {
		keep := 0. // share of the frequency that does not change
		switch s.Kind {
		case "dynamic":
			keep = 1
		case "longrope":
			frequencies[i] = f / s.Short[i]
			continue
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
