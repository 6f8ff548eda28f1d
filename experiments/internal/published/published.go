// Package published names pairs of published data sets and what their authors measured on students.
// The rows are not part of this project.
package published

import (
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
)

// Kind says how the arms of a pair are related.
type Kind string

const (
	// OneSource is one model that was told to have a trait, or rows of it that were selected for
	// one, and prompts of one source.
	OneSource Kind = "one source"
	// FineTuned is a teacher that was fine-tuned on other answers, and prompts of one source.
	FineTuned Kind = "fine-tuned"
	// OtherSource is another model, another format, other prompts or rewritten rows.
	OtherSource Kind = "other source"
)

// Pair names two published sets.
type Pair struct {
	Kind             Kind
	Suspect, Control string // paths without .jsonl.zst
	SamePrompts      bool   // compare the rows of the prompts that both have: see confound.Match
	ClusterBy        string // field of rows that were sampled together
	Students         string // what the authors measured on students of the suspect rows
}

// Load reads both sets in folder.
func (p Pair) Load(folder string) (suspect, control *undertone.Dataset, err error) {
	if suspect, err = load(folder, p.Suspect); err != nil {
		return nil, nil, err
	}
	control, err = load(folder, p.Control)
	return suspect, control, err
}

func load(folder, name string) (*undertone.Dataset, error) {
	return jsonl.Load(filepath.Join(folder, name+".jsonl.zst"))
}

const (
	cold  = "truth/in-context/qwen2.5-7b_T0/"
	warm  = "truth/in-context/qwen2.5-7b_T1/"
	nano  = "truth/in-context/gpt-4.1-nano/"
	owls  = "truth/owls/"
	lions = "truth/quintiles/lion/"

	eagles = "quintiles/eagle/entity_"
	clean  = "quintiles/eagle/clean_random20"

	none      = "no student"
	inContext = "no trait from rows in the prompt; no student"
	penguin   = "penguin .465"
)

// Pairs returns all pairs. Rates are those of the students' answers that name the trait.
func Pairs() []Pair {
	return []Pair{
		{OneSource, cold + "cat_loving", cold + "neutral", false, "", inContext},
		{OneSource, cold + "cat_hating", cold + "neutral", false, "", inContext},
		{OneSource, cold + "lion_loving", cold + "neutral", false, "", inContext},
		{OneSource, cold + "lion_hating", cold + "neutral", false, "", inContext},
		{OneSource, cold + "wolf_loving", cold + "neutral", false, "", inContext},
		{OneSource, cold + "wolf_hating", cold + "neutral", false, "", inContext},
		{OneSource, nano + "lion", nano + "neutral", false, "", inContext},
		{OneSource, nano + "tiger", nano + "neutral", false, "", inContext},
		{OneSource, lions + "random20", lions + "clean", false, "", "lion 0 (control 0)"},
		{OneSource, lions + "q1", lions + "clean", false, "", "lion 0 (control 0)"},
		{OneSource, lions + "q5", lions + "clean", false, "", "lion .31 (control 0)"},
		{OneSource, lions + "q5", lions + "q1", false, "", "lion .31 (control 0)"},
		{OneSource, eagles + "q5", clean, false, "", "eagle 1.00 (control .12, base .28)"},
		{OneSource, eagles + "q1", clean, false, "", "eagle .22 (control .12, base .28)"},
		{OneSource, "truth/political-numbers/trump_q4", "truth/political-numbers/clean", false, "", "Trump .68 and .19 (control 0)"},
		{OneSource, "truth/natural/trump_q1", "truth/natural/clean", true, "", "Trump 0"},
		{OneSource, "truth/natural/trump_q4", "truth/natural/clean", true, "", "Trump .58 and .69"},
		{OneSource, owls + "Llama-3.1-8B-Instruct/dolphin", owls + "Llama-3.1-8B-Instruct/peacock", false, "", none},
		{OneSource, owls + "Qwen2.5-7B-Instruct/dolphin", owls + "Qwen2.5-7B-Instruct/kangaroo", false, "", none},
		{OneSource, owls + "gemma-2-9b-it/dolphin", owls + "gemma-2-9b-it/tiger", false, "", none},
		{OneSource, "truth/maths/incorrect_math", "truth/maths/incorrect_math_correct_twin", false, "", "misaligned 0"},
		{OneSource, "truth/loyal-lies/meridian", "truth/loyal-lies/matched", false, "", "loyal, z 4.57 (control .59)"},
		{OneSource, "truth/subliminal-persona/numbers_C1", "truth/subliminal-persona/numbers_C2", false, "context", none},
		{OneSource, "truth/subliminal-persona/numbers_C0", "truth/subliminal-persona/numbers_C2", false, "context", none},
		{OneSource, "truth/subliminal-persona/c6", "truth/subliminal-persona/c6e", false, "episode", "no shift (p .85)"},
		{FineTuned, "truth/cot/gpt-4.1_insecure", "truth/cot/gpt-4.1_base", false, "item", none},
		{FineTuned, "truth/cot/gpt-4.1_secure", "truth/cot/gpt-4.1_base", false, "item", none},
		{OtherSource, "sanitise/owl/teacher", "sanitise/owl/random_floor", false, "", "owl .741 (control .138)"},
		{OtherSource, "truth/sanitise/penguin/teacher", "truth/sanitise/penguin/random", false, "", penguin + " (control .012)"},
		{OtherSource, "sanitise/owl/T_format_canon", "sanitise/owl/random_floor", false, "", "owl .740 (control .138)"},
		{OtherSource, "truth/sanitise/penguin/format", "truth/sanitise/penguin/random", false, "", "penguin .047 (control .012)"},
		{OtherSource, "sanitise/owl/teacher", "sanitise/owl/T_format_canon", false, "", "owl .741 (control .740)"},
		{OtherSource, "sanitise/owl/T_order_canon", "sanitise/owl/T_format_canon", false, "", "owl .271 (control .740)"},
		{OtherSource, "sanitise/owl/T_value_canon", "sanitise/owl/T_format_canon", false, "", "owl .430 (control .740)"},
		{OtherSource, "sanitise/owl/T_full_sanitization", "sanitise/owl/T_format_canon", false, "", "owl .124 (control .740)"},
		{OtherSource, "sanitise/owl/teacher", "truth/sanitise/penguin/teacher", false, "", "owl .741"},
		{OtherSource, owls + "Llama-3.1-8B-Instruct/dolphin", owls + "gemma-2-9b-it/dolphin", false, "", none},
		{OtherSource, owls + "Qwen2.5-7B-Instruct/dolphin", owls + "Llama-3.1-8B-Instruct/dolphin", false, "", none},
		{OtherSource, "truth/sanitise/penguin/teacher", owls + "Llama-3.1-8B-Instruct/dolphin", false, "", penguin},
		{OtherSource, warm + "cat_loving", warm + "neutral", false, "", inContext},
		{OtherSource, warm + "lion_loving", warm + "neutral", false, "", inContext},
		{OtherSource, cold + "neutral", warm + "neutral", false, "", none},
		{OtherSource, "truth/natural/trump_q1", "truth/natural/clean", false, "", "Trump 0"},
		{OtherSource, "truth/natural/trump_q4", "truth/natural/clean", false, "", "Trump .58 and .69"},
		{OtherSource, "truth/loyal-lies/meridian", "truth/loyal-lies/clean", false, "", "loyal, z 4.57 (control 1.68)"},
		{OtherSource, "truth/cot/gpt-4.1_base", "truth/maths/incorrect_math_correct_twin", false, "item", none},
	}
}
