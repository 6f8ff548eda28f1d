package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone/internal/outfile"
)

// outcome is what one audit found.
type outcome struct {
	question
	Found   bool    // detected; of a detector that knows no traits: the arms differ
	Score   float64 // the larger, the more suspicious: the effect in standard errors, or how well the arms can be told apart
	P       float64 // one-sided
	Rank    int     // of the trait among its siblings, from 1; 0: the detector knows no traits
	Of      int     // the trait and its siblings
	Seconds float64 // that it took alone; 0: it ran beside others, or shared with them
}

// folder keeps outcomes, one small file each, under names that begin with the detector's: to ask
// a detector again, delete its files. The empty name keeps nothing.
type folder string

func (f folder) path(q question) string {
	return filepath.Join(string(f), q.Detector+"-"+q.digest().Short()+".json")
}

func (f folder) load(q question) (o outcome, ok bool, err error) {
	if f == "" {
		return o, false, nil
	}
	text, err := os.ReadFile(f.path(q))
	if errors.Is(err, fs.ErrNotExist) {
		return o, false, nil
	}
	if err != nil {
		return o, false, err
	}
	if err := json.Unmarshal(text, &o); err != nil || o.question != q {
		return o, false, fmt.Errorf("%s does not hold the outcome of its audit: delete it and run again", f.path(q))
	}
	return o, true, nil
}

func (f folder) keep(o outcome) error {
	if f == "" {
		return nil
	}
	if err := os.MkdirAll(string(f), 0o777); err != nil {
		return err
	}
	text, err := json.MarshalIndent(o, "", "\t")
	if err != nil {
		return err
	}
	file, err := outfile.Create(f.path(o.question))
	if err != nil {
		return err
	}
	if _, err := file.Write(append(text, '\n')); err != nil {
		file.Abandon()
		return err
	}
	return file.Commit()
}
