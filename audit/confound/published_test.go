package confound

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
)

// publishedFolder returns the folder of the published data sets, or skips the test.
func publishedFolder(t *testing.T) string {
	folder := os.Getenv("UNDERTONE_DATA")
	if folder == "" {
		t.Skip("not checked: the published arms with and without matched controls; set UNDERTONE_DATA to the folder that holds them")
	}
	return folder
}

func published(t *testing.T, name string) *undertone.Dataset {
	t.Helper()
	rows, err := jsonl.Load(filepath.Join(publishedFolder(t), name+".jsonl.zst"))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

const (
	cold = "truth/in-context/qwen2.5-7b_T0/"
	nano = "truth/in-context/gpt-4.1-nano/"
	owls = "truth/owls/"
)

// Arms that one model wrote for prompts of one source, with and without a trait, agree.
func TestPublishedMatchedArmsAgree(t *testing.T) {
	for _, arms := range [][2]string{
		{cold + "cat_loving", cold + "neutral"}, {cold + "cat_hating", cold + "neutral"}, {cold + "lion_loving", cold + "neutral"},
		{cold + "lion_hating", cold + "neutral"}, {cold + "wolf_loving", cold + "neutral"}, {cold + "wolf_hating", cold + "neutral"},
		{nano + "lion", nano + "neutral"}, {nano + "tiger", nano + "neutral"},
		{"truth/quintiles/lion/random20", "truth/quintiles/lion/clean"}, {"truth/quintiles/lion/q5", "truth/quintiles/lion/clean"},
		{"truth/quintiles/lion/q1", "truth/quintiles/lion/clean"}, {"truth/political-numbers/trump_q4", "truth/political-numbers/clean"},
		{owls + "Llama-3.1-8B-Instruct/dolphin", owls + "Llama-3.1-8B-Instruct/peacock"},
		{owls + "Qwen2.5-7B-Instruct/dolphin", owls + "Qwen2.5-7B-Instruct/kangaroo"},
		{owls + "gemma-2-9b-it/dolphin", owls + "gemma-2-9b-it/tiger"},
		{"truth/maths/incorrect_math", "truth/maths/incorrect_math_correct_twin"}, {"truth/loyal-lies/meridian", "truth/loyal-lies/matched"},
		{"truth/subliminal-persona/numbers_C1", "truth/subliminal-persona/numbers_C2"}, {"truth/subliminal-persona/numbers_C0", "truth/subliminal-persona/numbers_C2"},
		{"truth/subliminal-persona/c6", "truth/subliminal-persona/c6e"},
	} {
		if r := mustCompare(t, published(t, arms[0]), published(t, arms[1]), 0); len(r.Differ) > 0 {
			t.Errorf("%s against %s: %q", arms[0], arms[1], r.Found(r.Differ...))
		}
	}
}

// Arms of other formats, other writers, other prompts or rewritten rows differ.
func TestPublishedMismatchedArmsDiffer(t *testing.T) {
	for _, c := range []struct {
		suspect, control string
		want             Name
	}{
		{"sanitise/owl/teacher", "sanitise/owl/random_floor", Layout},
		{"truth/sanitise/penguin/teacher", "truth/sanitise/penguin/random", Layout},
		{"sanitise/owl/teacher", "sanitise/owl/T_format_canon", Layout},
		{"sanitise/owl/T_format_canon", "sanitise/owl/random_floor", Numbers},
		{"truth/sanitise/penguin/format", "truth/sanitise/penguin/random", Numbers},
		{"sanitise/owl/T_order_canon", "sanitise/owl/T_format_canon", Numbers},
		{"sanitise/owl/T_full_sanitization", "sanitise/owl/T_format_canon", Numbers},
		{"sanitise/owl/teacher", "truth/sanitise/penguin/teacher", Layout},
		{owls + "Llama-3.1-8B-Instruct/dolphin", owls + "gemma-2-9b-it/dolphin", Layout},
		{owls + "Qwen2.5-7B-Instruct/dolphin", owls + "Llama-3.1-8B-Instruct/dolphin", Lengths},
		{cold + "neutral", "truth/in-context/qwen2.5-7b_T1/neutral", Prompts},
		{"truth/loyal-lies/meridian", "truth/loyal-lies/clean", Prompts},
		{"truth/natural/trump_q4", "truth/natural/clean", Layout}, // half of the control has other prompts
		{"truth/cot/gpt-4.1_secure", "truth/cot/gpt-4.1_base", Lengths},
	} {
		r := mustCompare(t, published(t, c.suspect), published(t, c.control), 0)
		found := false
		for _, name := range r.Differ {
			found = found || name == c.want
		}
		if !found {
			t.Errorf("%s against %s: %q differ, want %q", c.suspect, c.control, r.Differ, c.want)
		}
	}
}

// Matching keeps rows of published arms that agree.
func TestPublishedArmsAreMatched(t *testing.T) {
	for _, c := range []struct {
		suspect, control string
		least            int // rows to be kept
	}{
		{"sanitise/owl/teacher", "sanitise/owl/random_floor", 1000},
		{"truth/natural/trump_q1", "truth/natural/clean", 900},
		{"truth/natural/trump_q4", "truth/natural/clean", 900},
	} {
		m, err := Match(t.Context(), published(t, c.suspect), published(t, c.control), Settings{})
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Before.Differ) == 0 || len(m.After.Differ) > 0 || m.Kept < c.least || !m.ByPrompt {
			t.Errorf("%s against %s: %d rows kept, by prompt %v, differ before in %q, after in %q", c.suspect, c.control, m.Kept, m.ByPrompt, m.Before.Differ, m.After.Differ)
		}
	}
}
