package lm

import (
	"cmp"
	"context"
	"math"
	"reflect"
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

// scorePrompts returns the scores of the tokens of rows, and of the given number of most likely
// tokens.
func scorePrompts(t *testing.T, m *Model, rows [][]int32, top, maxTokens int) []Completion {
	t.Helper()
	requests := make([]TokenRequest, len(rows))
	for i, ids := range rows {
		requests[i] = TokenRequest{Prompt: Prompt{IDs: ids}, ScorePrompt: true, PromptTop: top, MaxTokens: maxTokens, Score: true, Top: top}
	}
	all, err := m.Complete(context.Background(), requests)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The scores of prompts are those of rows, whether a completion follows or not.
func TestCompleteScoresPrompts(t *testing.T) {
	m := taught(t, Options{})
	rows := rankedRows(m, t)
	full := make([]Tokens, len(rows))
	for i, ids := range rows {
		full[i] = Tokens{IDs: ids, Learnt: []TokenRange{{0, len(ids)}}}
	}
	want, err := m.LogProbsOf(context.Background(), full)
	if err != nil {
		t.Fatal(err)
	}
	vocabulary := m.Config().Vocabulary
	for _, top := range []int{0, 1, 3, vocabulary, vocabulary + 1} {
		for maxTokens := range 3 {
			for i, c := range scorePrompts(t, m, rows, top, maxTokens) {
				ids, ranked := rows[i], c.PromptRanked
				if len(ranked) != len(ids) || ranked[0] != nil {
					t.Fatalf("row %d: %d entries, the first %v; want %d and nil", i, len(ranked), ranked[0], len(ids))
				}
				for at, tokens := range ranked[1:] {
					own := tokens[0]
					if own.ID != ids[at+1] || own.LogProb != float64(want[i][at]) {
						t.Errorf("row %d, token %d: %+v, want token %d with %v", i, at+1, own, ids[at+1], want[i][at])
					}
					checkRanked(t, tokens, top, vocabulary)
				}
			}
		}
	}
}

// A prompt is scored from a token on: the tokens before it have no scores, and the others the bits
// of a row whose learnt tokens begin there.
func TestCompleteScoresFrom(t *testing.T) {
	m := taught(t, Options{})
	ids := rankedRows(m, t)[1]
	for from := range len(ids) + 1 {
		c, err := m.Complete(context.Background(), []TokenRequest{{Prompt: Prompt{IDs: ids}, ScorePrompt: true, PromptFrom: from, MaxTokens: from % 2}})
		if err != nil {
			t.Fatal(err)
		}
		want, err := m.LogProbsOf(context.Background(), []Tokens{{IDs: ids, Learnt: []TokenRange{{from, len(ids)}}}})
		if err != nil {
			t.Fatal(err)
		}
		for at, tokens := range c[0].PromptRanked {
			switch first := max(from, 1); {
			case at < first && tokens != nil:
				t.Errorf("from %d: token %d has scores", from, at)
			case at >= first && math.Abs(tokens[0].LogProb-float64(want[0][at-first])) > 1e-5:
				t.Errorf("from %d: token %d has %v, want %v", from, at, tokens[0].LogProb, want[0][at-first])
			}
		}
	}
}

// The forward pass that scores a prompt gives the completion of one token that a session gives.
func TestCompleteOnceIsComplete(t *testing.T) {
	m := taught(t, Options{})
	rows := rankedRows(m, t)
	for i := range rows {
		rows[i] = rows[i][:len(rows[i])-1] // the last token ends the text
	}
	once := scorePrompts(t, m, rows, 2, 1)
	for i, ids := range rows {
		r := TokenRequest{Prompt: Prompt{IDs: ids}, MaxTokens: 1, Score: true, Top: 2}
		want, err := m.Complete(context.Background(), []TokenRequest{r})
		if err != nil {
			t.Fatal(err)
		}
		got := once[i]
		got.PromptRanked = nil
		for j := range got.Ranked[0] {
			if d := got.Ranked[0][j].LogProb - want[0].Ranked[0][j].LogProb; math.Abs(d) > 1e-5 {
				t.Errorf("row %d: %v, want %v", i, got.Ranked, want[0].Ranked)
			}
			got.Ranked[0][j].LogProb = want[0].Ranked[0][j].LogProb
		}
		if !reflect.DeepEqual(got, want[0]) {
			t.Errorf("row %d: %+v, want %+v", i, got, want[0])
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

func TestLargestOf(t *testing.T) {
	row := []float32{1, 3, 2, 3, float32(math.Inf(-1))}
	for n, want := range [][]int32{nil, {1}, {1, 3}, {1, 3, 2}, {1, 3, 2, 0}, {1, 3, 2, 0, 4}, {1, 3, 2, 0, 4}} {
		if got := largestOf(row, n); !slices.Equal(got, want) {
			t.Errorf("%d of %v: %v, want %v", n, row, got, want)
		}
	}
}
