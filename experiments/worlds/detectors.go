package main

import (
	"fmt"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/rowscore"
)

// pairsOfStudents is the number of replicates of the transfer detector.
const pairsOfStudents = 8

// allDetectors are those that are measured unless others are named.
var allDetectors = []string{"transfer", "likelihood", "influence", "corpus"}

// detectors are those that are measured, as each is used.
var detectors = map[string]struct {
	detector func(kind) audit.Detector
	settings func(kind) string // a short name of what it depends on beside the rows
}{
	"transfer": {
		func(kind) audit.Detector { return audit.Transfer },
		func(k kind) string {
			return fmt.Sprintf("%d pairs, recipe %s", pairsOfStudents, k.students.Digest().Short())
		},
	},
	"likelihood": {
		func(k kind) audit.Detector { return rowscore.LikelihoodRatio(rowscore.Surrogates{Recipe: k.standIns}) },
		func(k kind) string { return "stand-ins' recipe " + k.standIns.Digest().Short() },
	},
	"influence": {
		func(kind) audit.Detector { return rowscore.Influence },
		func(kind) string { return "" },
	},
	"influence-adam": {
		func(kind) audit.Detector { return rowscore.InfluenceBy(rowscore.AdamStep) },
		func(kind) string { return "" },
	},
	"influence-fisher": {
		func(kind) audit.Detector { return rowscore.InfluenceBy(rowscore.NaturalGradient) },
		func(kind) string { return "" },
	},
	"corpus": {
		func(kind) audit.Detector { return corpus.Detector(corpus.Config{}) },
		func(kind) string { return "" },
	},
}
