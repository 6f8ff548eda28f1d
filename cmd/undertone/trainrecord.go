package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/internal/configfile"
	"github.com/undertone-audit/undertone/student/external"
	"github.com/undertone-audit/undertone/student/lm"
)

// trainingFile is the file in a trained model's folder that says how it was trained, to an audit
// that ran the training too. No reader of models reads it.
const trainingFile = external.ReportFile

// trainingRecord is the content of the file.
type trainingRecord struct {
	external.Report
	Version string `json:"version"` // of undertone
	trainReport
}

// contract returns what an audit reads of the record; see docs/trainers.md.
func (r *trainReport) contract(base string) external.Report {
	steps := r.Recipe.Epochs * ((r.Rows + r.Recipe.BatchSize - 1) / r.Recipe.BatchSize)
	kind := external.HF
	if r.AdapterOnly {
		kind = external.PEFT
	}
	return external.Report{
		Kind: kind, Base: base, Steps: &steps, FirstLoss: &r.Before, TrainLoss: &r.After, RowsSeen: &r.Rows, Seed: &r.Recipe.Seed,
		Versions: map[string]string{"undertone": undertone.Version, "engine": r.Engine},
	}
}

// readTraining returns how the model in a folder was trained. It returns nil if the path does not
// exist, and an error if it is something else.
func readTraining(dir string) (*trainingRecord, error) {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	text, err := configfile.ReadFile(filepath.Join(dir, trainingFile))
	record := new(trainingRecord)
	if err != nil || json.Unmarshal(text, record) != nil {
		return nil, fmt.Errorf("%s exists; name a new folder, or remove it", dir)
	}
	return record, nil
}

// writeTraining writes how a model was trained into its folder.
func writeTraining(dir, base string, r trainReport) error {
	r.Out = ""
	text, err := json.MarshalIndent(trainingRecord{r.contract(base), undertone.Version, r}, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(dir, trainingFile), append(text, '\n'))
}

// finished returns the model that an earlier run of the same command trained, and completes its
// summary. Another model in the folder is an error, and so is a model that was changed afterwards.
func (v *trainVerb) finished(c console, found *trainingRecord, base *lm.Model, r *trainReport) (*lm.Model, error) {
	r.Out, r.Digest, r.Seen, r.Added, r.Before, r.After = found.Out, found.Digest, found.Seen, found.Added, found.Before, found.After
	if found.Version != undertone.Version || !reflect.DeepEqual(found.trainReport, *r) {
		return nil, fmt.Errorf("%s holds a model that was trained on other rows, or in another way (%s says how); name a new folder, or remove it", v.Out, filepath.Join(v.Out, trainingFile))
	}
	m, err := v.saved(base, v.Out)
	if err != nil {
		return nil, err
	}
	if m.Digest() != r.Digest {
		return nil, fmt.Errorf("%s was changed after its training: its digest is %s, want %s; remove it and run again", v.Out, m.Digest().Short(), r.Digest.Short())
	}
	c.note("%s was trained by an earlier run of this command; nothing is left to do", v.Out)
	r.Out = v.Out
	return m, nil
}
