package main

import (
	"fmt"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/rowscore"
)

// The detectors that --detectors and --detector name.
const (
	transferDetector   = "transfer"
	likelihoodDetector = "likelihood"
	influenceDetector  = "influence"
	corpusDetector     = "corpus"
)

// detector returns the detector of a name; s is for those that need surrogates.
func detector(name string, s rowscore.Surrogates) (audit.Detector, error) {
	switch name {
	case transferDetector:
		return audit.Transfer, nil
	case likelihoodDetector:
		return rowscore.LikelihoodRatio(s), nil
	case influenceDetector:
		return rowscore.Influence(s), nil
	case corpusDetector:
		return corpus.Detector(corpus.Config{}), nil
	}
	return audit.Detector{}, fmt.Errorf("there is no detector %.40q; there are transfer, likelihood, influence, corpus", name)
}
