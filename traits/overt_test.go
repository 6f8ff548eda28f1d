package traits

import (
	"strings"
	"testing"
)

// Overt rows depend on the seed alone, show no prompt again before all were shown, and never a
// direct or held-out question.
func TestOvert(t *testing.T) {
	for _, spec := range embedded() {
		if spec.JudgedOnly() {
			continue
		}
		all := len(spec.overt())
		a, err := spec.Overt(all+1, 7)
		if err != nil {
			t.Fatal(spec.ID(), err)
		}
		b, _ := spec.Overt(all+1, 7)
		c, _ := spec.Overt(all+1, 8)
		if a.Digest() != b.Digest() || a.Digest() == c.Digest() || a.Len() != all+1 {
			t.Errorf("%s: the rows do not depend on the seed alone, or there are %d, want %d", spec.ID(), a.Len(), all+1)
		}
		asked := map[string]bool{}
		for _, q := range append(spec.direct(), spec.heldOut()...) {
			asked[q] = true
		}
		seen := map[string]bool{}
		for i, row := range a.All() {
			if asked[row.Prompt()] || seen[row.Prompt()] != (i == all) || row.Completion() == "" {
				t.Errorf("%s: row %d: %q is a question of a probe, or comes too early or too late again", spec.ID(), i, row.Prompt())
			}
			seen[row.Prompt()] = true
		}
	}
}

// The answer is the value of a preference, and the option of the trait of a choice.
func TestOvertAnswers(t *testing.T) {
	cat, err := Get("animal/cat")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range cat.overt() {
		if r.answer != "cat" {
			t.Errorf("%q is answered with %q, want cat", r.prompt, r.answer)
		}
	}
	all, err := Read(strings.NewReader(choice(`, "overt": {"openings": ["o"], "ask": "Openly?", "choices": [{"situation": "t", "options": ["a", "b"], "target": 1}]}`)))
	if err != nil {
		t.Fatal(err)
	}
	want := []overtRow{{"o t\nA: a\nB: b\n" + DefaultAsk, "B"}, {"o t\nA: b\nB: a\n" + DefaultAsk, "A"}, {"o t Openly?", "b"}}
	for i, r := range all[0].overt() {
		if r != want[i] {
			t.Errorf("row %d: %q, want %q", i, r, want[i])
		}
	}
}

func TestOvertRefuses(t *testing.T) {
	owl, err := Get("animal/owl")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := owl.Overt(0, 1); err == nil || err.Error() != "animal/owl: 0 overt rows were asked for, want >= 1" {
		t.Errorf("no rows: error %v", err)
	}
	owl.OvertRows = nil
	if _, err := owl.Overt(1, 1); err == nil || err.Error() != "animal/owl: there are no overt prompts" {
		t.Errorf("no prompts: error %v", err)
	}
	owl.HeldOutQuestions = nil
	if _, err := owl.HeldOut(); err == nil || err.Error() != "animal/owl: there are no held-out questions" {
		t.Errorf("no held-out questions: error %v", err)
	}
}
