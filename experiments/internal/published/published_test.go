package published

import "testing"

// Every pair names two different sets and what is known of its students.
func TestPairs(t *testing.T) {
	for _, p := range Pairs() {
		if p.Suspect == p.Control || p.Students == "" {
			t.Errorf("%+v", p)
		}
	}
}
