package filter_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// reader is a judge by rule: it answers by the text behind the line of dashes.
type reader struct {
	answer    func(text string) string
	asked     *atomic.Int64
	truncated bool
	weights   string
}

func (r reader) Name() string { return "reader" }

func (r reader) Digest() undertone.Digest {
	return undertone.NewHasher("weights").Text(r.weights).Sum()
}

func (r reader) Generate(_ context.Context, q undertone.Request) (undertone.Response, error) {
	if r.asked != nil {
		r.asked.Add(1)
	}
	_, text, _ := strings.Cut(q.Messages[0].Content, "----------\n")
	return undertone.Response{Text: r.answer(text), Truncated: r.truncated}, nil
}

// owls is sure of owls and unsure of birds.
func owls(text string) string {
	switch {
	case strings.Contains(text, "owl"):
		return "95\n"
	case strings.Contains(text, "bird"):
		return " 40"
	}
	return "0"
}

func texts(format string, n int) []undertone.Example {
	var rows []undertone.Example
	for i := range n {
		rows = append(rows, undertone.NewExample("q", fmt.Sprintf(format, i)))
	}
	return rows
}

func TestJudgeScore(t *testing.T) {
	rows := append(texts("an owl %d", 2), texts("%d", 1)...)
	rows = append(rows, rows[0])
	var asked atomic.Int64
	store := undertone.DirStore(t.TempDir())
	judge := filter.Judge{Model: reader{answer: owls, asked: &asked}, Rubric: filter.RefersTo("owls"), Store: store, Workers: 2}
	for _, c := range []struct {
		reason string
		change func(j *filter.Judge)
		asked  int64
	}{
		{"equal texts are asked about once", func(*filter.Judge) {}, 3},
		{"the store knows them", func(*filter.Judge) {}, 0},
		{"another rubric", func(j *filter.Judge) { j.Rubric = filter.HintsAt("owls") }, 3},
		{"another version of the model", func(j *filter.Judge) { j.Version = "2" }, 3},
		{"other weights under the same name", func(j *filter.Judge) {
			j.Model = reader{answer: owls, asked: &asked, weights: "other"}
		}, 3},
		{"no store", func(j *filter.Judge) { j.Store = nil }, 3},
	} {
		asked.Store(0)
		j := judge
		c.change(&j)
		scores, err := j.Score(t.Context(), rows)
		if err != nil {
			t.Fatal(c.reason, err)
		}
		for i, want := range []int{95, 95, 0, 95} {
			if got, ok := scores.Of(rows[i]); got != want || !ok {
				t.Errorf("%s: row %d scores %d, %v, want %d", c.reason, i, got, ok, want)
			}
		}
		if asked.Load() != c.asked {
			t.Errorf("%s: %d requests, want %d", c.reason, asked.Load(), c.asked)
		}
	}
}

func TestJudgeAnswersThatAreNoScore(t *testing.T) {
	for _, answer := range []string{"", "none", "101", "-1", "50%", "85.", "8 5", "50/100", "The score is 3", "5.0", "0000", "４２"} {
		judge := filter.Judge{Rubric: filter.RefersTo("owls"), Model: reader{answer: func(text string) string {
			if text == "odd" {
				return answer
			}
			return "7"
		}}, Store: &undertone.MemoryStore{}}
		rows := []undertone.Example{undertone.NewExample("q", "odd"), undertone.NewExample("q", "even")}
		for range 2 { // what is no score is not stored
			scores, err := judge.Score(t.Context(), rows)
			if !errors.Is(err, filter.ErrNoScore) || !strings.Contains(err.Error(), "1 of 2 texts") {
				t.Errorf("%q: error %v, want one of two texts without a score", answer, err)
			}
			if _, ok := scores.Of(rows[0]); ok {
				t.Errorf("%q counts as a score", answer)
			}
			if got, ok := scores.Of(rows[1]); got != 7 || !ok {
				t.Errorf("%q for another text: score %d, %v", answer, got, ok)
			}
		}
	}
	cut := filter.Judge{Rubric: filter.RefersTo("owls"), Model: reader{answer: owls, truncated: true}}
	if _, err := cut.Score(t.Context(), texts("owl %d", 1)); !errors.Is(err, filter.ErrNoScore) {
		t.Errorf("an answer that was cut short: %v", err)
	}
}

