package modeltest_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/modeltest"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/nplm"
)

// recorder is a testing.TB that keeps what was reported to it. It embeds another one for its
// context.
type recorder struct {
	testing.TB
	errors, logs []string
	fatal        string
}

func (r *recorder) Helper()                      {}
func (r *recorder) Logf(f string, a ...any)      { r.logs = append(r.logs, fmt.Sprintf(f, a...)) }
func (r *recorder) Errorf(f string, a ...any)    { r.errors = append(r.errors, fmt.Sprintf(f, a...)) }
func (r *recorder) Fatalf(f string, args ...any) { r.fatal = fmt.Sprintf(f, args...); runtime.Goexit() }

// test runs the suite on a recorder, in a goroutine of its own, which Fatalf ends.
func test(t *testing.T, m undertone.Model, o modeltest.Options) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		modeltest.Test(r, m, o)
	}()
	<-done
	return r
}

var options = modeltest.Options{
	Rows: []undertone.Example{
		undertone.NewExample("?", "a b"), undertone.NewExample("a?", "b"), undertone.NewExample("", "a"), undertone.NewExample("?", ""),
	},
	Answers: []string{"a", "b", "c a"},
	Refused: []undertone.Example{undertone.NewExample("?", "z")},
}

// good returns a model that passes.
func good(t *testing.T) *nplm.Model {
	t.Helper()
	v, err := nplm.NewVocabulary("a", "b", "c", "?")
	if err != nil {
		t.Fatal(err)
	}
	m, err := nplm.New(nplm.Config{Vocabulary: v, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	rows := undertone.NewDataset("rows", slices.Repeat(options.Rows, 50))
	trained, err := m.Train(t.Context(), rows, student.Recipe{LearningRate: 1e-2, Epochs: 4})
	if err != nil {
		t.Fatal(err)
	}
	return trained.(*nplm.Model)
}

func TestGoodModel(t *testing.T) {
	m := good(t)
	modeltest.Test(t, m, options)
	r := test(t, m, options)
	if len(r.errors) > 0 || r.fatal != "" || len(r.logs) > 0 {
		t.Errorf("errors %q, fatal %q, logs %q", r.errors, r.fatal, r.logs)
	}
}

// plain has the methods of undertone.Model alone.
type plain struct{ undertone.Model }

func TestWhatIsMissingIsLogged(t *testing.T) {
	r := test(t, plain{good(t)}, options)
	if len(r.errors) > 0 || r.fatal != "" {
		t.Errorf("errors %q, fatal %q", r.errors, r.fatal)
	}
	for _, name := range []string{"BatchGenerator", "LogProber", "TokenLogProber", "ChoiceScorer", "RowEncoder", "RowLogProber", "RowTokenLogProber", "Lineage"} {
		if !slices.ContainsFunc(r.logs, func(l string) bool { return strings.Contains(l, "not checked: "+name+":") }) {
			t.Errorf("it is not logged that the model is no %s: %q", name, r.logs)
		}
	}
}

func TestOptions(t *testing.T) {
	few := options
	few.Rows = few.Rows[:1]
	if r := test(t, good(t), few); !strings.Contains(r.fatal, "1 rows, want at least 2") {
		t.Errorf("fatal %q", r.fatal)
	}
	few = options
	few.Answers = nil
	if r := test(t, good(t), few); !strings.Contains(r.fatal, "0 answers, want at least 2") {
		t.Errorf("fatal %q", r.fatal)
	}
}

// flawed is a good model with something wrong. A nil function changes nothing.
type flawed struct {
	*nplm.Model
	generate func(undertone.Request, undertone.Response, error) (undertone.Response, error)
	batch    func([]undertone.Response, error) ([]undertone.Response, error)
	logProb  func([]undertone.Example, []float64, error) ([]float64, error)
	tokens   func([][]undertone.TokenLogProb, error) ([][]undertone.TokenLogProb, error)
	choices  func([]string, []float64, error) ([]float64, error)
	encode   func(undertone.Text, error) (undertone.Text, error)
	rows     func(from, to int, l []float64, err error) ([]float64, error)
	lineage  func() undertone.Digest
}

func (f flawed) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	got, err := f.Model.Generate(ctx, r)
	if f.generate != nil {
		return f.generate(r, got, err)
	}
	return got, err
}

func (f flawed) GenerateBatch(ctx context.Context, r []undertone.Request) ([]undertone.Response, error) {
	got, err := f.Model.GenerateBatch(ctx, r)
	if f.batch != nil {
		return f.batch(got, err)
	}
	return got, err
}

func (f flawed) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	got, err := f.Model.LogProb(ctx, rows)
	if f.logProb != nil {
		return f.logProb(rows, got, err)
	}
	return got, err
}

