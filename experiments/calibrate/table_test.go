package main

import "testing"

func TestTable(t *testing.T) {
	table := newTable("p ≤ α", "n")
	table.add("a", 12345)
	want := "| p ≤ α |     n |\n" +
		"| ----- | ----: |\n" +
		"| a     | 12345 |\n"
	if got := table.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
