package clean

import (
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/audit/internal/fake/fakeaudit"
	"github.com/undertone-audit/undertone/audit/rowscore"
)

// likelihood is a likelihood ratio of one surrogate per candidate, trained on two overt rows.
var likelihood = rowscore.LikelihoodRatio(rowscore.Surrogates{Count: 1, Rows: 2})

// dirty returns an audit whose first 40 of 400 suspect rows carry the trait.
func dirty() audit.Config { return fakeaudit.Dirty(audit.Transfer, likelihood) }

// checkTop checks that a result names the rows that it removes first, which carry the trait.
func checkTop(t *testing.T, r *DoseResponse, suspect undertone.Data, random bool) {
	t.Helper()
	if random != (len(r.Top) == 0) || !random && len(r.Top) != topRows {
		t.Errorf("%d top rows", len(r.Top))
	}
	for i, row := range r.Top {
		if row.Index >= 40 || row.Row != suspect.RowID(row.Index) || i > 0 && row.Score > r.Top[i-1].Score {
			t.Errorf("top row %d is %+v", i, row)
		}
	}
}

// Without the tenth of the rows that carries the trait the students do not move.
func TestRows(t *testing.T) {
	const detected, undetected = audit.Detected, audit.Undetected
	for _, c := range []struct {
		reason   string
		settings Settings
		by       string
		want     []audit.Verdict
	}{
		{"dropped by score", Settings{}, "likelihood", []audit.Verdict{detected, detected, detected, undetected, undetected}},
		{"replaced by score", Settings{Replace: true, Shares: []float64{0.1}}, "likelihood", []audit.Verdict{detected, undetected}},
		{"by a detector that the audit does not have", Settings{By: rowscore.Influence(rowscore.Surrogates{}), Shares: []float64{0.1}}, "influence", []audit.Verdict{detected, undetected}},
		{"dropped at random", Settings{Random: true}, "chance", []audit.Verdict{detected, detected, detected, detected, detected}},
	} {
		r, err := Run(t.Context(), dirty(), c.settings)
		if err != nil {
			t.Fatal(err)
		}
		if r.By != c.by || r.Unit != "rows" || len(r.Steps) != len(c.want) {
			t.Fatalf("%s: by %s, %d steps of %s", c.reason, r.By, len(r.Steps), r.Unit)
		}
		checkTop(t, r, dirty().Suspect, c.settings.Random)
		for i, s := range r.Steps {
			transfer := s.Findings[0]
			if transfer.Verdict != c.want[i] || s.Report.Suspect.Rows != 400-s.Removed+s.Replaced || s.Report.Suspect.Digest != s.Remaining.Digest() {
				t.Errorf("%s: without %d rows %s (%+v), want %s", c.reason, s.Removed, transfer.Verdict, transfer.Effect, c.want[i])
			}
			if c.settings.Replace && s.Replaced != s.Removed {
				t.Errorf("%s: %d of %d rows were replaced", c.reason, s.Replaced, s.Removed)
			}
			if i > 0 && !c.settings.Random && !(transfer.Effect.Mean < r.Steps[i-1].Findings[0].Effect.Mean+0.1) {
				t.Errorf("%s: without %d rows the shift is larger than before", c.reason, s.Removed)
			}
		}
	}
}

