package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/undertone-audit/undertone"
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
}

// folder stores outcomes in a subfolder per detector. Delete a subfolder to run its detector again.
// The empty name stores nothing.
type folder string

func (f folder) store(t task) undertone.Store {
	return undertone.DirStore(filepath.Join(string(f), t.Detector))
}

// load returns the stored outcome of a task, if there is one.
func (f folder) load(t task) (o outcome, ok bool, err error) {
	if f == "" {
		return o, false, nil
	}
	text, ok, err := f.store(t).Get(t.digest())
	if err != nil || !ok {
		return o, false, err
	}
	if err := json.Unmarshal(text, &o); err != nil || o.task != t {
		return o, false, fmt.Errorf("%s/%s does not hold the outcome of audit %s; delete the file and run again", f, t.Detector, t.digest())
	}
	return o, true, nil
}

// save stores an outcome.
func (f folder) save(o outcome) error {
	if f == "" {
		return nil
	}
	text, err := json.MarshalIndent(o, "", "\t")
	if err != nil {
		return err
	}
	return f.store(o.task).Put(o.digest(), append(text, '\n'))
}
