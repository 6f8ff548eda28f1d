package match

import "testing"

func TestRate(t *testing.T) {
	if r := newRate(0, 0); r != (Rate{High: 1}) {
		t.Errorf("no rows: %+v, want the interval [0, 1]", r)
	}
	// Newcombe 1998, tables I and II.
	r, q := newRate(56, 70), newRate(48, 80)
	if got, want := newRate(81, 263).String(), "30.8 % (25.5 to 36.6)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := r.minus(q).String(), "+20.0 points (+5.2 to +33.4)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if !r.minus(q).excludesZero() || !q.minus(r).excludesZero() || (Difference{0, -1, 1}).excludesZero() {
		t.Error("an interval on one side of 0 excludes it, and no other does")
	}
}
