package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/audit/clean"
)

// ways are the ways of cleaning that are compared.
var ways = []struct {
	name     string
	settings clean.Settings
}{
	{"rows dropped", clean.Settings{}},
	{"at random", clean.Settings{Random: true}},
	{"rows replaced", clean.Settings{Replace: true}},
	{"at random", clean.Settings{Replace: true, Random: true}},
	{"words dropped", clean.Settings{Words: true}},
	{"at random", clean.Settings{Words: true, Random: true}},
	{"words replaced", clean.Settings{Words: true, Replace: true}},
	{"at random", clean.Settings{Words: true, Replace: true, Random: true}},
}

// shares are the removed shares of all rows or words, besides 0.
var shares = []float64{0.05, 0.1, 0.2, 0.4}

func printHeader() {
	fmt.Print("| teacher | removed |")
	for _, way := range ways {
		fmt.Printf(" %s |", way.name)
	}
	fmt.Println("\n|---|---|" + strings.Repeat("---|", len(ways)))
}

// shift is the shift of the students in nats: its mean, and half of its 95 % interval.
type shift struct{ mean, half float64 }

// shiftsOf returns the shifts, by step and way.
func shiftsOf(tables []*clean.DoseResponse) [][]shift {
	steps := make([][]shift, len(tables[0].Steps))
	for i := range steps {
		for _, t := range tables {
			f := t.Steps[i].Findings[0]
			steps[i] = append(steps[i], shift{f.Effect.Mean, (f.Interval.High - f.Interval.Low) / 2})
		}
	}
	return steps
}

func printShifts(teacher string, steps [][]shift) {
	for i, ways := range steps {
		fmt.Printf("| %s | %g %% |", teacher, 100*slices.Concat([]float64{0}, shares)[i])
		for _, s := range ways {
			fmt.Printf(" %+.2f ± %.2f |", s.mean, s.half)
		}
		fmt.Println()
	}
}

// printMeans prints the mean shift over all teachers.
func printMeans(teachers [][][]shift) {
	for i, ways := range teachers[0] {
		fmt.Printf("| mean | %g %% |", 100*slices.Concat([]float64{0}, shares)[i])
		for w := range ways {
			mean := 0.0
			for _, t := range teachers {
				mean += t[i][w].mean / float64(len(teachers))
			}
			fmt.Printf(" %+.2f |", mean)
		}
		fmt.Println()
	}
}
