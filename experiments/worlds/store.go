package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/internal/cache"
)

// outcome is the result of one audit.
type outcome struct {
	task
	Found   bool    // the trait is detected; for a detector that compares the arms: they differ
	Score   float64 // the effect in standard errors; for a detector that compares the arms: its evidence value
	P       float64 // one-sided p-value
	Rank    int     // of the trait among its placebos, >= 1; 0: the detector does not measure traits
	Of      int     // the trait and its placebos
	Sign    float64 // p-value of the sign test of the suspect scores; 0: the detector does not score rows
	Seconds float64 // of an audit that ran alone; 0: it ran beside others

	Processor float64 // processor time of an audit that ran alone, in seconds; 0: unknown

	Effect, Low, High float64       // of a finding, with its interval
	Verdict           audit.Verdict // of a finding

	// Of kinds of worlds that measure them:
	Bits float64 // information of a suspect row, of its writer against the writer's base
	Kept float64 // share of the suspect's rows that the filters keep
}

// folder stores outcomes in a subfolder per detector. Delete a subfolder to run its detector again.
// The empty name stores nothing.
type folder string

func (f folder) store(t task) undertone.Store {
	return undertone.DirStore(filepath.Join(string(f), t.Detector))
}

// outcomeKind is what a stored outcome is.
const outcomeKind = "the outcome of an audit"

// load returns the stored outcome of a task, if there is one. A damaged outcome is said, and is
// computed again.
func (f folder) load(t task) (outcome, bool, error) {
	if f == "" {
		return outcome{}, false, nil
	}
	warn := func(text string) { fmt.Fprintln(os.Stderr, "worlds: warning:", text) }
	return cache.Get(cache.Cache{Store: f.store(t), Warn: warn}, t.digest(), outcomeKind, func(text []byte) (o outcome, err error) {
		if err = json.Unmarshal(text, &o); err == nil && o.task != t {
			err = errors.New("it is the outcome of another audit")
		}
		return o, err
	})
}

// save stores an outcome.
func (f folder) save(o outcome) error {
	if f == "" {
		return nil
	}
	return cache.Put(cache.Cache{Store: f.store(o.task)}, o.digest(), outcomeKind, o)
}
