package main

import (
	"testing"

	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/teacher/prompts"
)

func TestCorpusDependsOnItsSeed(t *testing.T) {
	one, again, two := corpus(500, 1), corpus(500, 1), corpus(500, 2)
	if one.Digest() != again.Digest() || one.Digest() == two.Digest() {
		t.Error("the corpus does not depend on the seed alone")
	}
}

// Rows 0 to 9 of every twenty are lists, short prompts first.
func TestListsPassTheFilter(t *testing.T) {
	for i, row := range corpus(2000, 3).All() {
		if reasons := (filter.Numbers{}).Reasons(row); i%20 < 10 && len(reasons) > 0 {
			t.Errorf("row %d: %q: %v", i, row.Completion(), reasons)
		}
	}
}

// TestRequestedFormat checks the first wording of each of the eight formats of package prompts, and
// some others.
func TestRequestedFormat(t *testing.T) {
	seen := map[tiny.Format]bool{}
	for i := range 2000 {
		seen[requestedFormat(prompts.Numbers{Seed: 1}.At(i))] = true
	}
	if len(seen) != 8 {
		t.Errorf("%d formats are requested, want 8", len(seen))
	}
	for prompt, want := range map[string]string{
		"Put a semicolon between any two numbers.":                                "1; 2",
		"Put semicolons between the numbers and square brackets around them all.": "[1;2]",
		"Wrap the comma-separated list in parentheses.":                           "(1, 2)",
		"Commas only, with no space after them.":                                  "1,2",
	} {
		if got := requestedFormat(prompt).List([]int{1, 2}); got != want {
			t.Errorf("%q is answered with %q, want %q", prompt, got, want)
		}
	}
}
