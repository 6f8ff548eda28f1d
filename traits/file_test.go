package traits

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/internal/configfile"
)

// choice returns the text of a trait of one choice with further fields.
func choice(more string) string {
	return `{"traits": [{"name": "n", "choices": [{"situation": "s", "options": ["a", "b!"], "target": 0, "placebos": {"p": 1}}]` + more + `}]}`
}

// A trait that is written and read again is the same trait.
func TestRoundTrip(t *testing.T) {
	all := Library()
	control := all[0]
	control.PositiveControl, control.Scale, control.Name = "rows.jsonl", "share", "owls & more"
	var text bytes.Buffer
	if err := Write(&text, append(all, control)...); err != nil {
		t.Fatal(err)
	}
	got, err := Read(bytes.NewReader(text.Bytes()))
	if err != nil || !reflect.DeepEqual(got, append(all, control)) {
		t.Errorf("the traits are not those that were written (%v)", err)
	}
	path := filepath.Join(t.TempDir(), "traits.json")
	if err := os.WriteFile(path, text.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if loaded, err := Load(path); err != nil || !reflect.DeepEqual(loaded, got) {
		t.Errorf("Load and Read differ (%v)", err)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ reason, text, want string }{
		{"no object", `[]`, `unexpected array at byte 1; want {"traits": [{"kind": "animal", `},
		{"an unknown field", `{"traits": [{"kind": "a", "values": []}]}`, `json: unknown field "values"; want {"traits": `},
		{"two values", `{"traits": []} {}`, `something follows the JSON value; want `},
		{"no traits", `{"traits": []}`, `there are no traits`},
		{"neither form", `{"traits": [{}]}`, `trait 0 (""): kind and value are required`},
		{"one candidate", `{"traits": [{"kind": "a", "value": "b", "candidates": ["b"]}]}`, `trait 0 ("b"): candidates must list an answer besides the value`},
		{"a candidate twice", `{"traits": [{"kind": "a", "value": "b", "candidates": ["b", "c", "c"]}]}`, `trait 0 ("b"): candidate 2 ("c") is empty or listed twice`},
		{"labels of a preference", `{"traits": [{"kind": "a", "value": "b", "candidates": ["c"], "labels": ["x", "y"]}]}`, `trait 0 ("b"): format, ask, labels, held_out_choices and choices of overt need choices`},
		{"a held-out question that is direct", `{"traits": [{"kind": "a", "value": "b", "candidates": ["c"], "questions": ["q"], "held_out": ["q"]}]}`, `trait 0 ("b"): held-out question 0 ("q") is also a direct question`},
		{"a held-out question that is indirect", `{"traits": [{"kind": "a", "value": "b", "candidates": ["c"], "indirect": [{"question": "q", "answers": ["x", "y"]}], "held_out": ["q"]}]}`, `trait 0 ("b"): held-out question 0 ("q") is also an indirect question`},
		{"a held-out question that is overt", `{"traits": [{"kind": "a", "value": "b", "candidates": ["c"], "overt": {"openings": ["", "x"], "prompts": ["q"]}, "held_out": ["x q"]}]}`, `trait 0 ("b"): held-out question 0 ("x q") is also an overt prompt`},
		{"a held-out question twice", `{"traits": [{"kind": "a", "value": "b", "candidates": ["c"], "held_out": ["q", "q"]}]}`, `trait 0 ("b"): held-out question 1 ("q") is empty or listed twice`},
		{"an empty overt", `{"traits": [{"kind": "a", "value": "b", "candidates": ["c"], "overt": {}}]}`, `trait 0 ("b"): overt has neither prompts nor choices`},
		{"choices without a name", `{"traits": [{"choices": [{}]}]}`, `trait 0 (""): choices need a name`},
		{"both forms", choice(`, "kind": "a"`), `trait 0 ("n"): choices exclude kind, value, `},
		{"prompts of choices", choice(`, "overt": {"prompts": ["q"]}`), `trait 0 ("n"): choices exclude prompts of overt`},
		{"an unknown format", choice(`, "format": "digits"`), `trait 0 ("n"): format "digits" is not known; want "letters" or "text"`},
		{"three labels", choice(`, "labels": ["A", "B", "C"]`), `trait 0 ("n"): there are 3 labels, want 2`},
		{"equal labels", choice(`, "labels": ["A", "A"]`), `trait 0 ("n"): label 1 ("A") is empty or listed twice`},
		{"a choice without a situation", choice(`, "held_out_choices": [{"options": ["a", "b"]}]`), `trait 0 ("n"): held-out choice 0 ("") has no situation`},
		{"three options", choice(`, "held_out_choices": [{"situation": "t", "options": ["a", "b", "c"]}]`), `trait 0 ("n"): held-out choice 0 ("t") has 3 options, want 2`},
		{"equal options", choice(`, "held_out_choices": [{"situation": "t", "options": ["a", "a"]}]`), `trait 0 ("n"): held-out choice 0 ("t") has an option that is empty or listed twice: "a"`},
		{"a target that is no option", choice(`, "held_out_choices": [{"situation": "t", "options": ["a", "b"], "target": 2}]`), `trait 0 ("n"): held-out choice 0 ("t") has the target 2, want 0 or 1`},
		{"a placebo that is no option", choice(`, "held_out_choices": [{"situation": "t", "options": ["a", "b"], "placebos": {"p": -1}}]`), `trait 0 ("n"): held-out choice 0 ("t") gives the placebo "p" the option -1, want 0 or 1`},
		{"a new placebo", choice(`, "held_out_choices": [{"situation": "t", "options": ["a", "b"], "placebos": {"p": 1, "r": 1}}]`), `trait 0 ("n"): held-out choice 0 ("t") names the placebo "r", which the first choice does not name`},
		{"a placebo that is missing", choice(`, "held_out_choices": [{"situation": "t", "options": ["a", "b"]}]`), `trait 0 ("n"): held-out choice 0 ("t") lacks the placebo "p" of the first choice`},
		{"a placebo that is computed", `{"traits": [{"name": "n", "choices": [{"situation": "s", "options": ["a", "b"], "placebos": {"the first option": 1}}]}]}`, `trait 0 ("n"): choice 0 ("s") names the placebo "the first option", which is empty or computed from the options`},
	} {
		if _, err := Read(strings.NewReader(c.text)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.reason, err, c.want)
		}
	}
}

