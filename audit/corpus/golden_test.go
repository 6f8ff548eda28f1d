package corpus

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden compares the numbers of three comparisons with testdata/golden.txt: rows of shared
// prompts, few prompts with many rows each, and prompts that the arms do not share. P-values must
// agree to the last digit, and estimates to six digits, because processors round differently.
func TestGolden(t *testing.T) {
	const path = "testdata/golden.txt"
	var b bytes.Buffer
	for i, c := range []struct {
		reason                         string
		from, prompts, rows, otherFrom int
	}{{"shared prompts", 0, 60, 1, 0}, {"few prompts", 0, 4, 15, 0}, {"other prompts", 0, 60, 2, 500}} {
		rng := rand.New(rand.NewPCG(uint64(i), 20))
		suspect := writer{tilt: .1, layouts: true}.write("a", c.from, c.prompts, c.rows, rng)
		control := writer{layouts: true}.write("b", c.otherFrom, c.prompts, c.rows, rng)
		config := fast(i)
		config.Permutations = 999
		r := compare(t, suspect, control, config)
		for _, f := range append(r.Channels, *r.Content, *r.Layout) {
			fmt.Fprintf(&b, "%s, %s: %v %v %.6f %s %s\n", c.reason, f.Channel, f.P.P, f.P.Floor, f.Shift+0, f.Row, f.Bag)
		}
		fmt.Fprintf(&b, "%s, mmd: %v %v %.6g %.6g %d\n", c.reason, r.MMD.P.P, r.MMD.P.Floor, r.MMD.Squared, r.MMD.Bandwidth, r.MMD.Rows)
		for _, row := range r.Rows[:5] {
			fmt.Fprintf(&b, "%s, row %d: %.6f %s %s\n", c.reason, row.Index, row.Score, row.ID.Short(), row.Prompt.Short())
		}
		share := r.Features[0]
		fmt.Fprintf(&b, "%s, feature %q: %.6g %.6g %.6g\n", c.reason, share.Feature, share.Suspect, share.Control, share.Z)
	}
	var bags []Bag
	rng := rand.New(rand.NewPCG(9, 20))
	for i := range 40 {
		bag := Bag{Suspect: i%2 == 0}
		for _, e := range (writer{tilt: .3 * float64(1-i%2)}).write("bag", -1, 4, 1, rng).All() {
			bag.Rows = append(bag.Rows, e)
		}
		bags = append(bags, bag)
	}
	classifier, err := Train(t.Context(), bags[:30], Config{Seed: 1, Folds: 3})
	if err != nil {
		t.Fatal(err)
	}
	test := classifier.Test(bags[30:])
	fmt.Fprintf(&b, "classifier: rows %s, bags %s, test %s\n", classifier.CrossValidated.Row, classifier.CrossValidated.Bag, test)
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
