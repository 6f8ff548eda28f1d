package transformer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
)

// hfRope is rope_scaling, or one of rope_parameters.
type hfRope struct {
	Type      string    `json:"rope_type"`
	OldType   string    `json:"type"`
	Base      float64   `json:"rope_theta"`
	Partial   *float64  `json:"partial_rotary_factor"`
	Factor    float64   `json:"factor"`
	Original  int       `json:"original_max_position_embeddings"`
	Low       float64   `json:"low_freq_factor"`
	High      float64   `json:"high_freq_factor"`
	Fast      float64   `json:"beta_fast"`
	Slow      float64   `json:"beta_slow"`
	Magnitude float64   `json:"attention_factor"`
	Scale     float64   `json:"mscale"`
	ScaleAll  float64   `json:"mscale_all_dim"`
	Truncate  *bool     `json:"truncate"`
	Short     []float64 `json:"short_factor"`
	Long      []float64 `json:"long_factor"`
}

// hfRopes is rope_parameters: one for all blocks, or one for each type of blocks.
type hfRopes struct {
	full    *hfRope // nil if absent
	sliding *hfRope // nil if it is not given apart
}

// UnmarshalJSON implements [json.Unmarshaler].
func (r *hfRopes) UnmarshalJSON(text []byte) error {
	var byType struct {
		Full    *hfRope `json:"full_attention"`
		Sliding *hfRope `json:"sliding_attention"`
	}
	if err := json.Unmarshal(text, &byType); err != nil {
		return err
	}
	if byType.Full != nil || byType.Sliding != nil {
		r.full, r.sliding = byType.Full, byType.Sliding
		return nil
	}
	return json.Unmarshal(text, &r.full)
}

// withRope returns c with the rotary positions of its full blocks.
func (h *hfConfig) withRope(c Config) (Config, error) {
	rope, partial := h.RopeScaling, given(h.Partial, 1)
	if r := h.Rope.full; r != nil {
		rope = r
		c.RopeBase = cmp.Or(r.Base, c.RopeBase)
		partial = given(r.Partial, partial)
	}
	if partial != 1 && !c.Fused {
		return c, fmt.Errorf("partial_rotary_factor is %v, which is supported for phi3 alone: transformers ignores it in other families", partial)
	}
	if partial != 1 {
		head := cmp.Or(c.HeadDim, c.Dim/max(1, c.Heads))
		if c.RotaryDim = int(float64(head) * partial); !(partial > 0 && partial < 1) || c.RotaryDim == 0 || c.RotaryDim%2 != 0 {
			return c, fmt.Errorf("partial_rotary_factor is %v, want a part of the %d elements of a head that is even, or 1", partial, head)
		}
	}
	if rope == nil {
		return c, nil
	}
	var err error
	c.RopeScaling, err = rope.scaling(h.Context, h.Original)
	if s := c.RopeScaling; s != nil && s.dependsOnLength() {
		c.Context = min(c.Context, s.Original)
	}
	return c, err
}

// localRope sets the base of the frequencies of sliding blocks, which have no scaling. base is the
// one of families without a field for it.
func (h *hfConfig) localRope(c *Config, base float64) error {
	if s := h.Rope.sliding; s != nil {
		if kind := s.kind(); kind != "" && kind != "default" {
			return fmt.Errorf("rope_parameters: sliding_attention has type %q, want default", kind)
		}
		base = cmp.Or(s.Base, base)
	}
	if c.Window > 0 && (base != cmp.Or(c.RopeBase, 1e4) || c.RopeScaling != nil) {
		c.LocalRopeBase = base
	}
	return nil
}

func (r *hfRope) kind() string { return cmp.Or(r.Type, r.OldType) }

// scaling returns nil if positions are not scaled. context is that of the model; original is the
// field of the config for the context of the training, or 0.
func (r *hfRope) scaling(context, original int) (*RopeScaling, error) {
	kind := r.kind()
	s := &RopeScaling{Kind: kind, Factor: r.Factor, Original: cmp.Or(original, r.Original, context)}
	switch kind {
	case "", "default":
		return nil, nil
	case "linear":
		s.Original = 0
	case "dynamic":
		s.Original = context
	case "llama3":
		s.LowFactor, s.HighFactor = r.Low, r.High
	case "longrope":
		s.Short, s.Long, s.Magnitude = r.Short, r.Long, r.Magnitude
		s.Factor = cmp.Or(r.Factor, max(1, float64(context)/float64(max(1, s.Original))))
	case "yarn":
		if !given(r.Truncate, true) {
			return nil, fmt.Errorf("rope_scaling: truncate is false, which is not supported")
		}
		s.Factor = cmp.Or(r.Factor, max(1, float64(context)/float64(max(1, s.Original))))
		s.BetaFast, s.BetaSlow, s.Magnitude = r.Fast, r.Slow, r.Magnitude
		if s.Magnitude == 0 && r.Scale != 0 && r.ScaleAll != 0 {
			log := 0.1 * math.Log(s.Factor)
			s.Magnitude = (r.Scale*log + 1) / (r.ScaleAll*log + 1)
		}
	default:
		return nil, fmt.Errorf("rope_scaling: type %q is not supported; known are %s", kind, ropeKinds)
	}
	return s, nil
}