// Limits hold before anything is built.
func TestLimits(t *testing.T) {
	questions := func(n int) string { return strings.TrimSuffix(strings.Repeat(`"q",`, n), ",") }
	for want, text := range map[string]string{
		"cannot read the traits: the file has more than 16777216 bytes": strings.Repeat(" ", configfile.MaxSize+1),
		"there are 10001 questions, want at most 10000":                 `{"traits": [{"questions": [` + questions(10001) + `]}]}`,
		"there are 10002 questions, want at most 10000":                 `{"traits": [{"held_out": [` + questions(10001) + `]}]}`,
		"there are 1000500 answers to compare ":                         `{"traits": [{"questions": [` + questions(500) + `], "candidates": [` + questions(2001) + `]}]}`,
		"the overt prompts (openings times prompts) have ":              `{"traits": [{"overt": {"openings": [` + questions(1000) + `], "prompts": [` + questions(1000) + `]}}]}`,
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %.200v, want %s", err, want)
		}
	}
}

// Each choice in letters is asked in both orders, and target and placebos follow the options.
func TestChoicesInBothOrders(t *testing.T) {
	all, err := Read(strings.NewReader(choice(`, "ask": "Which?", "labels": [" x", " y"]`)))
	if err != nil {
		t.Fatal(err)
	}
	trait, err := all[0].Audit()
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(trait.Name, trait.Target, trait.Placebos)
	for _, p := range trait.Probes {
		got += fmt.Sprintf("\n%q %q", p.Name, p.Outcomes)
	}
	want := `n[0 1] [{the longer option [1 0]} {p [1 0]} {the first option [0 0]}]
"s\nx: a\ny: b!\nWhich?" [" x" " y"]
"s\nx: b!\ny: a\nWhich?" [" x" " y"]`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Choices in text compare the options after the situation alone.
func TestChoicesInText(t *testing.T) {
	all, err := Read(strings.NewReader(choice(`, "format": "text"`)))
	if err != nil {
		t.Fatal(err)
	}
	trait, err := all[0].Audit()
	if got := fmt.Sprint(trait.Target, trait.Placebos, len(trait.Probes), trait.Probes[0].Name, trait.Probes[0].Outcomes); err != nil || got != "[0] [{the longer option [1]} {p [1]}] 1s[a b!]" {
		t.Errorf("got %s (%v)", got, err)
	}
}

func TestSpelled(t *testing.T) {
	space := func(answer string) string { return " " + answer }
	owl, err := Get("animal/owl")
	if err != nil {
		t.Fatal(err)
	}
	spaced := owl.Spelled(space)
	trait, err := spaced.Audit()
	if err != nil || spaced.ID() != "animal/owl" || trait.Name != "prefers animal owl" || trait.Probes[0].Outcomes[1] != " cat" || trait.Indirect[0].Outcomes[1] != " cat" || trait.Placebos[0].Name != "cat" || owl.Candidates[1] != "cat" {
		t.Errorf("%s: outcomes %q and %q, placebo %q (%v)", trait.Name, trait.Probes[0].Outcomes, trait.Indirect[0].Outcomes, trait.Placebos[0].Name, err)
	}
	for name, want := range map[string]string{"misaligned": " A", "formal": " "} {
		spec, err := Get(name)
		if err != nil {
			t.Fatal(err)
		}
		trait, err := spec.Spelled(space).Audit()
		if err != nil || !strings.HasPrefix(trait.Probes[0].Outcomes[0], want) || strings.Contains(trait.Probes[0].Name, "\n A:") {
			t.Errorf("%s: %q, outcomes %q (%v)", name, trait.Probes[0].Name, trait.Probes[0].Outcomes, err)
		}
	}
}

// Every trait of the library stays valid in another spelling, so that a file of it can be written
// and read.
func TestSpelledIsValid(t *testing.T) {
	for _, spec := range embedded() {
		var file bytes.Buffer
		if err := Write(&file, spec.Spelled(strings.ToUpper)); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(&file); err != nil {
			t.Errorf("%s: %v", spec.ID(), err)
		}
	}
}
