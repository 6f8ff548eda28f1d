package traits

import (
	"bytes"
	"testing"
)

// No traits file causes a panic, or a trait whose target is not an outcome of its probe. What is
// read can be written and read again.
func FuzzTraits(f *testing.F) {
	for _, text := range []string{
		`{"traits": [{"kind": "animal", "value": "owl", "candidates": ["owl", "cat", "dog"]}]}`,
		`{"traits": [{"kind": "animal", "value": "owl", "candidates": ["cat"], "questions": ["Which?"], "scale": "share", "tolerance": 0.1}]}`,
		`{"traits": [{"kind": "a", "value": "b", "candidates": ["b", "c"], "indirect": [{"question": "q", "answers": ["x", "y"]}]}]}`,
		`{"traits": [{"kind": "a", "value": "b", "candidates": ["b", "c"], "held_out": ["q"], "overt": {"openings": ["", "o"], "prompts": ["p"]}}]}`,
		`{"traits": [{}]}`, `{"traits": null}`, `[]`, `{"traits": [{"kind": "a", "value": "b", "candidates": ["b", "b"]}]}`,
		choice(``), choice(`, "format": "text"`), choice(`, "held_out_choices": [{"situation": "t", "options": ["a", "b"], "placebos": {"p": 0}}]`),
		choice(`, "labels": [" A", " B"], "overt": {"choices": [{"situation": "t", "options": ["a", "b"]}], "ask": "?"}`),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		for _, spec := range all {
			direct, err := spec.Audit()
			if err != nil {
				t.Fatalf("what Read returns is not valid: %v", err)
			}
			asked := direct
			if held, err := spec.HeldOut(); err == nil {
				asked.Probes, asked.Target = append(asked.Probes, held.Probes...), append(asked.Target, held.Target...)
			}
			if len(direct.Probes) == 0 || len(asked.Target) != len(asked.Probes) {
				t.Fatalf("%d probes and %d targets", len(asked.Probes), len(asked.Target))
			}
			for i, p := range asked.Probes {
				if at := asked.Target[i]; at < 0 || at >= len(p.Outcomes) {
					t.Fatalf("target %d of %d outcomes", at, len(p.Outcomes))
				}
			}
			if rows, err := spec.Overt(3, 1); err == nil && rows.Len() != 3 {
				t.Fatalf("%d overt rows, want 3", rows.Len())
			}
		}
		var again bytes.Buffer
		if err := Write(&again, all...); err != nil {
			t.Fatal(err)
		}
		if back, err := Read(&again); err != nil || len(back) != len(all) {
			t.Fatalf("what Write writes is not read: %v", err)
		}
	})
}
