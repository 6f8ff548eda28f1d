package confound

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

func mustMatch(t testing.TB, suspect, control *undertone.Dataset) *Matching {
	t.Helper()
	m, err := Match(t.Context(), suspect, control, Settings{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if m.Kept != m.Suspect.Len() || m.Kept != m.Control.Len() {
		t.Fatalf("%d rows kept, the arms have %d and %d", m.Kept, m.Suspect.Len(), m.Control.Len())
	}
	for _, d := range []Dropped{m.Dropped, m.Others} {
		if d.Rows != m.Kept+d.Copies+d.Prompts+d.Surplus+d.Unlike || min(d.Copies, d.Prompts, d.Surplus, d.Unlike) < 0 {
			t.Errorf("the counts do not add up: %d kept, %+v", m.Kept, d)
		}
	}
	return m
}

// rowsPerPrompt counts the rows of each prompt.
func rowsPerPrompt(d *undertone.Dataset) map[undertone.Digest]int {
	counts := map[undertone.Digest]int{}
	for i := range d.Len() {
		counts[d.GroupID(i)]++
	}
	return counts
}

// Arms that differ in layout, in lengths, in copies and in rows per prompt agree after matching.
func TestMatch(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	plain := design{prompts: 100, copies: 1}
	control := plain.arm("control", source{}, 2000, 0, rng)
	for _, c := range []struct {
		reason  string
		suspect *undertone.Dataset
		least   int
	}{
		{"another layout", plain.arm("suspect", source{comma: 0.5, trailing: 0.5}, 2000, 0, rng), 500},
		{"longer lists", plain.arm("suspect", source{shortest: 9}, 2000, 0, rng), 500},
		{"copies", design{prompts: 100, copies: 2}.arm("suspect", source{}, 2000, 0, rng), 900},
		{"fewer prompts", design{prompts: 50, copies: 1}.arm("suspect", source{}, 2000, 0, rng), 900},
		{"reasoning", plain.arm("suspect", source{reason: 0.5}, 2000, 0, rng), 500},
	} {
		m := mustMatch(t, c.suspect, control)
		if len(m.Before.Differ) == 0 && c.reason != "fewer prompts" || len(m.After.Differ) != 0 || m.Kept < c.least || !m.ByPrompt {
			t.Errorf("%s: %d rows kept, differ before in %q, after in %q", c.reason, m.Kept, m.Before.Differ, m.After.Found(m.After.Differ...))
		}
		if a, b := rowsPerPrompt(m.Suspect), rowsPerPrompt(m.Control); !equalCounts(a, b) {
			t.Errorf("%s: the arms have different numbers of rows of a prompt", c.reason)
		}
	}
}

func equalCounts(a, b map[undertone.Digest]int) bool {
	for prompt, n := range a {
		if b[prompt] != n {
			return false
		}
	}
	return len(a) == len(b)
}

// Arms that agree keep all rows that have a counterpart.
func TestMatchKeepsMatchedArms(t *testing.T) {
	suspect, control := designs[0].arms(source{}, source{}, 300, 1)
	if m := mustMatch(t, suspect, control); m.Kept != 300 || len(m.Checks) != 0 {
		t.Errorf("%d of 300 rows kept, matched in %q", m.Kept, m.Checks)
	}
}

// Without common prompts the arms are matched by layout alone.
func TestMatchWithoutCommonPrompts(t *testing.T) {
	suspect, control := design{copies: 1, ratio: 1, disjoint: true}.arms(source{comma: 0.5}, source{}, 1000, 1)
	if m := mustMatch(t, suspect, control); m.ByPrompt || len(m.After.Differ) != 0 || m.Kept < 500 || !slices.Equal(m.Checks, []Name{Layout}) {
		t.Errorf("%d rows kept, by prompt %v in %q, differ in %q", m.Kept, m.ByPrompt, m.Checks, m.After.Differ)
	}
}

// The order of the rows has no effect on which rows are kept.
func TestMatchDoesNotDependOnTheOrder(t *testing.T) {
	suspect, control := designs[2].arms(source{comma: 0.5}, source{}, 400, 1)
	shuffled := func(d *undertone.Dataset) *undertone.Dataset {
		return undertone.NewDataset(d.Name(), slices.Collect(func(yield func(undertone.Example) bool) {
			for _, i := range rand.New(rand.NewPCG(3, 0)).Perm(d.Len()) {
				if !yield(d.Example(i)) {
					return
				}
			}
		}))
	}
	a, b := mustMatch(t, suspect, control), mustMatch(t, shuffled(suspect), shuffled(control))
	if a.Suspect.Digest() != b.Suspect.Digest() || a.Control.Digest() != b.Control.Digest() {
		t.Error("other rows are kept")
	}
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if !bytes.Equal(x, y) {
		t.Errorf("%s\nand in another order %s", x, y)
	}
}

func TestMatchErrors(t *testing.T) {
	rows := func(prompt, text string) *undertone.Dataset {
		return undertone.NewDataset(prompt, []undertone.Example{undertone.NewExample(prompt, text)})
	}
	if _, err := Match(t.Context(), rows("a", "1"), undertone.NewDataset("none", nil), Settings{}); err == nil || !strings.Contains(err.Error(), "an arm has no rows") {
		t.Errorf("no rows: %v", err)
	}
	var suspect, control []undertone.Example
	for i := range 200 {
		suspect = append(suspect, undertone.NewExample(fmt.Sprint("q", i), fmt.Sprint(i)))
		control = append(control, undertone.NewExample(fmt.Sprint("q", i), fmt.Sprint(i)+"\n"))
	}
	_, err := Match(t.Context(), undertone.NewDataset("s", suspect), undertone.NewDataset("k", control), Settings{})
	if !errors.Is(err, ErrNoMatch) {
		t.Errorf("nothing in common: %v", err)
	}
}

// In a balanced set of links each key is as frequent on both sides.
func TestBalanced(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 0))
		links := make([]link, 200)
		for i := range links {
			links[i].keys = [2]string{fmt.Sprint(rng.IntN(12)), fmt.Sprint(rng.IntN(9))}
			links[i].rows[0].index = i
		}
		kept := balanced(t.Context(), links)
		sums, seen := map[string]int{}, map[int]bool{}
		for _, l := range kept {
			sums[l.keys[0]]++
			sums[l.keys[1]]--
			if seen[l.rows[0].index] {
				t.Fatalf("seed %d: link %d is kept twice", seed, l.rows[0].index)
			}
			seen[l.rows[0].index] = true
		}
		for key, sum := range sums {
			if sum != 0 {
				t.Errorf("seed %d: key %s is %+d more frequent in the suspect", seed, key, sum)
			}
		}
		if len(kept) < 80 {
			t.Errorf("seed %d: %d of 200 links are kept", seed, len(kept))
		}
	}
}
