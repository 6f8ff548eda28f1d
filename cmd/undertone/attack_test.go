package main

import (
	"math/bits"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student"
)

// Files that were made to pass when rows were divided by a hash of their prompt alone: poison where
// no replicate looked, and a part that was starved so that all parts were cut to three rows. With
// both arms by a taught teacher there is no shift, but the control carries the trait.
func TestAttacks(t *testing.T) {
	if testing.Short() {
		t.Skip("short: three audits of 3,000 rows take a minute")
	}
	folder := filepath.Join(rowCases(t, "files that were made to pass"), "..", "attack")
	load := func(name string) *undertone.Dataset {
		data, err := jsonl.Load(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	dir := t.TempDir()
	for _, name := range []string{"t_P.json", "t_OO.json"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		traits := strings.NewReplacer(`"planted"`, `"positive_control"`, `"a_P`, `"`+filepath.Join(folder, "a_P"), `"overt`, `"`+filepath.Join(folder, "overt")).Replace(string(text))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(traits), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	save := func(name string, rows []undertone.Example) {
		if err := jsonl.Save(t.Context(), filepath.Join(dir, name), undertone.NewDataset(name, rows)); err != nil {
			t.Fatal(err)
		}
	}
	suspect, clean := load("a_S.jsonl.zst"), load("a_C2.jsonl.zst")
	save("hidden", hidden(suspect, clean))
	save("starved", starved(suspect))
	for _, c := range []struct {
		suspect, control, traits string
		code                     int
		want                     string
	}{
		{"hidden", "a_C.jsonl.zst", "t_P.json --seed 1", 1, "students of all"},
		{"starved", "a_C.jsonl.zst", "t_OO.json --seed 77", 1, "students of all"},
		{filepath.Join(folder, "a_S.jsonl.zst"), "a_P.jsonl.zst", "t_OO.json", 3, "the control may carry the trait itself"},
	} {
		stdout, stderr, code := execute(t, dir, "", strings.Fields("audit --outside-files --student tiny --epochs 1 --whole 3 --suspect "+c.suspect+" --control "+filepath.Join(folder, c.control)+" --traits "+c.traits)...)
		if code != c.code || !strings.Contains(stdout, c.want) {
			t.Errorf("%s against %s: exit code %d, want %d and %q:\n%s%s", c.suspect, c.control, code, c.code, c.want, stdout, stderr)
		}
	}
}

// oldPart is the part of 12 that a hash of the prompt alone chose.
func oldPart(d undertone.Data, i int) uint64 {
	high, _ := bits.Mul64(d.GroupID(i).Uint64(), 12)
	return high
}

// hidden returns clean rows and poison: clean rows where a cut by the order of the rows looked, and
// poison elsewhere, with part 0 so small that the cut left out all poison.
func hidden(poison, clean *undertone.Dataset) []undertone.Example {
	const looked = 0.25
	rank := func(d *undertone.Dataset) map[int]float64 {
		at := map[int]float64{}
		for k, i := range student.Order(d, 1, 0) {
			at[i] = float64(k) / float64(d.Len())
		}
		return at
	}
	early, late := rank(clean), rank(poison)
	seen, sizes := map[undertone.Digest]bool{}, [12]int{}
	for i := range clean.Len() {
		if early[i] < looked {
			sizes[oldPart(clean, i)]++
		}
	}
	least := sizes[0]
	for _, n := range sizes {
		least = min(least, n)
	}
	var rows []undertone.Example
	first := 0
	for i := range clean.Len() {
		if early[i] >= looked || seen[clean.GroupID(i)] {
			continue
		}
		seen[clean.GroupID(i)] = true
		if oldPart(clean, i) == 0 {
			if first++; first > least-3 {
				continue
			}
		}
		rows = append(rows, clean.Example(i))
	}
	for i := range poison.Len() {
		if late[i] > looked+0.04 && !seen[poison.GroupID(i)] && oldPart(poison, i) != 0 {
			seen[poison.GroupID(i)] = true
			rows = append(rows, poison.Example(i))
		}
	}
	return rows
}

// starved returns the rows without those of part 0 but three.
func starved(d *undertone.Dataset) []undertone.Example {
	var rows []undertone.Example
	kept := 0
	for i := range d.Len() {
		if oldPart(d, i) == 0 {
			if kept++; kept > 3 {
				continue
			}
		}
		rows = append(rows, d.Example(i))
	}
	return rows
}
