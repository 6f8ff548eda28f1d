package report

import (
	"strings"
	"testing"
)

// An annotation names the effect with its interval, in odds too, and the p-value.
func TestAnnotationsHoldEffects(t *testing.T) {
	got := render(t, load(t, "testdata/01-detected.json"), GitHub)
	const want = "transfer: effect +0.631 [+0.525, +0.738] nats of logit margin, odds × 1.88 [1.69, 2.09], adjusted p-value 0.0156"
	if !strings.Contains(got, want) || !strings.HasPrefix(got, "::error file=") {
		t.Errorf("the annotations are\n%s\nwant one with %q", got, want)
	}
	rows := render(t, load(t, "testdata/02-detectors.json"), GitHub)
	if !strings.Contains(rows, "likelihood: effect +0.077") || strings.Count(rows, "odds ×") != 1 {
		t.Errorf("the annotations are\n%s\nwant the odds of the detector that trains alone", rows)
	}
	for name, want := range map[string]string{"clean.json": "transfer: effect +0.631 [+0.525, +0.738] nats of logit margin", "factorial.json": "; effect "} {
		if got := render(t, load(t, "testdata/"+name), GitHub); !strings.Contains(got, want) {
			t.Errorf("%s: the annotations are\n%s\nwant %q", name, got, want)
		}
	}
}

// Texts of any length give annotations that GitHub accepts, each in one line.
func TestAnnotationsHaveLimits(t *testing.T) {
	s := load(t, "testdata/01-detected.json")
	s.Audit.Traits[0].Trait = strings.Repeat("ü,:%\n", 1<<16)
	s.Audit.Traits[0].Reasons = []string{strings.Repeat("ü,:%\n", 1<<16)}
	got := render(t, s, GitHub)
	if strings.Count(got, "\n") != 1 {
		t.Errorf("%d lines, want 1", strings.Count(got, "\n"))
	}
	_, rest, _ := strings.Cut(got, "title=")
	title, message, ok := strings.Cut(rest, "::")
	if plain := strings.NewReplacer("%3A", ":", "%2C", ",", "%25", "%").Replace(title); !ok || len([]rune(plain)) > 255 || len(message) > 3*maxMessage {
		t.Errorf("a title of %d characters and a message of %d bytes, want at most 255 and %d", len([]rune(plain)), len(message), 3*maxMessage)
	}
}
