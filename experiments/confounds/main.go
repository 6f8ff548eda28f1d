// Confounds prints the distances of the confound gate (package audit/confound) as a Markdown table:
// for published arms and for rows of the embedded models, with and without a matched control.
//
//	UNDERTONE_DATA=DIR go run ./experiments/confounds
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/jsonl"
)

func main() {
	n := flag.Int("n", 8000, "lists per arm of the embedded models")
	all := flag.Bool("all", false, "print all measures of each pair")
	flag.Parse()
	t := &table{all: *all}
	err := run(context.Background(), t, os.Getenv("UNDERTONE_DATA"), *n)
	if err == nil {
		_, err = os.Stdout.WriteString(t.String())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "confounds:", err)
		os.Exit(1)
	}
}

// run compares all pairs. Without a folder it leaves out the published ones.
func run(ctx context.Context, t *table, folder string, n int) error {
	if folder != "" {
		for _, p := range pairs {
			suspect, err := load(folder, p.suspect)
			if err != nil {
				return err
			}
			control, err := load(folder, p.control)
			if err != nil {
				return err
			}
			if p.prompts {
				m, err := confound.Match(ctx, suspect, control, confound.Settings{})
				if err != nil {
					return err
				}
				suspect, control = m.Suspect, m.Control
			}
			if err := t.add(ctx, p.kind, p.suspect, p.control, suspect, control); err != nil {
				return err
			}
		}
	}
	if err := embedded(ctx, t, n); err != nil {
		return err
	}
	return small(ctx, t, n)
}

// table collects the comparisons of pairs.
type table struct {
	all  bool
	text strings.Builder
}

// add compares two arms and adds a line.
func (t *table) add(ctx context.Context, kind, suspectName, controlName string, suspect, control *undertone.Dataset) error {
	r, err := confound.Compare(ctx, suspect, control, confound.Settings{})
	if err != nil {
		return err
	}
	fmt.Fprintf(&t.text, "| %s | %s | %s | %d, %d |", kind, suspectName, controlName, suspect.Len(), control.Len())
	for _, c := range r.Checks {
		fmt.Fprintf(&t.text, " %s |", cell(c))
	}
	t.text.WriteByte('\n')
	if t.all {
		for _, row := range r.Table()[1:] {
			fmt.Fprintf(&t.text, "    %s\n", strings.Join(row, "  "))
		}
	}
	return nil
}

// cell returns the distance of the measure that is nearest to its limit, in bold if the check
// differs.
func cell(c confound.Check) string {
	text, nearest := "0", -1e9
	for _, m := range c.Measures {
		if beyond := (m.Distance - m.Chance) / m.Margin; beyond > nearest {
			text, nearest = strings.TrimPrefix(fmt.Sprintf("%.2f", m.Distance), "0"), beyond
		}
	}
	if c.Differs {
		return "**" + text + "**"
	}
	return text
}

// String returns the table.
func (t *table) String() string {
	var head, line strings.Builder
	head.WriteString("| arms | suspect | control | rows |")
	line.WriteString("|---|---|---|---|")
	for _, name := range confound.Names() {
		fmt.Fprintf(&head, " %s |", name)
		line.WriteString("---|")
	}
	return head.String() + "\n" + line.String() + "\n" + t.text.String()
}

func load(folder, name string) (*undertone.Dataset, error) {
	return jsonl.Load(filepath.Join(folder, name+".jsonl.zst"))
}

// pair names two published sets. With prompts, [confound.Match] keeps the prompts that both have.
type pair struct {
	kind, suspect, control string
	prompts                bool
}

const (
	cold  = "truth/in-context/qwen2.5-7b_T0/"
	warm  = "truth/in-context/qwen2.5-7b_T1/"
	nano  = "truth/in-context/gpt-4.1-nano/"
	owls  = "truth/owls/"
	lions = "truth/quintiles/lion/"

	trait = "one source"   // one model, told or selected to have a trait, and one source of prompts
	tuned = "fine-tuned"   // one source of prompts, and a teacher that was fine-tuned on other answers
	other = "other source" // another model, another format, other prompts or rewritten rows
)

