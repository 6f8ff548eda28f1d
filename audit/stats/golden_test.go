package stats_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/undertone-audit/undertone/audit/stats"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden compares results with testdata/golden.txt: p-values to the last digit, and estimates
// to nine digits, because processors round differently. The file fixes the seeded streams of random
// permutations: a report must not change if only the code of a test changes.
func TestGolden(t *testing.T) {
	const path = "testdata/golden.txt"
	got := golden()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantLines := bytes.Split(want, []byte("\n"))
	for i, line := range bytes.Split(got, []byte("\n")) {
		if i >= len(wantLines) || !bytes.Equal(line, wantLines[i]) {
			t.Fatalf("%s:%d: got\n%s\nRun the test with -update if a result is meant to change.", path, i+1, line)
		}
	}
}

func golden() []byte {
	var b bytes.Buffer
	line := func(what string, values ...float64) { fmt.Fprintf(&b, "%s %.9g\n", what, values) }
	p := func(what string, p stats.PValue) { fmt.Fprintln(&b, what, p.P, p.Floor, p.Exact) }
	interval := func(what string, i stats.Interval) { line(what, i.Mean, i.SD, i.Low, i.High) }
	rng := rand.New(rand.NewPCG(1, 2))
	sample := func(n int, shift float64) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = shift + rng.NormFloat64()
		}
		return x
	}

	for _, n := range []int{1, 7, 12, 20, 21, 64, 65, 130} {
		p(fmt.Sprint("sign flip, pairs ", n), stats.SignFlip(sample(n, 0.2), 2000, uint64(n)))
	}
	absolute := func(sum []float64) (s float64) {
		for _, v := range sum {
			s += math.Abs(v)
		}
		return s
	}
	for _, n := range []int{5, 13, 21, 70} {
		rows := make([][]float64, n)
		for i := range rows {
			rows[i] = sample(3, 0.1)
		}
		p(fmt.Sprint("sign flip of vectors, pairs ", n), stats.SignFlipVector(rows, absolute, 2000, uint64(n)))
	}
	for _, n := range []int{2, 3, 5, 8, 9, 11} {
		table := make([][]float64, n)
		for i := range table {
			table[i] = sample(n, 0)
			table[i][i] += 0.8
		}
		p(fmt.Sprint("assignment, rows ", n), stats.AssignmentTest(table, uint64(n)))
		line(fmt.Sprint("diagonal effect, rows ", n), stats.DiagonalEffect(table))
	}
	for _, c := range []struct{ strata, first, second int }{{1, 30, 50}, {19, 2, 3}, {20, 4, 1}, {40, 1, 1}, {30, 1, 5}} {
		var first, second [2][]float64
		var strataFirst, strataSecond []uint64
		for range c.strata {
			key, level := rng.Uint64(), 2*rng.NormFloat64()
			for range c.first {
				x := level + 0.3 + rng.NormFloat64()
				first[0], first[1] = append(first[0], x), append(first[1], x*x)
				strataFirst = append(strataFirst, key)
			}
			for range c.second {
				x := level + rng.NormFloat64()
				second[0], second[1] = append(second[0], x), append(second[1], x*x)
				strataSecond = append(strataSecond, key)
			}
		}
		strataFirst[0] = 1 // a stratum of one arm
		what := fmt.Sprintf("stratified %+v", c)
		r := stats.CompareStratified(first[0], second[0], strataFirst, strataSecond, 0.95, 999, uint64(c.strata))
		line(what, r.Mean, r.SE, r.Low, r.High, float64(r.Strata), float64(r.First), float64(r.Second))
		p(what, r.P)
		for _, draw := range stats.StratifiedNull(first[:], second[:], strataFirst, strataSecond, 3, 7) {
			line(what+" null", draw...)
		}
	}
	for _, n := range []int{1, 9, 40} {
		x := sample(n, 0.5)
		b := stats.BettingTest{Scale: 0.5}
		e := b.EValue(x)
		line(fmt.Sprint("betting, pairs ", n), e.Value, e.P.P, e.P.Floor)
		interval(fmt.Sprint("betting, pairs ", n), b.ConfidenceSequence(x, 0.9))
		interval(fmt.Sprint("mean, n ", n), stats.MeanInterval(x, 0.95))
		line(fmt.Sprint("outlier, n ", n), stats.OutlierTest(1, x))
	}
	sign := stats.SignTest(14, 17)
	line("sign test", sign.P, sign.Floor)
	return b.Bytes()
}
