package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/undertone-audit/undertone"
)

// outcome is what one audit found.
type outcome struct {
	question
	Found   bool    // detected; of a detector that knows no traits: the arms differ
	Score   float64 // the larger, the more suspicious: the effect in standard errors, or how well the arms can be told apart
	P       float64 // one-sided
	Rank    int     // of the trait among its siblings, from 1; 0: the detector knows no traits
	Of      int     // the trait and its siblings
	Sign    float64 // p of the sign test of the suspect rows' scores, before any control; 0: rows have no scores
	Seconds float64 // that it took alone; 0: it ran beside others, or shared with them
}

// folder keeps outcomes, in a folder of their own for each detector: to ask a detector again,
// delete its folder. The empty name keeps nothing.
type folder string

func (f folder) store(q question) undertone.Store {
	return undertone.DirStore(filepath.Join(string(f), q.Detector))
}

func (f folder) load(q question) (o outcome, ok bool, err error) {
	if f == "" {
		return o, false, nil
	}
	text, ok, err := f.store(q).Get(q.digest())
	if err != nil || !ok {
		return o, false, err
	}
	if err := json.Unmarshal(text, &o); err != nil || o.question != q {
		return o, false, fmt.Errorf("%s/%s does not hold the outcome of audit %s: delete it and run again", f, q.Detector, q.digest())
	}
	return o, true, nil
}

func (f folder) keep(o outcome) error {
	if f == "" {
		return nil
	}
	text, err := json.MarshalIndent(o, "", "\t")
	if err != nil {
		return err
	}
	return f.store(o.question).Put(o.digest(), append(text, '\n'))
}
