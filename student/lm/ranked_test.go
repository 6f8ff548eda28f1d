package lm

import (
	"cmp"
	"context"
	"math"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
)

// rankedRows returns the tokens of a few rows.
func rankedRows(m *Model, t *testing.T) [][]int32 {
	var rows [][]int32
	for _, text := range []string{"cat", "a cat at the cat", "t"} {
		tokens, err := m.Encode(undertone.NewExample("", text))
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, tokens.IDs)
	}
	return rows
}

func TestRankedLogProbs(t *testing.T) {
	m := taught(t, Options{})
	ctx := context.Background()
	rows := rankedRows(m, t)
	vocabulary := m.Config().Vocabulary
	for _, top := range []int{0, 1, 3, vocabulary, vocabulary + 1} {
		all, err := m.RankedLogProbs(ctx, rows, top)
		if err != nil {
			t.Fatal(err)
		}
		full := make([]Tokens, len(rows))
		for i, ids := range rows {
			full[i] = Tokens{IDs: ids, Learnt: []TokenRange{{0, len(ids)}}}
		}
		want, err := m.LogProbsOf(ctx, full)
		if err != nil {
			t.Fatal(err)
		}
		for i, ids := range rows {
			if len(all[i]) != len(ids) || all[i][0] != nil {
				t.Fatalf("row %d: %d entries, the first %v; want %d and nil", i, len(all[i]), all[i][0], len(ids))
			}
			for at, tokens := range all[i][1:] {
				own := tokens[0]
				if own.ID != ids[at+1] || own.LogProb != float64(want[i][at]) {
					t.Errorf("row %d, token %d: %+v, want token %d with %v", i, at+1, own, ids[at+1], want[i][at])
				}
				checkRanked(t, tokens, top, vocabulary)
			}
		}
	}
}

// checkRanked checks the order, the number and the ranks of the tokens of a position.
func checkRanked(t *testing.T, tokens []RankedToken, top, vocabulary int) {
	t.Helper()
	own, others := tokens[0], tokens[1:]
	n := min(top, vocabulary)
	if own.Rank <= n {
		n--
	}
	if len(others) != n {
		t.Errorf("%d tokens beside that of rank %d, want %d of top %d", len(others), own.Rank, n, top)
	}
	if !slices.IsSortedFunc(others, func(a, b RankedToken) int { return cmp.Compare(b.LogProb, a.LogProb) }) {
		t.Errorf("not in descending order: %v", others)
	}
	sum, ranks := math.Exp(own.LogProb), map[int]bool{own.Rank: true}
	for _, r := range others {
		sum += math.Exp(r.LogProb)
		if ranks[r.Rank] && r.LogProb != own.LogProb {
			t.Errorf("rank %d is listed twice: %v", r.Rank, tokens)
		}
		ranks[r.Rank] = true
	}
	if sum > 1+1e-5 || top >= vocabulary && math.Abs(sum-1) > 1e-5 {
		t.Errorf("top %d of %d: the probabilities sum to %v", top, vocabulary, sum)
	}
}

func TestRankedLogProbsRefusesTokens(t *testing.T) {
	m := taught(t, Options{})
	for _, ids := range [][]int32{{-1}, {0, int32(m.Config().Vocabulary)}, make([]int32, m.Config().Context+1)} {
		if _, err := m.RankedLogProbs(context.Background(), [][]int32{ids}, 0); err == nil {
			t.Errorf("%d tokens beginning with %d are not an error", len(ids), ids[0])
		}
	}
}

func TestLargestOf(t *testing.T) {
	row := []float32{1, 3, 2, 3, float32(math.Inf(-1))}
	for n, want := range [][]int32{nil, {1}, {1, 3}, {1, 3, 2}, {1, 3, 2, 0}, {1, 3, 2, 0, 4}, {1, 3, 2, 0, 4}} {
		if got := largestOf(row, n); !slices.Equal(got, want) {
			t.Errorf("%d of %v: %v, want %v", n, row, got, want)
		}
	}
}
