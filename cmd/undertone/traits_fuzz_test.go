package main

import "testing"

// No traits file causes a panic, or a trait whose target is not an outcome of its probe.
func FuzzTraits(f *testing.F) {
	for _, text := range []string{
		`{"traits": [{"kind": "animal", "value": "owl", "candidates": ["owl", "cat", "dog"]}]}`,
		`{"traits": [{"kind": "animal", "value": "owl", "candidates": ["cat"], "questions": ["Which?"], "scale": "share", "tolerance": 0.1}]}`,
		`{"traits": [{"kind": "a", "value": "b", "candidates": ["b", "c"], "indirect": [{"question": "q", "answers": ["x", "y"]}]}]}`,
		`{"traits": [{}]}`, `{"traits": null}`, `[]`, `{"traits": [{"kind": "a", "value": "b", "candidates": ["b", "b"]}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var file traitFile
		if strictly(text, &file) != nil {
			return
		}
		for _, s := range file.Traits {
			trait, err := s.trait()
			if err != nil {
				continue
			}
			if len(trait.Probes) == 0 || len(trait.Target) != len(trait.Probes) {
				t.Fatalf("%d probes and %d targets", len(trait.Probes), len(trait.Target))
			}
			for i, p := range trait.Probes {
				if at := trait.Target[i]; at < 0 || at >= len(p.Outcomes) {
					t.Fatalf("target %d of %d outcomes", at, len(p.Outcomes))
				}
			}
		}
	})
}
