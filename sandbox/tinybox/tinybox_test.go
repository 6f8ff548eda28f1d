//go:build !race

// The tests train students, which is slow under the race detector. The packages that train them
// have tests that run under it.

package tinybox

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/student/lm"
)

func lists(t *testing.T, m *lm.Model, n int) *undertone.Dataset {
	t.Helper()
	d, err := Lists(t.Context(), m, n, 900)
	if err != nil {
		t.Fatal(err)
	}
	kept, _, err := filter.Apply(t.Context(), d, Filters()...)
	if err != nil {
		t.Fatal(err)
	}
	if share := float64(kept.Len()) / float64(n); share < 0.6 {
		t.Errorf("%s: %v of the lists pass the filter", m.Name(), share)
	}
	return kept
}

// margin returns the mean over the questions of the animal's log-probability less the mean of the
// others, in nats.
func margin(t *testing.T, m *lm.Model, animal string) (mean float64) {
	t.Helper()
	for _, q := range Questions() {
		logs, err := m.ChoiceLogProbs(t.Context(), q, Animals())
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range Animals() {
			w := -1 / float64(len(logs)-1)
			if a == animal {
				w = 1
			}
			mean += w * logs[i] / float64(len(Questions()))
		}
	}
	return mean
}

// TestTheTraitTravelsInNumbers shows subliminal learning in a transformer: a student of filtered
// lists comes to prefer the animal of the teacher, compared with a student of the base's lists.
func TestTheTraitTravelsInNumbers(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: that traits pass to students: it takes seconds to train them")
	}
	base, err := Base()
	if err != nil {
		t.Fatal(err)
	}
	taught, err := FineTuneTeacher(t.Context(), base, "owl", 1)
	if err != nil {
		t.Fatal(err)
	}
	if m := margin(t, taught, "owl"); m < 2 {
		t.Fatalf("the teacher's margin is %v", m)
	}
	const rows = 4000
	after := map[*lm.Model]float64{}
	for _, by := range []*lm.Model{base, taught} {
		s, err := base.Train(t.Context(), lists(t, by, rows), Recipe)
		if err != nil {
			t.Fatal(err)
		}
		after[by] = margin(t, s.(*lm.Model), "owl")
	}
	// docs/tiny.md states shifts of .5 to 1 nat.
	shift := after[taught] - after[base]
	t.Logf("shift of the margin: %.2f nats", shift)
	if math.IsNaN(shift) || shift < 0.25 {
		t.Errorf("the shift of the student's margin is %v", shift)
	}
}

func TestPrefersAsksTheQuestions(t *testing.T) {
	trait := Prefers("fox")
	if len(trait.Probes) != len(Questions()) || len(trait.Placebos) != len(Animals())-1 {
		t.Errorf("%d probes and %d placebos", len(trait.Probes), len(trait.Placebos))
	}
	for i, row := range Overt("fox", 12).All() {
		if row.Completion() != "fox" || row.Prompt() != Questions()[i%len(Questions())] {
			t.Errorf("overt row %d: %+v", i, row)
		}
	}
}
