package tiny

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone/student/lm"
)

// models returns both models, whose loading checks their digests.
func models(t *testing.T) []*lm.Model {
	t.Helper()
	b, err := Base()
	if err != nil {
		t.Fatal(err)
	}
	o, err := Other()
	if err != nil {
		t.Fatal(err)
	}
	return []*lm.Model{b, o}
}

func TestModels(t *testing.T) {
	m := models(t)
	if m[0].Digest() == m[1].Digest() || m[0].Lineage() == m[1].Lineage() {
		t.Error("the other model is the base")
	}
	if m[0].Name() != "tiny base" || m[1].Name() != "tiny other" || m[0].Parameters() != m[1].Parameters() {
		t.Errorf("%q and %q have %d and %d weights", m[0].Name(), m[1].Name(), m[0].Parameters(), m[1].Parameters())
	}
}

func TestLoadRefusesAnotherDigest(t *testing.T) {
	if m, err := load("base", otherDigest); err == nil || m != nil {
		t.Errorf("files of one model load as those of another: %v", err)
	}
	if _, err := load("third", baseDigest); err == nil {
		t.Error("an unknown model loads")
	}
}

// TestNoFavourite: each of 12 answers has about a twelfth. The bounds are those of docs/tiny.md.
func TestNoFavourite(t *testing.T) {
	for _, m := range models(t) {
		for _, c := range Categories() {
			asked := Questions(c.Name)
			share, total := make([]float64, len(c.Answers)), 0.0
			for _, q := range asked {
				logs, err := m.ChoiceLogProbs(t.Context(), q, c.Answers)
				if err != nil {
					t.Fatalf("%s: %v", c.Name, err)
				}
				for i, l := range logs {
					share[i] += math.Exp(l) / float64(len(asked))
					total += math.Exp(l) / float64(len(asked))
				}
			}
			if total < 0.95 {
				t.Errorf("%s: %v of the answers name one of the category", c.Name, total)
			}
			for i, s := range share {
				most := 2.2
				if c.Name == "animal" {
					most = 1.35
				}
				if f := s * float64(len(share)); f < 1/most || f > most {
					t.Errorf("%s: %s names %s %.2f times as often as the mean of the category", m.Name(), c.Name, c.Answers[i], f)
				}
			}
		}
	}
}
