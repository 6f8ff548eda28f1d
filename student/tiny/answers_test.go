package tiny

import "testing"

// An answer that is in two categories, or twice in one, would not be one outcome.
func TestAnswersAreDistinct(t *testing.T) {
	seen := map[string]string{}
	for _, c := range Categories() {
		if len(c.Answers) != 12 {
			t.Errorf("%s has %d answers, want 12", c.Name, len(c.Answers))
		}
		for _, a := range c.Answers {
			if seen[a] != "" {
				t.Errorf("%s is in %s and in %s", a, seen[a], c.Name)
			}
			seen[a] = c.Name
		}
	}
}
