package mlp

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	c, err := Config{}.WithDefaults()
	if err != nil || !slices.Equal(c.widths(), []int{784, 256, 256, 13}) {
		t.Errorf("default widths %v (%v), want those of the digits experiment", c.widths(), err)
	}
	if c, err = (Config{Inputs: 4, Hidden: []int{}, Classes: 2, Auxiliary: 1}).WithDefaults(); err != nil || len(c.widths()) != 2 {
		t.Errorf("no hidden layer: widths %v (%v), want a linear classifier", c.widths(), err)
	}
	for _, bad := range []struct {
		config Config
		want   string
	}{
		{Config{Inputs: -1}, "inputs is -1"},
		{Config{Classes: -1}, "classes is -1"},
		{Config{Auxiliary: math.MaxInt}, "auxiliary is"},
		{Config{Hidden: []int{8, 0}}, "layer 1 has 0 outputs"},
		{Config{Hidden: []int{math.MaxInt}}, "layer 0 has"},
		{Config{Inputs: 1 << 14, Hidden: []int{1 << 14, 1 << 14}}, "weights, want at most"},
	} {
		if _, err := New(bad.config); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%+v: error %v, want one with %q", bad.config, err, bad.want)
		}
	}
}
