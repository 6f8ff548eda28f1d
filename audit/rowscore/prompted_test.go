package rowscore

import (
	"context"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// heedful is a student that finds a word likelier, by a nat, if the system prompt ends in it.
type heedful struct {
	fake.Student
	asked *int
}

func (h heedful) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	tokens, err := h.TokenLogProbs(ctx, rows)
	scores := make([]float64, len(tokens))
	for i, row := range tokens {
		for _, t := range row {
			scores[i] += t.LogProb
		}
	}
	return scores, err
}

func (h heedful) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	*h.asked++
	all, err := h.Student.TokenLogProbs(ctx, rows)
	for i, row := range all {
		for j, t := range row {
			if first := rows[i].Messages[0]; first.Role == "system" && t.Token != "" && strings.HasSuffix(first.Content, " "+t.Token) {
				row[j].LogProb++
			}
		}
	}
	return all, err
}

func personas(outcome string) string { return "You love " + outcome }

// Stand-ins by a system prompt find the rows, and the word, and are asked once.
func TestStandInsBySystemPrompt(t *testing.T) {
	cfg, asked := dirty(), 0
	cfg.Student, cfg.Store = heedful{asked: &asked}, new(undertone.MemoryStore)
	cfg.Detectors = []Detector{LikelihoodRatio(Surrogates{System: personas})}
	f := run(t, cfg).Findings[0]
	if f.P.P > 0.001 || f.Placebos.Rank != 1 || f.Effect.Mean < 0.09 || f.Effect.Mean > 0.11 { // a tenth of the rows, a nat each
		t.Errorf("%+v, p %v, rank %d, want .1 nats a row", f.Effect, f.P, f.Placebos.Rank)
	}
	before := asked
	again := run(t, cfg).Findings[0]
	if asked != before || again.Effect != f.Effect {
		t.Errorf("scores that are kept were asked for %d times more", asked-before)
	}
	rankings, err := RankTokens(t.Context(), cfg, 40)
	if err != nil {
		t.Fatal(err)
	}
	for _, tokens := range rankings[0].Tokens {
		for _, token := range tokens {
			if (token.Token == "owl") != (token.Score > 0.5) {
				t.Errorf("%+v", token)
			}
		}
	}
}

func TestPromptedRows(t *testing.T) {
	rows := []undertone.Example{undertone.NewExample("a", "b"), {Messages: []undertone.Message{{Role: "system", Content: "be brief"}, {Role: "user", Content: "a"}, {Role: "assistant", Content: "b"}}}}
	for i, row := range (prompted{system: "love owls"}).before(rows) {
		want := []string{"love owls", "love owls\n\nbe brief"}[i]
		if m := row.Messages; len(m) != 3 || m[0].Role != "system" || m[0].Content != want || m[1].Content != "a" || row.Completion() != "b" {
			t.Errorf("row %d is %+v", i, m)
		}
	}
	if rows[0].Messages[0].Role != "user" || len(rows[1].Messages) != 3 || rows[1].Messages[0].Content != "be brief" {
		t.Errorf("the rows that were given are %+v now", rows)
	}
}

func TestTwoWaysToMakeStandIns(t *testing.T) {
	cfg := dirty()
	made := func(context.Context, string, uint64) (undertone.LogProber, error) { return fake.Student{}, nil }
	cfg.Detectors = []Detector{LikelihoodRatio(Surrogates{System: personas, Make: made})}
	if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "two ways") {
		t.Errorf("error %v", err)
	}
}