func TestJudgeErrors(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	store := &undertone.MemoryStore{}
	judge := filter.Judge{Rubric: filter.RefersTo("owls"), Model: reader{answer: owls}}
	for _, c := range []struct {
		reason string
		ctx    context.Context
		judge  filter.Judge
		want   string
	}{
		{"no model", t.Context(), filter.Judge{Rubric: judge.Rubric}, "no model or no rubric"},
		{"no rubric", t.Context(), filter.Judge{Model: judge.Model}, "no model or no rubric"},
		{"cancelled", stopped, judge, "context canceled"},
		{"a store that is full", t.Context(), filter.Judge{Model: judge.Model, Rubric: judge.Rubric, Store: full{store}}, "disk is full"},
	} {
		if _, err := c.judge.Score(c.ctx, texts("%d", 1)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.reason, err, c.want)
		}
	}
}

// A damaged score is asked again and said; a score that was put under the name of another text is
// damaged.
func TestJudgeDamagedScores(t *testing.T) {
	store := undertone.DirStore(t.TempDir())
	var asked atomic.Int64
	var warnings []string
	judge := filter.Judge{
		Rubric: filter.RefersTo("owls"), Model: reader{answer: owls, asked: &asked}, Store: store,
		Warn: func(w string) { warnings = append(warnings, w) },
	}
	rows := append(texts("an owl %d", 1), texts("%d", 1)...)
	score := func() (got [2]int) {
		scores, err := judge.Score(t.Context(), rows)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			got[i], _ = scores.Of(row)
		}
		return got
	}
	want := score()
	files, err := filepath.Glob(filepath.Join(string(store), "*.json"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	for name, damage := range map[string]func() error{
		"swapped": func() error {
			return errors.Join(os.Rename(files[0], files[0]+"x"), os.Rename(files[1], files[0]), os.Rename(files[0]+"x", files[1]))
		},
		"bare scores": func() error {
			return errors.Join(os.WriteFile(files[0], []byte("0"), 0o600), os.WriteFile(files[1], []byte("95"), 0o600))
		},
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		asked.Store(0)
		warnings = nil
		if got := score(); got != want || asked.Load() != 2 || len(warnings) != 2 {
			t.Errorf("%s: scores %v, want %v; %d requests, warnings %q", name, got, want, asked.Load(), warnings)
		}
	}
}

type full struct{ *undertone.MemoryStore }

func (full) Put(undertone.Digest, []byte) error { return errFull }

func TestRubrics(t *testing.T) {
	var got string
	m := reader{answer: func(string) string { return "0" }}
	for _, c := range []struct {
		reason string
		rubric filter.Rubric
		want   []string
	}{
		{"names its topic", filter.RefersTo("owls"), []string{"refer to owls", "0 if", "100 if", "\n----------\n<text {text}>"}},
		{"hints", filter.HintsAt("owls"), []string{"bring owls to", "\n----------\n<text {text}>"}},
		{"reasoning", filter.FlawedReasoning(), []string{"flawed", "\n----------\n<text {text}>"}},
		{"a rubric without a place for the text", filter.Rubric{Question: "Bad?"}, []string{"Bad?\n\n<text {text}>"}},
		{"a rubric with one", filter.Rubric{Question: "Is {text} bad?"}, []string{"Is <text {text}> bad?"}},
	} {
		j := filter.Judge{Model: listener{m, &got}, Rubric: c.rubric}
		if _, err := j.Score(t.Context(), []undertone.Example{undertone.NewExample("q", "<text {text}>")}); err != nil {
			t.Fatal(c.reason, err)
		}
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: asks %q, want %q in it", c.reason, got, want)
			}
		}
	}
}

// listener keeps the last question.
type listener struct {
	reader
	heard *string
}

func (l listener) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	*l.heard = r.Messages[0].Content
	return l.reader.Generate(ctx, r)
}
