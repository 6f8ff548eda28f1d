package nplm_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/nplm"
)

// lists returns a model over digits, and n lists of four two-digit numbers.
func lists(tb testing.TB, hidden, n int) (*nplm.Model, *undertone.Dataset) {
	return model(tb, hidden, 0), numbers(n)
}

func model(tb testing.TB, hidden int, seed uint64) *nplm.Model {
	v, err := nplm.NewVocabulary("list", ",", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
	if err != nil {
		tb.Fatal(err)
	}
	m, err := nplm.New(nplm.Config{Vocabulary: v, Hidden: hidden, Seed: seed})
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func numbers(n int) *undertone.Dataset {
	rng := rand.New(rand.NewPCG(1, 1))
	rows := make([]undertone.Example, n)
	for i := range rows {
		rows[i] = undertone.NewExample("list", fmt.Sprintf("%d,%d,%d,%d", 10+rng.IntN(90), 10+rng.IntN(90), 10+rng.IntN(90), 10+rng.IntN(90)))
	}
	return undertone.NewDataset("lists", rows)
}

func BenchmarkTrain(b *testing.B) {
	const rows = 10_000
	for _, hidden := range []int{32, 64, 128} {
		b.Run(fmt.Sprintf("hidden=%d/batch=256/rows=%d", hidden, rows), func(b *testing.B) {
			m, data := lists(b, hidden, rows)
			data.Digest() // not part of the measurement
			for b.Loop() {
				if _, err := m.Train(b.Context(), data, student.Recipe{BatchSize: 256}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func BenchmarkGenerate(b *testing.B) {
	const rows = 4096
	m, _ := lists(b, 128, 1)
	requests := make([]undertone.Request, rows)
	for i := range requests {
		requests[i] = undertone.Request{Messages: []undertone.Message{{Role: "user", Content: "list"}}, Temperature: 1, Seed: uint64(i), MaxTokens: 12}
	}
	for b.Loop() {
		if _, err := m.GenerateBatch(b.Context(), requests); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkTogether trains students one at a time and together, on the same rows.
func BenchmarkTogether(b *testing.B) {
	const rows, replicates = 10_000, 16
	for _, hidden := range []int{32, 128} {
		students := make([]student.Student, replicates)
		for i := range students {
			students[i] = model(b, hidden, uint64(i))
		}
		data := numbers(rows)
		data.Digest() // not part of the measurement
		recipe := student.Recipe{BatchSize: 256}
		for way, train := range map[string]func() error{
			"one": func() error {
				for _, s := range students {
					if _, err := s.Train(b.Context(), data, recipe); err != nil {
						return err
					}
				}
				return nil
			},
			"all": func() error {
				_, err := students[0].(student.BatchTrainer).TrainAll(b.Context(), students, data, recipe)
				return err
			},
		} {
			b.Run(fmt.Sprintf("hidden=%d/replicates=%d/together=%s", hidden, replicates, way), func(b *testing.B) {
				for b.Loop() {
					if err := train(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(rows*replicates*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
