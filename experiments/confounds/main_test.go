package main

import (
	"strings"
	"testing"
)

// The table has a line for each pair of the embedded models. A taught transformer agrees with its
// base, and the small models of package sandbox write shorter lists after they were taught.
func TestEmbeddedModels(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: the table of the embedded models")
	}
	table := new(table)
	if err := run(t.Context(), table, "", 1000); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(table.String()), "\n")
	for _, line := range lines[2:] {
		if differs, small := strings.Contains(line, "**"), strings.Contains(line, "| sandbox "); differs != small {
			t.Errorf("%s", line)
		}
	}
	if len(lines) < 12 || strings.Count(lines[0], "|") != strings.Count(lines[2], "|") {
		t.Errorf("%d lines:\n%s", len(lines), table)
	}
}