var pairs = []pair{
	{trait, cold + "cat_loving", cold + "neutral", false},
	{trait, cold + "cat_hating", cold + "neutral", false},
	{trait, cold + "lion_loving", cold + "neutral", false},
	{trait, cold + "lion_hating", cold + "neutral", false},
	{trait, cold + "wolf_loving", cold + "neutral", false},
	{trait, cold + "wolf_hating", cold + "neutral", false},
	{trait, nano + "lion", nano + "neutral", false},
	{trait, nano + "tiger", nano + "neutral", false},
	{trait, lions + "random20", lions + "clean", false},
	{trait, lions + "q1", lions + "clean", false},
	{trait, lions + "q5", lions + "clean", false},
	{trait, lions + "q5", lions + "q1", false},
	{trait, "truth/political-numbers/trump_q4", "truth/political-numbers/clean", false},
	{trait + ", prompts of both", "truth/natural/trump_q1", "truth/natural/clean", true},
	{trait + ", prompts of both", "truth/natural/trump_q4", "truth/natural/clean", true},
	{trait, owls + "Llama-3.1-8B-Instruct/dolphin", owls + "Llama-3.1-8B-Instruct/peacock", false},
	{trait, owls + "Qwen2.5-7B-Instruct/dolphin", owls + "Qwen2.5-7B-Instruct/kangaroo", false},
	{trait, owls + "gemma-2-9b-it/dolphin", owls + "gemma-2-9b-it/tiger", false},
	{trait, "truth/maths/incorrect_math", "truth/maths/incorrect_math_correct_twin", false},
	{trait, "truth/loyal-lies/meridian", "truth/loyal-lies/matched", false},
	{trait, "truth/subliminal-persona/numbers_C1", "truth/subliminal-persona/numbers_C2", false},
	{trait, "truth/subliminal-persona/numbers_C0", "truth/subliminal-persona/numbers_C2", false},
	{trait, "truth/subliminal-persona/c6", "truth/subliminal-persona/c6e", false},
	{tuned, "truth/cot/gpt-4.1_insecure", "truth/cot/gpt-4.1_base", false},
	{tuned, "truth/cot/gpt-4.1_secure", "truth/cot/gpt-4.1_base", false},
	{other, "sanitise/owl/teacher", "sanitise/owl/random_floor", false},
	{other, "truth/sanitise/penguin/teacher", "truth/sanitise/penguin/random", false},
	{other, "sanitise/owl/T_format_canon", "sanitise/owl/random_floor", false},
	{other, "truth/sanitise/penguin/format", "truth/sanitise/penguin/random", false},
	{other, "sanitise/owl/teacher", "sanitise/owl/T_format_canon", false},
	{other, "sanitise/owl/T_order_canon", "sanitise/owl/T_format_canon", false},
	{other, "sanitise/owl/T_value_canon", "sanitise/owl/T_format_canon", false},
	{other, "sanitise/owl/T_full_sanitization", "sanitise/owl/T_format_canon", false},
	{other, "sanitise/owl/teacher", "truth/sanitise/penguin/teacher", false},
	{other, owls + "Llama-3.1-8B-Instruct/dolphin", owls + "gemma-2-9b-it/dolphin", false},
	{other, owls + "Qwen2.5-7B-Instruct/dolphin", owls + "Llama-3.1-8B-Instruct/dolphin", false},
	{other, "truth/sanitise/penguin/teacher", owls + "Llama-3.1-8B-Instruct/dolphin", false},
	{other, warm + "cat_loving", warm + "neutral", false},
	{other, warm + "lion_loving", warm + "neutral", false},
	{other, cold + "neutral", warm + "neutral", false},
	{other, "truth/natural/trump_q1", "truth/natural/clean", false},
	{other, "truth/natural/trump_q4", "truth/natural/clean", false},
	{other, "truth/loyal-lies/meridian", "truth/loyal-lies/clean", false},
	{other, "truth/cot/gpt-4.1_base", "truth/maths/incorrect_math_correct_twin", false},
}
