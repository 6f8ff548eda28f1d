package corpus

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The penalty depends on the given rows alone: other labels outside of them change nothing. Rows
// without information take the smallest penalty that is as good as any.
func TestChoosePenalty(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 30))
	config, err := fast(1).withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := newDesignMatrix(t.Context(), writer{tilt: .3}.write("a", 0, 60, 1, rng), writer{}.write("b", 0, 60, 1, rng), config)
	if err != nil {
		t.Fatal(err)
	}
	channel := m.channel(contentChannel)
	train, test := m.split(0)
	want := m.choosePenalty(channel, train)
	for _, i := range test {
		m.suspect[i] = !m.suspect[i]
	}
	if got := m.choosePenalty(channel, train); got != want {
		t.Errorf("penalty %v, and %v with other labels in the held-out fold", want, got)
	}
	if !slices.Contains(penaltyFactors, want/channel.lambda) {
		t.Errorf("penalty %v is none of the choices", want)
	}
	if got := m.choosePenalty(channel, train[:1]); got != channel.lambda {
		t.Errorf("penalty %v for one row, want that of the channel", got)
	}
}

// The folds of the inner cross-validation hold whole components and are of equal size.
func TestInnerFold(t *testing.T) {
	m := &designMatrix{component: []int{0, 0, 1, 1, 2, 2, 9, 9, 9}}
	inner := m.innerFold([]int{0, 1, 2, 3, 4, 5})
	if !slices.Equal(inner, []int{0, 0, 1, 1, 2, 2}) {
		t.Errorf("inner folds %v", inner)
	}
}
