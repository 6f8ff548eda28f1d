package main

import (
	"fmt"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/rowscore"
)

// replicates is the number of replicates per arm of the transfer detector.
const replicates = 8

// allDetectors are the detectors that are measured by default.
var allDetectors = []string{"transfer", "likelihood", "influence", "corpus"}

// detectors are the known detectors.
var detectors = map[string]struct {
	detector func(kind) audit.Detector
	settings func(kind) string // what its outcome depends on besides the rows
}{
	"transfer": {
		func(kind) audit.Detector { return audit.Transfer },
		func(k kind) string {
			return fmt.Sprintf("%d replicates, recipe %s", replicates, k.students.Digest().Short())
		},
	},
	"likelihood": {
		func(k kind) audit.Detector {
			return rowscore.LikelihoodRatio(rowscore.Surrogates{Recipe: k.surrogates, SystemPrompt: k.prompt})
		},
		func(k kind) string {
			return fmt.Sprintf("all kinds of surrogates, prompted: %v, recipe %s", k.prompt != nil, k.surrogates.Digest().Short())
		},
	},
	"likelihood-trained": { // surrogates of one kind, made as the teachers of the kind of worlds
		func(k kind) audit.Detector {
			return rowscore.LikelihoodRatio(rowscore.Surrogates{Kinds: []rowscore.SurrogateKind{rowscore.Trained}, Recipe: k.surrogates})
		},
		func(k kind) string { return "recipe of surrogates " + k.surrogates.Digest().Short() },
	},
	"influence": {
		func(k kind) audit.Detector { return rowscore.Influence(rowscore.Surrogates{Recipe: k.surrogates}) },
		func(k kind) string { return "displacements, recipe of surrogates " + k.surrogates.Digest().Short() },
	},
	"influence-gradient": {
		func(kind) audit.Detector { return rowscore.InfluenceBy(rowscore.Gradient) },
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
