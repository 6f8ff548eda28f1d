package lineage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/internal/generate"
)

// BehaviourTest compares the beginnings of greedy answers to prompts.
//
// Statistic: the number of prompts on which the first word, number or sign of both answers is the
// same, and Cohen's kappa, (agreement − chance)/(1 − chance), where chance is the mean agreement if
// the answers of one model are exchanged among the prompts (Cohen, Educational and Psychological
// Measurement 20, 1960).
//
// Null: the answers of one model are independent of those of the other, given how often each model
// gives each answer. The p-value is that of random exchanges of the answers among the prompts. It
// is one-sided. A small p-value says that both models respond to the prompts alike. Every two
// models that learnt the same language do so to a degree, so the test asks for kappa of at least
// MinKappa. The comparison of next tokens on random prompts is that of Nikolić, Baluta & Saxena,
// Model Provenance Testing for Large Language Models (NeurIPS 2025).
type BehaviourTest struct {
	Prompts int          `json:"prompts"`
	From    string       `json:"from"`   // what the prompts are
	Agree   int          `json:"agree"`  // prompts
	Chance  float64      `json:"chance"` // expected share of agreement after exchanges
	Kappa   float64      `json:"kappa"`
	Low     float64      `json:"low"`  // 95 % score interval of kappa
	High    float64      `json:"high"` //
	P       stats.PValue `json:"p"`
}

// MinKappa is the smallest agreement that is called a match. The lower end of the interval must
// reach it.
const MinKappa = 0.4

// behaviourLevel is the largest p-value of a match.
const behaviourLevel = 0.001

// DefaultPrompts is the number of prompts of a comparison unless the caller gives prompts.
const DefaultPrompts = 400

const (
	answerTokens = 6
	askedAtOnce  = 64
	exchanges    = 9999
)

// testBehaviour asks both models.
func testBehaviour(ctx context.Context, a, b undertone.Model, prompts []string) (*BehaviourTest, error) {
	first, err := ask(ctx, a, prompts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Name(), err)
	}
	second, err := ask(ctx, b, prompts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return agreement(first, second), nil
}

// ask returns the beginning of the answer to each prompt.
func ask(ctx context.Context, m undertone.Model, prompts []string) ([]string, error) {
	requests := make([]undertone.Request, len(prompts))
	for i, p := range prompts {
		requests[i] = undertone.Request{Messages: []undertone.Message{{Role: "user", Content: p}}, MaxTokens: answerTokens}
	}
	starts := make([]string, 0, len(prompts))
	for len(requests) > 0 {
		n := min(askedAtOnce, len(requests))
		responses, err := generate.All(ctx, m, requests[:n])
		if err != nil {
			return nil, err
		}
		for _, r := range responses {
			starts = append(starts, start(r.Text))
		}
		requests = requests[n:]
	}
	return starts, nil
}

// start returns the first word, number or other sign of a text.
func start(text string) string {
	text = strings.TrimSpace(text)
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for i, r := range text {
		switch {
		case word(r):
		case i == 0:
			return string(r)
		default:
			return text[:i]
		}
	}
	return text
}

// agreement compares answers to the same prompts.
func agreement(a, b []string) *BehaviourTest {
	n := len(a)
	t := &BehaviourTest{Prompts: n}
	counts := map[string][2]int{}
	for i := range a {
		if a[i] == b[i] {
			t.Agree++
		}
		c := counts[a[i]]
		c[0]++
		counts[a[i]] = c
		c = counts[b[i]]
		c[1]++
		counts[b[i]] = c
	}
	total := 0
	for _, c := range counts {
		total += c[0] * c[1]
	}
	t.Chance = float64(total) / float64(n) / float64(n)
	share := stats.WilsonInterval(t.Agree, n, 0.95)
	if t.Chance < 1 {
		kappa := func(share float64) float64 { return (share - t.Chance) / (1 - t.Chance) }
		t.Kappa, t.Low, t.High = kappa(share.Mean), kappa(share.Low), kappa(share.High)
	}
	tail := stats.NewTail(float64(t.Agree), float64(n))
	rng := rand.New(rand.NewPCG(1, 0x6167726565))
	exchanged := append([]string{}, b...)
	for range exchanges {
		rng.Shuffle(n, func(i, j int) { exchanged[i], exchanged[j] = exchanged[j], exchanged[i] })
		same := 0
		for i := range a {
			if a[i] == exchanged[i] {
				same++
			}
		}
		tail.Add(float64(same))
	}
	t.P = tail.MonteCarlo()
	return t
}

// matched reports whether the models answer alike.
func (t *BehaviourTest) matched() bool { return t.P.P <= behaviourLevel && t.Low >= MinKappa }

// differ reports whether the models answer less alike than a match.
func (t *BehaviourTest) differ() bool { return t.High < MinKappa }
