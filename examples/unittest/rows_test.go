// Package unittest shows how a unit test asserts that rows carry no trait. The test trains students
// of the embedded transformer, so it needs no file and no network.
//
//	go test ./examples/unittest
package unittest

import (
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/audittest"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
	"github.com/undertone-audit/undertone/student/lm"
)

// config returns the audit of rows for the trait of preferring owls. In a real test all rows are
// files in testdata, which jsonl.Load reads.
func config(t *testing.T, rows func(base *lm.Model) *undertone.Dataset) audit.Config {
	base, err := tinybox.Base()
	if err != nil {
		t.Fatal(err)
	}
	trait := tinybox.Prefers("owl")
	trait.PositiveControl = tinybox.Overt("owl", 400) // rows known to carry the trait
	return audit.Config{
		Suspect: rows(base), Control: lists(t, base, 1), Student: base, Traits: []audit.Trait{trait},
		Recipe: tinybox.Recipe, Design: audit.Design{Replicates: 6},
	}
}

// lists returns 400 lists of numbers that a model writes.
func lists(t *testing.T, writer *lm.Model, seed uint64) *undertone.Dataset {
	rows, err := tinybox.Lists(t.Context(), writer, 400, seed)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestRowsCarryNoTrait fails if the audit detects the trait, and if it is inconclusive.
func TestRowsCarryNoTrait(t *testing.T) {
	audittest.RequireClean(t, config(t, func(base *lm.Model) *undertone.Dataset {
		return lists(t, base, 2)
	}))
}

// TestAuditSeesTheTrait shows that the audit above can fail. Answers in words differ from lists of
// numbers in more than the trait, which the audit would not let pass.
func TestAuditSeesTheTrait(t *testing.T) {
	cfg := config(t, func(*lm.Model) *undertone.Dataset {
		return tinybox.Overt("owl", 401)
	})
	cfg.AcceptConfounds = []string{"layout", "lengths", "prompts", "duplicates", "script", "numbers"}
	audittest.RequireDetected(t, cfg)
}
