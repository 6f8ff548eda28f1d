package corpus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
)

func TestTooLittle(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 8))
	same := undertone.NewDataset("same", make([]undertone.Example, 100))
	for _, c := range []struct {
		reason           string
		suspect, control *undertone.Dataset
		says             string
	}{
		{"no rows", undertone.NewDataset("none", nil), undertone.NewDataset("none", nil), "needs at least 32 rows"},
		{"few rows", writer{}.write("a", 0, 20, 1, rng), writer{}.write("b", 0, 200, 1, rng), "has 20 suspect and 20 control"},
		{"many rows of one content", same, same, "too many rows share"},
	} {
		r := compare(t, c.suspect, c.control, fast(1))
		if r.Outcome != Inconclusive || !strings.Contains(strings.Join(r.Reasons, ""), c.says) {
			t.Errorf("%s: %v, %q, want %q", c.reason, r.Outcome, r.Reasons, c.says)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
}

func TestRefused(t *testing.T) {
	data := writer{}.write("a", 0, 40, 1, rand.New(rand.NewPCG(1, 9)))
	for _, c := range []struct {
		suspect undertone.Text
		config  Config
		says    string
	}{
		{nil, Config{}, "no data"},
		{data, Config{Bag: -1}, "bag of -1"},
		{data, Config{Folds: 1}, "1 folds"},
		{data, Config{Repeats: 101}, "101 repeats"},
		{data, Config{Permutations: -3}, "-3 permutations"},
		{data, Config{MaxRows: -1}, "at most -1"},
		{data, Config{Alpha: 1}, "alpha 1"},
		{data, Config{Margin: .5}, "margin 0.5"},
		{data, Config{Top: -1}, "top -1"},
	} {
		if _, err := Compare(context.Background(), c.suspect, data, c.config); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: error %v, want an error with %q", c.config, err, c.says)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Compare(ctx, data, data, fast(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a cancelled comparison", err)
	}
}

// The result has the same bits for every GOMAXPROCS, and survives JSON.
func TestDeterminism(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 10))
	a, b := writer{tilt: .2}.write("a", 0, 80, 1, rng), writer{}.write("b", 0, 80, 1, rng)
	one := compare(t, a, b, fast(1))
	for _, procs := range []int{1, 3} {
		before := runtime.GOMAXPROCS(procs)
		again := compare(t, a, b, fast(1))
		runtime.GOMAXPROCS(before)
		if !reflect.DeepEqual(one, again) {
			t.Errorf("GOMAXPROCS=%d: the result differs", procs)
		}
	}
	text, err := json.Marshal(one)
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*one, back) {
		t.Errorf("through JSON: %+v, want %+v", back, *one)
	}
}

// A difference of words in prose is detected and named.
func TestProse(t *testing.T) {
	tell := func(extra string, seed uint64) *undertone.Dataset {
		rng := rand.New(rand.NewPCG(seed, 11))
		words := strings.Fields("the a river stone light over under walks sees finds old new quiet green and then again slowly")
		var rows []undertone.Example
		for p := range 120 {
			var text []string
			for range 12 {
				text = append(text, words[rng.IntN(len(words))])
			}
			if rng.IntN(2) == 0 {
				text[rng.IntN(12)] = extra
			}
			rows = append(rows, undertone.NewExample(fmt.Sprint("story ", p), strings.Join(text, " ")+"."))
		}
		return undertone.NewDataset(extra, rows)
	}
	r := compare(t, tell("moonlit", 1), tell("sunlit", 2), fast(1))
	if r.Outcome != Distinguishable {
		t.Errorf("%v: %v", r.Outcome, r.Reasons)
	}
	if !strings.Contains(r.Features[0].Feature, "lit") {
		t.Errorf("first feature %+v, want one of the two words", r.Features[0])
	}
	for f, wants := range map[audit.Format][]string{
		audit.Text:     {"the arms are distinguishable by content, content given layout: ", "AUROC of bags of 4", "has the word", "not a trait"},
		audit.Markdown: {"## the arms are distinguishable by content, content given layout\n", "| channel | AUROC of rows | AUROC of bags of 4 |", "has the word", "not a trait"},
		audit.JSON:     {`"outcome": "distinguishable",`},
	} {
		var out bytes.Buffer
		if err := r.Render(&out, f); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(out.String(), want) {
				t.Errorf("format %d lacks %q:\n%s", f, want, &out)
			}
		}
	}
	if err := r.Render(io.Discard, audit.Format(9)); err == nil {
		t.Error("an unknown format is written")
	}
}

// A result without measurements is rendered, too.
func TestRenderOfATooSmallDesign(t *testing.T) {
	few := undertone.NewDataset("few", []undertone.Example{undertone.NewExample("a", "b")})
	r := compare(t, few, few, fast(1))
	for _, f := range []audit.Format{audit.Text, audit.Markdown, audit.JSON} {
		var out bytes.Buffer
		if err := r.Render(&out, f); err != nil || !strings.Contains(out.String(), "inconclusive") {
			t.Errorf("format %d: error %v:\n%s", f, err, &out)
		}
	}
}

func TestClassifier(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 12))
	bags := func(n int) (out []Bag) {
		for _, suspect := range []bool{true, false} {
			w := writer{}
			if suspect {
				w.tilt = .3
			}
			for range n {
				d := w.write("bag", -1, 8, 1, rng)
				b := Bag{Suspect: suspect}
				for _, e := range d.All() {
					b.Rows = append(b.Rows, e)
				}
				out = append(out, b)
			}
		}
		return out
	}
	c, err := Train(context.Background(), bags(40), Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Test(bags(100)); got.Low < .9 || got.Bag != 8 {
		t.Errorf("new bags: %+v", got)
	}
	if got := c.Score(); got != 0 {
		t.Errorf("an empty bag scores %v, want 0", got)
	}
	for _, few := range [][]Bag{nil, bags(40)[:40], bags(1)} {
		for i := range few {
			few[i].Rows = few[i].Rows[:1]
		}
		if _, err := Train(context.Background(), few, Config{}); err == nil || !strings.Contains(err.Error(), "needs") {
			t.Errorf("%d bags: error %v", len(few), err)
		}
	}
}

// No completion causes a panic.
func FuzzCompare(f *testing.F) {
	for _, seed := range []string{"1, 2, 3", "", "99999999999999999999, 1", "(1;2;3).", "é\xff\x00 words", "[1]", "0"} {
		f.Add(seed, "1, 2")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		rows := func(s string) *undertone.Dataset {
			var rows []undertone.Example
			for i := range 40 {
				rows = append(rows, undertone.NewExample("", s[:len(s)*i/40]+fmt.Sprint(i)))
			}
			return undertone.NewDataset("fuzz", rows)
		}
		r, err := Compare(context.Background(), rows(a), rows(b), Config{Bag: 2, Folds: 2, Permutations: 9})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
	})
}
