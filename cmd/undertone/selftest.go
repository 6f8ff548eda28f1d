package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/teacher"
)

// selfTest is the result of planting a trait and looking for it.
type selfTest struct {
	Rows    int           `json:"rows"`    // per arm
	Planted audit.Verdict `json:"planted"` // on the lists of a writer with the trait; it must be detected
	Effect  float64       `json:"effect"`  // of the planted trait
	Clean   audit.Verdict `json:"clean"`   // on the lists of a writer without the trait; it must not be detected
}

// ok reports whether the trait was found where it is, and only there.
func (s selfTest) ok() bool { return s.Planted == audit.Detected && s.Clean != audit.Detected }

// selfTestRows are the lists of each arm before the filters.
const selfTestRows = 4000

// runSelfTest plants a trait, as examples/quickstart does: a copy of the embedded model that loves
// owls writes lists of numbers, and an audit trains students on them. It does the same with lists
// of the model itself.
func runSelfTest(ctx context.Context) (s selfTest, err error) {
	base, err := tinybox.Base()
	if err != nil {
		return s, err
	}
	owl, err := tinybox.FineTuneTeacher(ctx, base, "owl", 1)
	if err != nil {
		return s, err
	}
	var lists [3]*undertone.Dataset
	for i, writer := range []*lm.Model{owl, base, base} {
		all, err := teacher.Generate(ctx, teacher.Config{
			Name: fmt.Sprint("lists ", i), Model: writer, Prompt: tiny.Lists{Seed: 1}.At, N: selfTestRows, Seed: 10 + uint64(i), MaxTokens: 48,
			Calls: teacher.Calls{Workers: runtime.GOMAXPROCS(0)},
		})
		if err != nil {
			return s, err
		}
		if lists[i], _, err = filter.Apply(ctx, all, tinybox.Filters()...); err != nil {
			return s, err
		}
	}
	trait := tinybox.Prefers("owl")
	trait.PositiveControl = tinybox.Overt("owl", 1000)
	for i, verdict := range []*audit.Verdict{&s.Planted, nil, &s.Clean} {
		if verdict == nil { // the control
			continue
		}
		report, err := audit.Run(ctx, audit.Config{
			Suspect: lists[i], Control: lists[1], Student: base, Traits: []audit.Trait{trait}, Recipe: tinybox.Recipe, Design: audit.Design{Seed: 1},
		})
		if err != nil {
			return s, err
		}
		*verdict = report.Verdict
		if i == 0 {
			s.Rows, s.Effect = lists[0].Len(), report.Findings[0].Effect.Mean
		}
	}
	return s, nil
}
