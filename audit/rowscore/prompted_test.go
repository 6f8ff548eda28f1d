package rowscore

import (
	"context"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

// obedient is a student that gives a word 1 nat more if the system prompt ends in it.
type obedient struct {
	fake.Student
	calls *int // of TokenLogProbs
}

func (o obedient) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	tokens, err := o.TokenLogProbs(ctx, rows)
	scores := make([]float64, len(tokens))
	for i, row := range tokens {
		for _, t := range row {
			scores[i] += t.LogProb
		}
	}
	return scores, err
}

func (o obedient) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	*o.calls++
	all, err := o.Student.TokenLogProbs(ctx, rows)
	for i, row := range all {
		for j, t := range row {
			if first := rows[i].Messages[0]; first.Role == "system" && t.Token != "" && strings.HasSuffix(first.Content, " "+t.Token) {
				row[j].LogProb++
			}
		}
	}
	return all, err
}

func persona(outcome string) string { return "You love " + outcome }

// obeying returns an audit by surrogates that are made by a system prompt, and counts the calls of
// the student. It runs on one goroutine.
func obeying() (audit.Config, *int) {
	calls := new(int)
	cfg := fakeaudit.Dirty(LikelihoodRatio(Surrogates{Kinds: []SurrogateKind{Prompted}, SystemPrompt: persona}))
	cfg.Student, cfg.Parallel = obedient{calls: calls}, 1
	return cfg, calls
}

// Surrogates by a system prompt find the rows and the word, and their scores are stored.
func TestSurrogatesBySystemPrompt(t *testing.T) {
	cfg, calls := obeying()
	cfg.Store = new(undertone.MemoryStore)
	f := fakeaudit.Run(t, cfg).Findings[0]
	if f.P.P > 0.001 || f.Placebos.Rank != 1 || f.Effect.Mean < 0.09 || f.Effect.Mean > 0.11 { // a tenth of the rows, 1 nat each
		t.Errorf("%+v, p %v, rank %d, want 0.1 nats per row", f.Effect, f.P, f.Placebos.Rank)
	}
	before := *calls
	again := fakeaudit.Run(t, cfg).Findings[0]
	if *calls != before || again.Effect != f.Effect {
		t.Errorf("%d more calls of the student for scores that are stored", *calls-before)
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

func TestSystemPromptOfARow(t *testing.T) {
	rows := []undertone.Example{
		undertone.NewExample("a", "b"),
		{Messages: []undertone.Message{{Role: "system", Content: "be brief"}, {Role: "user", Content: "a"}, {Role: "assistant", Content: "b"}}},
	}
	for i, row := range (prompted{system: "love owls"}).prepend(rows) {
		want := []string{"love owls", "love owls\n\nbe brief"}[i]
		if m := row.Messages; len(m) != 3 || m[0].Role != "system" || m[0].Content != want || m[1].Content != "a" || row.Completion() != "b" {
			t.Errorf("row %d is %+v", i, m)
		}
	}
	if rows[0].Messages[0].Role != "user" || len(rows[1].Messages) != 3 || rows[1].Messages[0].Content != "be brief" {
		t.Errorf("the rows of the caller were changed to %+v", rows)
	}
}
