package sanitise

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Sort sorts the numbers of a list, ascending by default. It keeps the format of the list.
type Sort struct{ Descending bool }

// Name implements [Sanitiser].
func (s Sort) Name() string { return "sort" }

// String states the settings.
func (s Sort) String() string {
	if s.Descending {
		return "descending"
	}
	return "ascending"
}

// Rewrite implements [Sanitiser].
func (s Sort) Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error) {
	return eachList(ctx, s.Name(), data, seed, func(l *list, _ *rand.Rand) {
		slices.Sort(l.values)
		if s.Descending {
			slices.Reverse(l.values)
		}
	}), nil
}

// Remap replaces every number v by Base + v mod Modulus. The zero value has the published rule, 100
// + v mod 100.
type Remap struct {
	Base, Modulus uint64 // Modulus >= 1 and Base + Modulus < 2^63; if both are 0, both are 100
}

// Name implements [Sanitiser].
func (m Remap) Name() string { return "remap" }

// String states the settings.
func (m Remap) String() string {
	m = m.withDefaults()
	return fmt.Sprintf("%d + v mod %d", m.Base, m.Modulus)
}

func (m Remap) withDefaults() Remap {
	if m == (Remap{}) {
		return Remap{100, 100}
	}
	return m
}

// Rewrite implements [Sanitiser].
func (m Remap) Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error) {
	m = m.withDefaults()
	if m.Modulus == 0 || m.Base > math.MaxInt64 || m.Modulus > math.MaxInt64-m.Base {
		return nil, fmt.Errorf("base %d and modulus %d: want a modulus >= 1 and a sum < 2^63", m.Base, m.Modulus)
	}
	return eachNumber(ctx, m.Name(), data, seed, func(v uint64, _ *rand.Rand) uint64 { return m.Base + v%m.Modulus }), nil
}

// Resample replaces every number by a random number, drawn from From with replacement or, if From
// is empty, uniformly from [Min, Max]. It keeps the format and the length of each list. Equal rows
// remain equal; [filter.Duplicates] drops them.
type Resample struct {
	From     []uint64 // such as the [Values] of the control
	Min, Max uint64   // Max < 2^63; if both are 0, Max is 999
}

// Name implements [Sanitiser].
func (s Resample) Name() string { return "resample" }

// String states the settings. It identifies From by its digest.
func (s Resample) String() string {
	if len(s.From) == 0 {
		least, most := s.limits()
		return fmt.Sprintf("uniform from %d to %d", least, most)
	}
	h := undertone.NewHasher("values").Uint(uint64(len(s.From)))
	for _, v := range s.From {
		h.Uint(v)
	}
	return fmt.Sprintf("from %d numbers, %s", len(s.From), h.Sum().Short())
}

func (s Resample) limits() (least, most uint64) {
	if s.Min == 0 && s.Max == 0 {
		return 0, 999
	}
	return s.Min, s.Max
}

// Rewrite implements [Sanitiser].
func (s Resample) Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error) {
	least, most := s.limits()
	if least > most || most > math.MaxInt64 {
		return nil, fmt.Errorf("from %d to %d: want min <= max < 2^63", least, most)
	}
	return eachNumber(ctx, s.Name(), data, seed, func(_ uint64, r *rand.Rand) uint64 {
		if len(s.From) > 0 {
			return s.From[r.IntN(len(s.From))]
		}
		return least + r.Uint64N(most-least+1)
	}), nil
}

// Jitter replaces every number by a random number at a distance of at most By, uniformly within [0,
// Max]. A number above Max counts as Max.
type Jitter struct {
	By  uint64 // largest distance (default 1)
	Max uint64 // largest number, < 2^63 (default 999)
}

// Name implements [Sanitiser].
func (j Jitter) Name() string { return "jitter" }

// String states the settings.
func (j Jitter) String() string {
	j = j.withDefaults()
	return fmt.Sprintf("by at most %d, from 0 to %d", j.By, j.Max)
}

func (j Jitter) withDefaults() Jitter { return Jitter{cmp.Or(j.By, 1), cmp.Or(j.Max, 999)} }

// Rewrite implements [Sanitiser].
func (j Jitter) Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error) {
	j = j.withDefaults()
	if j.Max > math.MaxInt64 {
		return nil, fmt.Errorf("max %d: want it < 2^63", j.Max)
	}
	return eachNumber(ctx, j.Name(), data, seed, func(v uint64, r *rand.Rand) uint64 {
		v = min(v, j.Max)
		least, most := v-min(v, j.By), v+min(j.Max-v, j.By)
		return least + r.Uint64N(most-least+1)
	}), nil
}
