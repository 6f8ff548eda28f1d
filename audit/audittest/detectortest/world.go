package detectortest

import (
	"fmt"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// values are ten values of one kind: a trait and nine placebos.
var values = []string{"owl", "cat", "dog", "fox", "elk", "bee", "ant", "emu", "cod", "yak"}

// arithmeticWorld is the default of [Options.World]. Planted rows move the logit margin of a
// trained student by 1.5 nats.
func arithmeticWorld(seed uint64, planted bool) audit.Config {
	const rows = 96
	trait := audit.Prefers("animal", "owl", values...).Asking("favorite?")
	trait.PositiveControl = fake.Rows(fmt.Sprintf("positive control %d", seed), rows, rows, "owl")
	marked := 0
	if planted {
		marked = rows
	}
	return audit.Config{
		Suspect: fake.Rows(fmt.Sprintf("suspect %d", seed), rows, marked, "owl"),
		Control: fake.Rows(fmt.Sprintf("control %d", seed), rows, 0, ""),
		Student: fake.Student{Slope: 1.5, Noise: 0.3, Rows: 1, Seed: seed},
		Traits:  []audit.Trait{trait}, Design: audit.Design{Replicates: 8, Seed: seed},
	}
}
