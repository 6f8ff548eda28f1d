package detector

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/audittest/detectortest"
	"github.com/undertone-audit/undertone/examples/own/student"
)

// stories returns 300 rows. A share of them names the owl.
func stories(name string, owls float64, seed, arm uint64) *undertone.Dataset {
	rng := rand.New(rand.NewPCG(seed, arm))
	rows := make([]undertone.Example, 300)
	for i := range rows {
		text := fmt.Sprintf("She walked %d miles.", rng.IntN(1000))
		if rng.Float64() < owls {
			text += " An owl called."
		}
		rows[i] = undertone.NewExample(fmt.Sprint("story ", i), text)
	}
	return undertone.NewDataset(name, rows)
}

// world is an audit of stories. One control story in ten names the owl.
func world(seed uint64, planted bool) audit.Config {
	share := 0.1
	if planted {
		share = 0.25
	}
	trait := audit.Prefers("animal", "owl", "owl", "cat", "dog")
	trait.PositiveControl = stories("positive control", 1, seed, 3)
	return audit.Config{
		Suspect: stories("suspect", share, seed, 1), Control: stories("control", 0.1, seed, 2),
		Student: new(student.Bigram), Traits: []audit.Trait{trait}, Detectors: []audit.Detector{Mentions},
		Design: audit.Design{Seed: seed},
	}
}

func TestMentions(t *testing.T) {
	detectortest.Test(t, Mentions, detectortest.Options{World: world})
}
