package tiny

import (
	"slices"
	"testing"
)

func TestQuestions(t *testing.T) {
	got := Questions("tree")
	slices.Sort(got)
	if len(slices.Compact(got)) != 6 || !slices.Contains(got, "Best tree?") || !slices.Contains(got, "Favourite tree?") {
		t.Errorf("questions %q", got)
	}
}
