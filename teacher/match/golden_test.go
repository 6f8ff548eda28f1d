package match

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// TestNumbersGolden compares the numbers of two comparisons with testdata/numbers.txt: arms of one
// source, and arms that differ. P-values must agree to the last digit, and estimates to nine
// digits, because processors round differently.
func TestNumbersGolden(t *testing.T) {
	var b bytes.Buffer
	for i, lift := range []float64{0, 0.15} {
		suspect, control := scene(rand.New(rand.NewPCG(uint64(i), 9)), lift)
		c := mustCompare(t, mustPair(t, suspect, control), Settings{Permutations: 999, Seed: uint64(i), Top: 5})
		for j, d := range []Divergence{c.Length.Divergence, c.Formats.Divergence, c.Words.Divergence, c.FirstWords.Divergence} {
			fmt.Fprintf(&b, "lift %v, divergence %d: %.9g %.9g %.9g %v\n", lift, j, d.JS, d.NullMean, d.NullSD, d.P.P)
		}
		for j, table := range []Table{c.Formats, c.Words, c.FirstWords} {
			for _, s := range table.Top {
				fmt.Fprintf(&b, "lift %v, table %d, %s: %.9g %.9g %.9g %v\n", lift, j, s.Category, s.Suspect, s.Control, s.Z, s.P.P)
			}
		}
	}
	path := filepath.Join("testdata", "numbers.txt")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("got\n%s\nwant\n%s\nRun the test with -update if a result is meant to change.", b.Bytes(), want)
	}
}
