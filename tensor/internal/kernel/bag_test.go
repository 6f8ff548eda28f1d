package kernel

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestBags compares with the twin, bit for bit because sums have one order, over rows around the
// widths of the loops, bags with repeated rows, offsets and guard words.
func TestBags(t *testing.T) {
	defer Use(Active())
	r := rand.New(rand.NewPCG(1, 13))
	for cols := 1; cols < 150; cols++ {
		const rows, bags = 7, 5
		bag := 1 + r.IntN(9)
		ids := make([]int32, bags*bag)
		for i := range ids {
			ids[i] = r.Int32N(rows)
		}
		table := newMatrix(r, false, 1, rows*cols, 0, r.IntN(17))
		y := newMatrix(r, false, 1, bags*cols, 0, r.IntN(17))
		run := func(impl Implementation) (sums, table2 *matrix) {
			Use(impl)
			sums, table2 = y.clone(), table.clone()
			AddToBags(table2.data, y.data, cols, ids, bag)
			SumBags(sums.data, table.data, cols, ids, bag)
			return sums, table2
		}
		wantSums, wantTable := run(Generic)
		for _, impl := range accelerated() {
			sums, table := run(impl)
			if err := sums.differs(wantSums); err != nil {
				t.Fatalf("%v: sums of bags of %d rows of %d: %v", impl, bag, cols, err)
			}
			if err := table.differs(wantTable); err != nil {
				t.Fatalf("%v: adding to bags of %d rows of %d: %v", impl, bag, cols, err)
			}
		}
	}
}

func TestBagsByHand(t *testing.T) {
	each(t, func(t *testing.T) {
		table := []float32{1, 2, 10, 20, 100, 200}
		y := make([]float32, 4)
		SumBags(y, table, 2, []int32{0, 2, 1, 1}, 2)
		if want := []float32{101, 202, 20, 40}; !equal(y, want) {
			t.Errorf("SumBags: %v, want %v", y, want)
		}
		AddToBags(table, []float32{1, 1, 2, 2}, 2, []int32{0, 2, 1, 1}, 2)
		if want := []float32{2, 3, 14, 24, 101, 201}; !equal(table, want) {
			t.Errorf("AddToBags: %v, want %v", table, want)
		}
		SumBags(nil, table, 2, nil, 3)
		SumBags(nil, nil, 0, []int32{0}, 1)
	})
}

func TestBagsPanic(t *testing.T) {
	y, table := make([]float32, 4), make([]float32, 6)
	for want, call := range map[string]func(){
		"SumBags: id 3 at position 1 is outside of the table's 3 rows":    func() { SumBags(y, table, 2, []int32{0, 3}, 1) },
		"AddToBags: id -1 at position 0 is outside of the table's 3 rows": func() { AddToBags(table, y, 2, []int32{-1, 0}, 1) },
		"SumBags: 3 ids in bags of 2 for 4 elements in rows of 2":         func() { SumBags(y, table, 2, make([]int32, 3), 2) },
		"AddToBags: 3 ids in bags of 1 for 4 elements in rows of 2":       func() { AddToBags(table, y, 2, make([]int32, 3), 1) },
		"SumBags: 0 ids in bags of 0 for 0 elements in rows of 2":         func() { SumBags(nil, table, 2, nil, 0) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasSuffix(got, want) {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			call()
		}()
	}
}

func BenchmarkBags(b *testing.B) {
	const rows, cols, bags, bag = 232, 128, 256, 8
	r := rand.New(rand.NewPCG(2, 13))
	ids := make([]int32, bags*bag)
	for i := range ids {
		ids[i] = r.Int32N(rows)
	}
	table, y := randomFloats(rows*cols), make([]float32, bags*cols)
	for _, impl := range Available() {
		for op, run := range map[string]func(){
			"sum": func() { SumBags(y, table, cols, ids, bag) },
			"add": func() { AddToBags(table, y, cols, ids, bag) },
		} {
			b.Run(fmt.Sprintf("op=%sBags/cols=%d/bag=%d/impl=%v", op, cols, bag, impl), func(b *testing.B) {
				defer Use(Active())
				Use(impl)
				clear(y) // the table would grow without limit
				for b.Loop() {
					run()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/bags, "ns/bag")
			})
		}
	}
}
