package confound

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

func TestParseNames(t *testing.T) {
	if got, err := ParseNames([]string{"lengths", "layout"}); err != nil || !reflect.DeepEqual(got, []Name{Lengths, Layout}) {
		t.Errorf("%v, %v", got, err)
	}
	for name, want := range map[string]string{"format": `there is no confound check "format"; there are layout, lengths, `, "layout": `confound check "layout" is listed twice`} {
		if _, err := ParseNames([]string{"layout", name}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

func TestCompareErrors(t *testing.T) {
	rows, none := undertone.NewDataset("rows", []undertone.Example{undertone.NewExample("a", "b")}), undertone.NewDataset("none", nil)
	if _, err := Compare(t.Context(), rows, none, Settings{}); err == nil || err.Error() != "confound: an arm has no rows" {
		t.Errorf("no rows: %v", err)
	}
	if _, err := Compare(t.Context(), rows, rows, Settings{MaxRows: -1}); err == nil || err.Error() != "confound: -1 rows to compare, want >= 1" {
		t.Errorf("-1 rows: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Compare(ctx, rows, rows, Settings{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Rows without messages, with empty answers or with invalid UTF-8 are compared.
func TestCompareStrangeRows(t *testing.T) {
	strange := []undertone.Example{
		{}, undertone.NewExample("", ""), undertone.NewExample("\xff", "\xff\xfe"), undertone.NewExample("a", " \n\t "),
		undertone.NewExample("a", strings.Repeat("x", 1<<20)), undertone.NewExample("a", "```\n```"), undertone.NewExample("数", "猫が好き"),
		undertone.NewExample("a", "99999999999999999999999, 1"), undertone.NewExample("a", "0"), {Messages: []undertone.Message{{Role: "system", Content: "x"}}},
	}
	a, b := undertone.NewDataset("a", strange), undertone.NewDataset("b", strange[3:])
	for _, arms := range [][2]*undertone.Dataset{{a, b}, {b, a}, {a, a}} {
		if r := mustCompare(t, arms[0], arms[1], 1); len(r.Checks) != len(Names()) {
			t.Errorf("%d checks", len(r.Checks))
		}
	}
}

// The order of the rows, and a round trip through JSON, change nothing.
func TestCompareRepeats(t *testing.T) {
	suspect, control := designs[2].arms(source{comma: 0.3, words: 0.2}, source{}, 200, 1)
	want := mustCompare(t, suspect, control, 5)
	order := rand.New(rand.NewPCG(1, 1)).Perm(suspect.Len())
	if got := mustCompare(t, suspect.Select(order).(undertone.Text), control, 5); !reflect.DeepEqual(got, want) {
		t.Errorf("in another order:\n%+v\n%+v", got, want)
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var read Report
	if err := json.Unmarshal(text, &read); err != nil || !reflect.DeepEqual(&read, want) {
		t.Errorf("%v: %+v", err, read)
	}
}

// A sample holds whole prompts, the same in both arms, and gives the same answer.
func TestSample(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	suspect, control := design{prompts: 200, copies: 1}.arm("suspect", source{}, 4000, 0, rng), design{prompts: 200, copies: 1}.arm("control", source{comma: 0.6}, 1000, 0, rng)
	r, err := Compare(t.Context(), suspect, control, Settings{MaxRows: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if r.Suspect.Rows > 1000 || r.Suspect.Rows < 900 || r.Suspect.Of != 4000 || r.Control.Rows > 300 || r.Control.Of != 1000 {
		t.Errorf("rows %+v and %+v", r.Suspect, r.Control)
	}
	if !reflect.DeepEqual(r.Differ, []Name{Layout}) {
		t.Errorf("%q differ", r.Found(r.Differ...))
	}
	other, err := Compare(t.Context(), design{copies: 1}.arm("others", source{}, 3000, 9000, rng), suspect, Settings{MaxRows: 500})
	if err != nil {
		t.Fatal(err)
	}
	if n := other.Suspect.Rows; n < 50 || n > 500 {
		t.Errorf("arms without common prompts: rows %+v", other.Suspect)
	}
}

func TestFound(t *testing.T) {
	suspect, control := designs[0].arms(source{trailing: 1, bracket: 0.6}, source{}, 500, 1)
	r := mustCompare(t, suspect, control, 1)
	found := r.Found(Layout, Lengths)
	if len(found) != 1 || !strings.HasPrefix(found[0], "layout: surrounding white space (total variation 1.00, margin 0.10; share of none/line feed: suspect 1.00, control 0.00) and ") {
		t.Errorf("%q", found)
	}
	if got := r.Checks[1].String(); got != "lengths agree" {
		t.Errorf("%q", got)
	}
	if len(r.Found(Lengths)) != 0 {
		t.Errorf("%q", r.Found(Lengths))
	}
	table := r.Table()
	for _, row := range table {
		if len(row) != len(table[0]) {
			t.Errorf("a row of %d cells: %q", len(row), row)
		}
	}
	if row := table[1]; row[0] != "layout" || row[5] != "DIFFER" {
		t.Errorf("%q", row)
	}
}

func TestValidate(t *testing.T) {
	suspect, control := designs[0].arms(source{trailing: 1}, source{}, 100, 1)
	for reason, change := range map[string]func(*Report){
		"an unknown check":      func(r *Report) { r.Checks[0].Name = "smell" },
		"checks out of order":   func(r *Report) { r.Checks[0], r.Checks[1] = r.Checks[1], r.Checks[0] },
		"a distance above 1":    func(r *Report) { r.Checks[0].Measures[0].Distance = 1.5 },
		"a negative chance":     func(r *Report) { r.Checks[0].Measures[0].Chance = -1 },
		"a check that lies":     func(r *Report) { r.Checks[0].Differs = false },
		"a report that lies":    func(r *Report) { r.Differ = []Name{} },
		"a difference too many": func(r *Report) { r.Differ = append(r.Differ, Script) },
		"a measure that lies": func(r *Report) {
			for i := range r.Checks[0].Measures {
				r.Checks[0].Measures[i].Differs = false
			}
		},
	} {
		r := mustCompare(t, suspect, control, 1)
		change(r)
		if r.Validate() == nil {
			t.Errorf("%s is valid", reason)
		}
	}
}

func TestFormats(t *testing.T) {
	for text, want := range map[string]string{
		"1, 2, 3": "comma-space", "[1,2,3]": "[comma]", "(1; 2).": "(semicolon-space).", "7": "one number", "1\n2": "line feed", "1 ,  2": `" ,  "`,
		"": "empty", "Hello.": "text, 1 line", "- a\n- b": "text with items, 2 to 5 lines", "1. a\n2. b": "text with items, 2 to 5 lines",
		"```\nx\n```": "text with code, 2 to 5 lines", `{"a":1}`: "brackets, 1 line", "a\nb\nc\nd\ne\nf": "text, over 5 lines",
	} {
		if got := featuresOf(undertone.NewExample("p", text)).format; got != want {
			t.Errorf("%q: format %q, want %q", text, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	f := featuresOf(undertone.NewExample("Continue 10, 20.", "10, 30, 10, 5"))
	if f.order != "mixed" || f.repeats != 0.25 || f.copied != 0.5 || f.items != 4 {
		t.Errorf("%+v", f)
	}
	if want := (20.0 + 20 + 5) / 3 / 30; f.step < want-1e-9 || f.step > want+1e-9 {
		t.Errorf("step %v, want %v", f.step, want)
	}
	if want := 25.0 / 30; f.spread < want-1e-9 || f.spread > want+1e-9 {
		t.Errorf("spread %v, want %v", f.spread, want)
	}
	for text, want := range map[string]string{"1, 2": "fewer than 3 numbers", "1, 2, 2": "ascending", "3, 2, 1": "descending", "2, 2, 2": "constant", "hello": "no list"} {
		if got := featuresOf(undertone.NewExample("p", text)).order; got != want {
			t.Errorf("%q: order %q, want %q", text, got, want)
		}
	}
}

// The rows of a conversation are one unit: alike rows of few conversations are no evidence.
func TestClustersAreUnits(t *testing.T) {
	rows := func(name, answer string) *undertone.Dataset {
		all := make([]undertone.Example, 300)
		for i := range all {
			all[i] = undertone.NewExample(fmt.Sprint("prompt ", i), fmt.Sprintf(answer, i))
			all[i].Meta = map[string]json.RawMessage{"conversation_id": json.RawMessage(fmt.Sprintf(`"%s %d"`, name, i%3))}
		}
		return undertone.NewDataset(name, all)
	}
	r := mustCompare(t, rows("suspect", "Answer %d."), rows("control", "answer: %d"), 1)
	if r.Suspect.Units != 3 || r.Control.Units != 3 || len(r.Differ) != 0 {
		t.Errorf("units %d and %d, %q differ", r.Suspect.Units, r.Control.Units, r.Differ)
	}
}

func BenchmarkCompare(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		suspect, control := designs[0].arms(source{words: 0.2}, source{words: 0.2}, n, 1)
		suspect.Digest()
		control.Digest()
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := Compare(b.Context(), suspect, control, Settings{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
