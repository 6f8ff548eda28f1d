package rowscore

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
)

var nulls = flag.Int("nulls", 20, "audits of each cell of TestCalibration")

// source describes trait-free rows. A surrogate moves the log-likelihood of a row by one draw for
// each of its words and one for its end, so rows that share a word are dependent.
type source struct {
	name    string
	rows    int
	prompts int                  // different prompts; 0: each row has its own
	copies  int                  // of each row; 0: one
	field   string               // of the conversation of a row, if there are conversations
	turns   int                  // rows of a conversation, which share a word
	lengths func(*rand.Rand) int // how often a row has its word; nil: once
	keep    func(length int) bool
	extra   []string // words of all rows
}

func (s source) make(rng *rand.Rand) *undertone.Dataset {
	copies, turns, lengths := max(s.copies, 1), max(s.turns, 1), s.lengths
	if lengths == nil {
		lengths = func(*rand.Rand) int { return 1 }
	}
	var rows []undertone.Example
	for i := 0; len(rows) < s.rows; i++ {
		length := lengths(rng)
		if s.keep != nil && !s.keep(length) {
			continue
		}
		words := []string{fmt.Sprint(s.name, "-", i)}
		for range length {
			words = append(words, fmt.Sprint(s.name, "-topic-", i/turns))
		}
		prompt := i
		if s.prompts > 0 {
			prompt = i % s.prompts
		}
		row := undertone.NewExample(fmt.Sprint("prompt ", prompt), strings.Join(append(words, s.extra...), " "))
		if s.field != "" {
			row.Meta = map[string]json.RawMessage{s.field: json.RawMessage(strconv.Itoa(i / turns))}
		}
		for range copies {
			rows = append(rows, row)
		}
	}
	return undertone.NewDataset(s.name, rows)
}

// pareto returns a number with heavy tails: P(> n) = 1/n, at most 50.
func pareto(rng *rand.Rand) int { return min(50, int(1/(1-rng.Float64()))) }

func upTo10(rng *rand.Rand) int { return 1 + rng.IntN(10) }

// TestCalibration: if no row carries a trait, p is at most alpha in at most alpha of the audits,
// within two standard errors, or within four for fewer than 400 audits. A trait is detected at that
// rate at most, also if the arms differ in words that are unrelated to the trait.
// experiments/README.md holds the rates of 400 audits per cell:
//
//	go test ./audit/rowscore -run TestCalibration -v -nulls 400
func TestCalibration(t *testing.T) {
	runs, allowed := *nulls, 2.0
	if testing.Short() {
		runs = 20
	}
	switch {
	case runs < 50:
		allowed = 5
	case runs < 400:
		allowed = 4
	}
	both := func(s source) [2]source {
		a, b := s, s
		a.name, b.name = "suspect", "control"
		return [2]source{a, b}
	}
	short := func(length int) bool { return length <= 6 }
	for stream, c := range []struct {
		name  string
		arms  [2]source
		drift bool // the arms differ in words, so p may be small
	}{
		{"independent rows", both(source{rows: 100}), false},
		{"each row twice", both(source{rows: 100, copies: 2}), false},
		{"each row ten times", both(source{rows: 300, copies: 10}), false},
		{"each suspect row ten times", [2]source{{name: "suspect", rows: 300, copies: 10}, {name: "control", rows: 30}}, false},
		{"40 prompts", both(source{rows: 120, prompts: 40}), false},
		{"16 conversations", both(source{rows: 96, field: "conversation_id", turns: 6}), false},
		{"one suspect row, five control rows per prompt", [2]source{{name: "suspect", rows: 40, prompts: 40}, {name: "control", rows: 200, prompts: 40}}, false},
		{"filtered by length", both(source{rows: 100, lengths: upTo10, keep: short}), false},
		{"heavy tails", both(source{rows: 100, lengths: pareto}), false},
		{"layout alone differs", [2]source{{name: "suspect", rows: 100, extra: []string{";"}}, {name: "control", rows: 100, extra: []string{","}}}, true},
		{"one arm filtered by length", [2]source{{name: "suspect", rows: 100, lengths: upTo10, keep: short}, {name: "control", rows: 100, lengths: upTo10}}, true},
		{"drift of eight words", [2]source{{name: "suspect", rows: 100, extra: strings.Fields("a b c d")}, {name: "control", rows: 100, extra: strings.Fields("e f g h")}}, true},
	} {
		for _, d := range []audit.Detector{likelihood, byInfluence, InfluenceBy(AdamStep)} {
			t.Run(c.name+"/"+d.Name, func(t *testing.T) {
				small, found := 0, 0
				for run := range runs {
					rng := rand.New(rand.NewPCG(uint64(run), uint64(100+stream)))
					cfg := fakeaudit.Scene(0, d)
					cfg.Suspect, cfg.Control = c.arms[0].make(rng), c.arms[1].make(rng)
					cfg.Student = fake.Student{Slope: 1, Noise: 0.3, Rows: 1, Drift: 1, Seed: uint64(run)}
					cfg.Traits[0].PositiveControl, cfg.Traits[0].Tolerance = nil, 1e-9
					cfg.Seed, cfg.AcceptConfounds = uint64(run), names()
					f := fakeaudit.Run(t, cfg).Findings[0]
					if f.P.P <= 0.05 {
						small++
					}
					if f.Verdict == audit.Detected {
						found++
					}
				}
				t.Logf("| %s | %s | %.3f | %.3f |", c.name, d.Name, float64(small)/float64(runs), float64(found)/float64(runs))
				limit := (0.05 + allowed*math.Sqrt(0.05*0.95/float64(runs))) * float64(runs)
				if float64(found) > limit || float64(small) > limit && !c.drift {
					t.Errorf("p <= .05 in %d and detected in %d of %d trait-free audits, want at most %.1f", small, found, runs, limit)
				}
			})
		}
	}
}

// names returns the names of all checks of the confound gate, which these audits accept.
func names() (all []string) {
	for _, n := range confound.Names() {
		all = append(all, string(n))
	}
	return all
}
