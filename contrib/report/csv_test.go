package report

import "testing"

func TestInert(t *testing.T) {
	for _, c := range [][2]string{
		{"owls.jsonl", "owls.jsonl"},
		{"-0.5", "-0.5"},
		{"=HYPERLINK(1)", "'=HYPERLINK(1)"},
		{"@a", "'@a"},
		{"data;=1+1;.jsonl", "data;'=1+1;.jsonl"},
		{"a; \"+1", "a; \"'+1"},
		{"＝1+1", "'＝1+1"},
		{" =1", " '=1"},
		{"a-b", "a-b"},
	} {
		if got := inert(c[0]); got != c[1] {
			t.Errorf("inert(%q) is %q, want %q", c[0], got, c[1])
		}
	}
}
