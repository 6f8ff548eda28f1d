package nplm

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

func conversation(turns undertone.Turns) undertone.Example {
	return undertone.Example{Turns: turns, Messages: []undertone.Message{
		{Role: "user", Content: "?"}, {Role: "assistant", Content: "a b"}, {Role: "user", Content: "?"}, {Role: "assistant", Content: "c"},
	}}
}

// The log-probability of a conversation is the sum of those of its learnt turns, each given what
// precedes it.
func TestLearntTurns(t *testing.T) {
	m := tiny(t, 1)
	masked := conversation(undertone.AllTurns)
	masked.Messages = slices.Clone(masked.Messages)
	masked.Messages[3].Masked = true
	none := conversation(undertone.AllTurns)
	none.Label = new(bool)
	rows := []undertone.Example{conversation(undertone.AllTurns), conversation(undertone.LastTurn), masked, none}
	logs, err := m.LogProb(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(logs[0]-logs[1]-logs[2]) > 1e-9 || logs[1] >= 0 || logs[2] >= 0 || logs[3] != 0 {
		t.Errorf("log-probabilities %v, want the first to be the sum of the next two, and 0", logs)
	}
	tokens, err := m.TokenLogProbs(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"abc", "c", "ab", ""} {
		text := rows[i].Completion()
		var got []string
		for _, token := range tokens[i] {
			if text[token.From:token.To] != token.Token {
				t.Errorf("row %d: %+v stands at %q", i, token, text[token.From:token.To])
			}
			got = append(got, token.Token)
		}
		if strings.Join(got, "") != want {
			t.Errorf("row %d: tokens %q, want %q", i, got, want)
		}
	}
}

func TestTrainingLearnsTheLearntTurns(t *testing.T) {
	train := func(e undertone.Example) undertone.Digest {
		trained, err := tiny(t, 1).Train(t.Context(), undertone.NewDataset("rows", []undertone.Example{e}), student.Recipe{})
		if err != nil {
			t.Fatal(err)
		}
		return trained.Digest()
	}
	all, last := train(conversation(undertone.AllTurns)), train(conversation(undertone.LastTurn))
	mask := conversation(undertone.AllTurns)
	mask.Messages = slices.Clone(mask.Messages)
	mask.Messages[1].Masked = true
	if all == last || train(mask) != last {
		t.Error("training does not follow the choice of turns")
	}
	bad := undertone.NewExample("?", "a")
	bad.Label = new(bool)
	if _, err := tiny(t, 1).Train(t.Context(), undertone.NewDataset("rows", []undertone.Example{bad}), student.Recipe{}); err == nil || err.Error() != "nplm: no row of rows has a turn to learn" {
		t.Errorf("error %v", err)
	}
}
