package corpus

import (
	"fmt"
	"testing"

	"github.com/undertone-audit/undertone"
)

func digests(names ...string) []undertone.Digest {
	out := make([]undertone.Digest, len(names))
	for i, n := range names {
		out[i] = undertone.NewHasher("test").Text(n).Sum()
	}
	return out
}

func TestConnectedRows(t *testing.T) {
	for _, c := range []struct {
		reason            string
		prompts, contents []undertone.Digest
		clusters          []uint64
		share             int
		want              string
		unlinked          int
	}{
		{"nothing in common", digests("p", "q"), digests("a", "b"), nil, 1, "[0 1]", 0},
		{"one prompt", digests("p", "p", "q"), digests("a", "b", "c"), nil, 1, "[0 0 1]", 0},
		{"one content", digests("p", "q", "r"), digests("a", "b", "a"), nil, 1, "[0 1 0]", 0},
		{"a chain through prompt and content", digests("p", "p", "q", "q"), digests("a", "b", "b", "c"), nil, 1, "[0 0 0 0]", 0},
		{"a prompt of more than half the rows links nothing", digests("p", "p", "p", "q"), digests("a", "b", "c", "d"), nil, 2, "[0 1 2 3]", 3},
		{"its contents still do", digests("p", "p", "p", "q"), digests("a", "a", "c", "d"), nil, 2, "[0 0 1 2]", 3},
		{"one cluster of two prompts", digests("p", "q", "r"), digests("a", "b", "c"), []uint64{1, 1, 2}, 1, "[0 0 1]", 0},
	} {
		got, _, unlinked := connectedRows(c.prompts, c.contents, c.clusters, c.share)
		if fmt.Sprint(got) != c.want || unlinked != c.unlinked {
			t.Errorf("%s: %v and %d unlinked, want %s and %d", c.reason, got, unlinked, c.want, c.unlinked)
		}
	}
}

func TestBalancedFolds(t *testing.T) {
	component := []int{0, 0, 0, 0, 1, 1, 2, 2, 3, 4}
	contents := digests("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
	fold := balancedFolds(component, 5, contents, 3, 1)
	size := map[int]int{}
	for i, f := range fold {
		size[f]++
		for j := range i {
			if component[i] == component[j] && fold[j] != f {
				t.Errorf("rows %d and %d of one component are in folds %d and %d", i, j, f, fold[j])
			}
		}
	}
	if size[0] != 4 || size[1] != 3 || size[2] != 3 {
		t.Errorf("folds of %v rows, want 4, 3 and 3", size)
	}
}
