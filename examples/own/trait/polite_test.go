package trait

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/audittest"
	"github.com/undertone-audit/undertone/examples/own/student"
)

// requests returns 400 rows that ask for something. A share of them is polite. The others have the
// same layout and length, so that the arms differ in the trait alone.
func requests(name string, polite float64, seed uint64) *undertone.Dataset {
	rng := rand.New(rand.NewPCG(seed, 0))
	rows := make([]undertone.Example, 400)
	for i := range rows {
		text := fmt.Sprintf("Always bring %d of them, right now.", rng.IntN(1000))
		if rng.Float64() < polite {
			text = fmt.Sprintf("Please bring %d of them, thank you.", rng.IntN(1000))
		}
		rows[i] = undertone.NewExample(fmt.Sprint("request ", i), text)
	}
	return undertone.NewDataset(name, rows)
}

// config returns an audit of requests. The suspect and the control never hold an answer to a probe.
func config(polite float64) audit.Config {
	trait := Polite()
	trait.PositiveControl = requests("positive control", 1, 1)
	return audit.Config{
		Suspect: requests("suspect", polite, 2), Control: requests("control", 0, 3),
		Student: new(student.Bigram), Traits: []audit.Trait{trait}, Design: audit.Design{Replicates: 6},
	}
}

func TestPoliteRequestsMakeAnswersPolite(t *testing.T) {
	report := audittest.RequireDetected(t, config(1))
	if p := report.Findings[0].Placebos; p.Rank != 1 {
		t.Errorf("the trait ranks %d of %d: %+v", p.Rank, p.Of, p.Effects)
	}
}

func TestOtherRequestsDoNot(t *testing.T) { audittest.RequireClean(t, config(0)) }

func TestStudentWithoutLogProb(t *testing.T) {
	if _, err := Polite().Probes[0].Ask(t.Context(), nil); err == nil {
		t.Error("a student that cannot score answers is no error")
	}
}