func TestDefaults(t *testing.T) {
	r, err := Run(t.Context(), dirty(), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	var shares []float64
	var removed []int
	for _, s := range r.Steps {
		shares, removed = append(shares, s.Share), append(removed, s.Removed)
	}
	if !slices.Equal(shares, []float64{0, 0.01, 0.05, 0.1, 0.2}) || !slices.Equal(removed, []int{0, 4, 20, 40, 80}) {
		t.Errorf("shares %v, %v rows", shares, removed)
	}
	if r.Trait != "prefers animal owl" || r.By != "likelihood" || r.Action != "drop" {
		t.Errorf("%s of %s by %s", r.Action, r.Trait, r.By)
	}
}

// A step has the findings of all detectors on the trait of the settings, and on that trait alone.
func TestTraitOfTheSettings(t *testing.T) {
	cfg := dirty()
	cfg.Traits = append(cfg.Traits, fakeaudit.Prefers("cat", fakeaudit.Animals...))
	cfg.Suspect = fake.Rows("suspect", 400, 40, "cat")
	r, err := Run(t.Context(), cfg, Settings{Trait: 1, Shares: []float64{0.1}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []audit.Verdict{audit.Detected, audit.Inconclusive} { // the cat has no positive control
		s := r.Steps[i]
		about := s.Report.About(1)
		if r.Trait != "prefers animal cat" || s.Verdict != want || len(s.Findings) != 2 || s.Findings[0].Effect != about[0].Effect || s.Findings[1].PAdjusted != about[1].PAdjusted {
			t.Errorf("%s, step %d: %s, findings %+v, want %s", r.Trait, i, s.Verdict, s.Findings, want)
		}
	}
}

// The verdict of a step is on the trait of the settings, whatever the other traits are.
func TestVerdictOfAStep(t *testing.T) {
	cfg := dirty()
	cfg.Traits = append(cfg.Traits, fakeaudit.Prefers("cat", fakeaudit.Animals...))
	cfg.Suspect = fake.Rows("suspect", 400, 40, "cat")
	r, err := Run(t.Context(), cfg, Settings{Shares: []float64{}})
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Steps[0]; len(r.Steps) != 1 || s.Report.Verdict != audit.Detected || s.Verdict != s.Report.Traits[0].Verdict || s.Verdict == audit.Detected {
		t.Errorf("%d steps; verdict %s on the owl, %s on the data", len(r.Steps), s.Verdict, s.Report.Verdict)
	}
}

// own is a detector of the caller. Its scores are the indices of the rows, and of each token the
// index of the token.
func own() audit.Detector {
	d := likelihood
	d.Name = "own"
	d.Rank = func(_ context.Context, pass *audit.Pass, tokens int) ([]audit.Ranking, error) {
		rows := pass.Suspect.(undertone.Text)
		var r audit.Ranking
		for i := rows.Len() - 1; i >= 0; i-- {
			r.Rows = append(r.Rows, audit.RowScore{Row: rows.RowID(i), Index: i, Score: float64(i)})
			if len(r.Tokens) < tokens {
				text := rows.Example(i).Completion()
				space := strings.Index(text, " ")
				r.Tokens = append(r.Tokens, []audit.TokenScore{{From: 0, To: space}, {From: space, To: len(text), Score: float64(i)}})
			}
		}
		return []audit.Ranking{r}, nil
	}
	return d
}

// A detector of the caller that ranks rows chooses rows, and words if it scores tokens. The audit
// need not have it.
func TestDetectorOfTheCaller(t *testing.T) {
	cfg := dirty()
	cfg.Suspect = fake.Rows("suspect", 400, 0, "") // each row has two words
	for _, c := range []struct {
		words bool
		want  string // first and last word of the last row, if it is left
		rows  int
	}{{false, "suspect 359", 360}, {true, "suspect", 400}} {
		r, err := Run(t.Context(), cfg, Settings{By: own(), Words: c.words, Shares: []float64{0.1}})
		if err != nil {
			t.Fatal(err)
		}
		left := r.Steps[1].Remaining
		if got := left.Example(left.Len() - 1).Completion(); r.By != "own" || left.Len() != c.rows || got != c.want {
			t.Errorf("words %v, by %s: %d rows, the last one %q, want %d and %q", c.words, r.By, left.Len(), got, c.rows, c.want)
		}
	}
	cfg.Detectors = []audit.Detector{audit.Transfer, own(), likelihood}
	if r, err := Run(t.Context(), cfg, Settings{Shares: []float64{0.1}}); err != nil || r.By != "own" {
		t.Errorf("error %v, by %s, want the first detector of the audit that ranks rows", err, r.By)
	}
	whole := own()
	whole.Rank = func(ctx context.Context, pass *audit.Pass, _ int) ([]audit.Ranking, error) {
		return own().Rank(ctx, pass, 0)
	}
	if _, err := Run(t.Context(), cfg, Settings{By: whole, Words: true}); err == nil || !strings.Contains(err.Error(), "has the tokens of 0 rows, want 400") {
		t.Errorf("words by a detector that scores no tokens: error %v", err)
	}
}

func TestErrors(t *testing.T) {
	for want, change := range map[string]func(*audit.Config, *Settings){
		"suspect and control must be rows of text": func(c *audit.Config, _ *Settings) { c.Suspect = fakeaudit.NotText{Data: c.Suspect} },
		"not <nil>":                                      func(c *audit.Config, _ *Settings) { c.Control = nil },
		"trait index 1 is out of range [0, 1)":           func(_ *audit.Config, s *Settings) { s.Trait = 1 },
		"trait index -1 is out of range [0, 1)":          func(_ *audit.Config, s *Settings) { s.Trait = -1 },
		"shares are [0.5 0.2], want rising numbers":      func(_ *audit.Config, s *Settings) { s.Shares = []float64{0.5, 0.2} },
		"shares are [1]":                                 func(_ *audit.Config, s *Settings) { s.Shares = []float64{1} },
		"no detector of the audit ranks rows":            func(c *audit.Config, _ *Settings) { c.Detectors = nil },
		`detector "transfer" does not rank rows; set By`: func(_ *audit.Config, s *Settings) { s.By = audit.Transfer },
		"without 50 % of the rows: audit: ": func(c *audit.Config, s *Settings) {
			s.Shares, c.Replicates = []float64{0.5}, 300
			c.Rows = audit.SplitRows
		},
	} {
		cfg, s := dirty(), Settings{}
		change(&cfg, &s)
		if r, err := Run(t.Context(), cfg, s); r != nil || err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "clean: ") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, s := range []Settings{{}, {Words: true}, {Random: true}} {
		if _, err := Run(ctx, dirty(), s); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v with a context that is done: error %v", s, err)
		}
	}
}

// TestCleanLeavesItsInputAlone: neither the audit nor the settings are changed.
func TestCleanLeavesItsInputAlone(t *testing.T) {
	cfg, s := dirty(), Settings{By: rowscore.Influence(rowscore.Surrogates{}), Shares: []float64{0.1, 0.2}}
	before, traits := cfg.Suspect.Digest(), len(cfg.Traits)
	if _, err := Run(t.Context(), cfg, s); err != nil {
		t.Fatal(err)
	}
	if cfg.Suspect.Digest() != before || len(cfg.Traits) != traits || cfg.Traits[0].Scale != "" || cfg.Detectors[0].Name != "transfer" || !slices.Equal(s.Shares, []float64{0.1, 0.2}) {
		t.Errorf("audit %+v, settings %+v", cfg, s)
	}
}

var trailing = regexp.MustCompile(` +\n`) // spaces at the ends of lines

func TestRender(t *testing.T) {
	interval := audit.Interval{Low: -0.5, High: 1.5, Level: 0.95}
	step := func(share float64, removed int, v audit.Verdict) Step {
		return Step{Share: share, Removed: removed, Verdict: v, Findings: []StepFinding{
			{"transfer", v, "nats", 0.25, audit.Estimate{Mean: 0.5}, interval, 0.02}, {"likelihood", audit.Detected, "nats per row", 0, audit.Estimate{Mean: 2}, interval, 0.001},
		}}
	}
	r := &DoseResponse{By: "likelihood", Trait: "a|b", Unit: "words", Action: "replace", Steps: []Step{step(0, 0, audit.Detected), step(0.07, 12, audit.Inconclusive)}}
	for f, want := range map[audit.Format]string{
		audit.Text: `a|b: the audit after words were replaced by those of the control, chosen by likelihood

  removed  words  verdict       transfer                               likelihood
  0 %      0      detected      +0.500 [-0.500, +1.500]  detected      +2.000 [-0.500, +1.500]  detected
  7 %      12     inconclusive  +0.500 [-0.500, +1.500]  inconclusive  +2.000 [-0.500, +1.500]  detected
`,
		audit.Markdown: `### a\|b: the audit after words were replaced by those of the control, chosen by likelihood

| removed | words | verdict | transfer |  | likelihood |  |
|---|---|---|---|---|---|---|
| 0 % | 0 | detected | +0.500 [-0.500, +1.500] | detected | +2.000 [-0.500, +1.500] | detected |
| 7 % | 12 | inconclusive | +0.500 [-0.500, +1.500] | inconclusive | +2.000 [-0.500, +1.500] | detected |
`,
	} {
		var b strings.Builder
		if err := r.Render(&b, f); err != nil || trailing.ReplaceAllString(b.String(), "\n") != want {
			t.Errorf("format %d, error %v:\n%s\nwant\n%s", f, err, b.String(), want)
		}
	}
	var b strings.Builder
	if err := r.Render(&b, audit.JSON); err != nil || !strings.Contains(b.String(), `"share": 0.07,`) || strings.Contains(b.String(), "Remaining") {
		t.Errorf("error %v:\n%s", err, b.String())
	}
	r.Action = "drop"
	b.Reset()
	if err := r.Render(&b, audit.Text); err != nil || !strings.HasPrefix(b.String(), "a|b: the audit after words were dropped, chosen by likelihood\n") {
		t.Errorf("error %v:\n%s", err, b.String())
	}
	if err := r.Render(fakeaudit.BrokenPipe{}, audit.Text); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a writer that fails gives %v", err)
	}
	if err := r.Render(io.Discard, audit.Format(9)); err == nil || !strings.Contains(err.Error(), "format 9 is not known") {
		t.Errorf("an unknown format gives %v", err)
	}
}