func (f flawed) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	got, err := f.Model.TokenLogProbs(ctx, rows)
	if f.tokens != nil {
		return f.tokens(got, err)
	}
	return got, err
}

func (f flawed) ChoiceLogProbs(ctx context.Context, prompt string, answers []string) ([]float64, error) {
	got, err := f.Model.ChoiceLogProbs(ctx, prompt, answers)
	if f.choices != nil {
		return f.choices(answers, got, err)
	}
	return got, err
}

func (f flawed) EncodeRows(ctx context.Context, rows undertone.Text) (undertone.Text, error) {
	got, err := f.Model.EncodeRows(ctx, rows)
	if f.encode != nil {
		return f.encode(got, err)
	}
	return got, err
}

func (f flawed) LogProbRows(ctx context.Context, rows undertone.Text, from, to int) ([]float64, error) {
	got, err := f.Model.LogProbRows(ctx, rows, from, to)
	if f.rows != nil {
		return f.rows(from, to, got, err)
	}
	return got, err
}

func (f flawed) Lineage() undertone.Digest {
	if f.lineage != nil {
		return f.lineage()
	}
	return f.Model.Lineage()
}

// renamed is encoded text under another name.
type renamed struct{ undertone.Text }

func (renamed) Name() string { return "another" }

// TestFlaws: every requirement is checked.
func TestFlaws(t *testing.T) {
	m := good(t)
	var calls atomic.Int64
	uncancelled := func(err error) error {
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	}
	for _, c := range []struct {
		reason string
		model  undertone.Model
		want   string // an error that the suite reports
	}{
		{"no name", m.Named(""), "Name: is empty"},
		{"a panic", flawed{Model: m, generate: func(undertone.Request, undertone.Response, error) (undertone.Response, error) { panic("oh") }}, "Generate: panics: oh"},
		{"a response that varies", flawed{Model: m, generate: func(_ undertone.Request, r undertone.Response, err error) (undertone.Response, error) {
			r.Text += fmt.Sprint(calls.Add(1))
			return r, err
		}}, "Generate: at temperature 0 and one seed the response is"},
		{"a modified request", flawed{Model: m, generate: func(q undertone.Request, r undertone.Response, err error) (undertone.Response, error) {
			if len(q.Messages) > 0 && q.Messages[0].Content != "x" {
				q.Messages[0].Content = "x"
			}
			return undertone.Response{}, nil
		}}, "Generate: the messages of the request are modified"},
		{"a context that is ignored", flawed{Model: m, generate: func(_ undertone.Request, r undertone.Response, err error) (undertone.Response, error) {
			return r, uncancelled(err)
		}}, "Generate: a cancelled context gives the error <nil>"},

		{"a batch with a response too few", flawed{Model: m, batch: func(r []undertone.Response, err error) ([]undertone.Response, error) {
			return r[:max(0, len(r)-1)], err
		}}, "BatchGenerator: 3 responses to 4 requests"},
		{"a batch in another order", flawed{Model: m, batch: func(r []undertone.Response, err error) ([]undertone.Response, error) {
			slices.Reverse(r)
			return r, err
		}}, "in the batch and"},
		{"a batch whose context is ignored", flawed{Model: m, batch: func(r []undertone.Response, err error) ([]undertone.Response, error) {
			return r, uncancelled(err)
		}}, "BatchGenerator: a cancelled context gives the error <nil>"},

		{"a score too few", flawed{Model: m, logProb: func(_ []undertone.Example, l []float64, err error) ([]float64, error) {
			return l[:max(0, len(l)-1)], err
		}}, "LogProber: 3 scores of 4 rows"},
		{"NaN", flawed{Model: m, logProb: func(_ []undertone.Example, l []float64, err error) ([]float64, error) {
			return slices.Repeat([]float64{math.NaN()}, len(l)), err
		}}, "LogProber: row 0 has the log-probability NaN"},
		{"a probability of 0", flawed{Model: m, logProb: func(_ []undertone.Example, l []float64, err error) ([]float64, error) {
			return slices.Repeat([]float64{math.Inf(-1)}, len(l)), err
		}}, "LogProber: row 0 has the log-probability -Inf"},
		{"losses in place of scores", flawed{Model: m, logProb: func(_ []undertone.Example, l []float64, err error) ([]float64, error) {
			for i := range l {
				l[i] = -l[i]
			}
			return l, err
		}}, "LogProber: row 0 has the log-probability"},
		{"scores in another order", flawed{Model: m, logProb: func(_ []undertone.Example, l []float64, err error) ([]float64, error) {
			slices.Sort(l)
			return l, err
		}}, "when the rows are reversed"},
		{"scores that depend on other rows", flawed{Model: m, logProb: func(_ []undertone.Example, l []float64, err error) ([]float64, error) {
			for i := range l {
				l[i] /= float64(len(l))
			}
			return l, err
		}}, "LogProber: row 0 has the score"},
		{"scores that vary", flawed{Model: m, logProb: func(_ []undertone.Example, l []float64, err error) ([]float64, error) {
			for i := range l {
				l[i] -= 1e-9 * float64(calls.Add(1))
			}
			return l, err
		}}, "LogProber: several goroutines get the scores"},
		{"modified rows", flawed{Model: m, logProb: func(rows []undertone.Example, l []float64, err error) ([]float64, error) {
			if len(rows) > 0 {
				rows[0].Rejected = "x"
			}
			return l, err
		}}, "LogProber: the rows are modified"},
		{"a bad answer that has a score", flawed{Model: m, logProb: func(rows []undertone.Example, l []float64, err error) ([]float64, error) {
			for i, row := range rows {
				if row.Label != nil && err == nil {
					l[i] = -1
				}
			}
			return l, err
		}}, "LogProber: a row with the label false has the score -1, want 0"},
		{"a refused row that has a score", flawed{Model: m, logProb: func(rows []undertone.Example, l []float64, err error) ([]float64, error) {
			if err != nil && !errors.Is(err, context.Canceled) {
				return make([]float64, len(rows)), nil
			}
			return l, err
		}}, "LogProber: the refused row 0 has a score"},
		{"scoring whose context is ignored", flawed{Model: m, logProb: func(_ []undertone.Example, l []float64, err error) ([]float64, error) {
			return l, uncancelled(err)
		}}, "LogProber: a cancelled context gives the error <nil>"},

		{"tokens that do not sum to the row", flawed{Model: m, tokens: func(l [][]undertone.TokenLogProb, err error) ([][]undertone.TokenLogProb, error) {
			for i := range l {
				l[i] = l[i][1:]
			}
			return l, err
		}}, "TokenLogProber: the tokens of row 0 sum to"},
		{"a token beyond the completion", flawed{Model: m, tokens: func(l [][]undertone.TokenLogProb, err error) ([][]undertone.TokenLogProb, error) {
			for i := range l {
				l[i][0].To = 100
			}
			return l, err
		}}, "token 0 writes the bytes [0, 100)"},
		{"tokens in another order", flawed{Model: m, tokens: func(l [][]undertone.TokenLogProb, err error) ([][]undertone.TokenLogProb, error) {
			for i := range l {
				slices.Reverse(l[i])
			}
			return l, err
		}}, "after a token that begins at"},
		{"a token of NaN", flawed{Model: m, tokens: func(l [][]undertone.TokenLogProb, err error) ([][]undertone.TokenLogProb, error) {
			for i := range l {
				l[i][0].LogProb = math.NaN()
			}
			return l, err
		}}, "TokenLogProber: token 0 has the log-probability NaN"},
		{"tokens of a row too few", flawed{Model: m, tokens: func(l [][]undertone.TokenLogProb, err error) ([][]undertone.TokenLogProb, error) {
			return l[:max(0, len(l)-1)], err
		}}, "TokenLogProber: tokens of 3 rows, want 4"},

		{"probabilities that sum to more than 1", flawed{Model: m, choices: func(_ []string, l []float64, err error) ([]float64, error) {
			return make([]float64, len(l)), err
		}}, "ChoiceScorer: the probabilities sum to 3"},
		{"choices in another order", flawed{Model: m, choices: func(_ []string, l []float64, err error) ([]float64, error) {
			slices.Sort(l)
			return l, err
		}}, "when the answers are reversed"},
		{"choices that depend on the other answers", flawed{Model: m, choices: func(_ []string, l []float64, err error) ([]float64, error) {
			total := 0.0
			for _, v := range l {
				total += math.Exp(v)
			}
			for i := range l {
				l[i] -= math.Log(total)
			}
			return l, err
		}}, "among others and [0] alone"},
		{"a choice too few", flawed{Model: m, choices: func(_ []string, l []float64, err error) ([]float64, error) {
			return l[:max(0, len(l)-1)], err
		}}, "ChoiceScorer: 2 log-probabilities of 3 answers"},
		{"a choice of probability 0", flawed{Model: m, choices: func(_ []string, l []float64, err error) ([]float64, error) {
			return slices.Repeat([]float64{math.Inf(-1)}, len(l)), err
		}}, "ChoiceScorer: answer 0 has the log-probability -Inf"},
		{"modified answers", flawed{Model: m, choices: func(answers []string, l []float64, err error) ([]float64, error) {
			for i := range answers {
				answers[i] = "x"
			}
			return l, err
		}}, "ChoiceScorer: the answers are modified"},
		{"choices whose context is ignored", flawed{Model: m, choices: func(_ []string, l []float64, err error) ([]float64, error) {
			return l, uncancelled(err)
		}}, "ChoiceScorer: a cancelled context gives the error <nil>"},

		{"encoded rows of another name", flawed{Model: m, encode: func(rows undertone.Text, err error) (undertone.Text, error) {
			if err != nil {
				return nil, err
			}
			return renamed{rows}, nil
		}}, `RowEncoder: encoded rows are "another"`},
		{"encoded rows in another order", flawed{Model: m, encode: func(rows undertone.Text, err error) (undertone.Text, error) {
			if err != nil || rows.Len() < 4 {
				return rows, err
			}
			return rows.Select([]int{0, 2, 1, 3}).(undertone.Text), nil
		}}, "RowEncoder: encoded row 1 is another row"},
		{"rows with an example that cannot be encoded", flawed{Model: m, encode: func(rows undertone.Text, err error) (undertone.Text, error) {
			if err == nil && rows.Name() == "refused" {
				return nil, errors.New("no such token")
			}
			return rows, err
		}}, "RowEncoder: rows that cannot be encoded: no such token"},

		{"rows of another range", flawed{Model: m, rows: func(from, to int, l []float64, err error) ([]float64, error) {
			if err == nil && from == 1 && to == 4 {
				l[0], l[2] = l[2], l[0]
			}
			return l, err
		}}, "[1, 4) have the scores"},
		{"rows out of range", flawed{Model: m, rows: func(_, _ int, l []float64, err error) ([]float64, error) {
			if err != nil && strings.Contains(err.Error(), "out of range") {
				err = nil
			}
			return l, err
		}}, "[0, 5) of 4 have scores"},
		{"scores of rows that differ in a bit", flawed{Model: m, rows: func(_, _ int, l []float64, err error) ([]float64, error) {
			for i := range l {
				l[i] = math.Nextafter(l[i], 0)
			}
			return l, err
		}}, "RowLogProber: "},

		{"no lineage", flawed{Model: m, lineage: func() undertone.Digest { return undertone.Digest{} }}, "Lineage: is not set"},
		{"a lineage that varies", flawed{Model: m, lineage: func() undertone.Digest {
			return undertone.NewHasher("x").Uint(uint64(calls.Add(1))).Sum()
		}}, "Lineage: is not set, or differs"},
	} {
		r := test(t, c.model, options)
		if !slices.ContainsFunc(r.errors, func(e string) bool { return strings.Contains(e, c.want) }) {
			t.Errorf("%s: the suite reports %q, want an error with %q", c.reason, r.errors, c.want)
		}
	}
}
