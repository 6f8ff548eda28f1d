package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/external"
)

// trainerFlags name a program of the user that trains students.
type trainerFlags struct {
	Trainer        *string       `placeholder:"COMMAND" help:"Program that trains students instead of undertone, such as './train.sh {base} {data} {out} {seed} {recipe}'; docs/trainers.md describes what it is given and must leave. It runs with your rights."`
	Trainers       int           `range:"[1, 1024]" placeholder:"N" default:"1" help:"Trainers that run at once, in [1, 1024] (default ${default})."`
	TrainerTimeout time.Duration `range:"> 0" placeholder:"TIME" help:"Longest time of one training, > 0, such as 2h (default no limit)."`
	TrainerBudget  time.Duration `range:"> 0" placeholder:"TIME" help:"Longest time of all trainings together, > 0, such as 20h: the GPU time, if a trainer uses one GPU. The run stops before a training that may exceed it, and the same command resumes (default no limit)."`
	TrainerDir     string        `file:"store" placeholder:"DIR" help:"Folder for trained replicates, which are not trained again (default trainer in --store; without --store a temporary folder)."`
	TrainerBase    string        `placeholder:"NAME" help:"Value of {base} for a student behind a server: the model as the trainer knows it (default where the server read it)."`
	Serve          *string       `placeholder:"COMMAND" help:"Program that serves one trained model, such as 'vllm serve {model} --port {port}', for trainers that leave whole models. It is started for each replicate, one at a time, and stopped when the probes are answered. It runs with your rights."`
	ServeTimeout   time.Duration `range:"> 0" placeholder:"TIME" default:"10m" help:"Longest time until the program of --serve answers, > 0, such as 90s (default ${default})."`
}

// check returns an error about an empty --trainer, or a flag that needs it.
func (f trainerFlags) check() error {
	if f.Trainer != nil && strings.TrimSpace(*f.Trainer) == "" {
		return errors.New("--trainer is empty: name a command, or omit the flag to train in this process")
	}
	if f.Serve != nil && strings.TrimSpace(*f.Serve) == "" {
		return errors.New("--serve is empty: name a command, or omit the flag")
	}
	if f.Trainer == nil && (f.Serve != nil || f.Trainers != 1 || f.TrainerTimeout != 0 || f.TrainerBudget != 0 || f.TrainerDir != "" || f.TrainerBase != "") {
		return errors.New("--trainers, --trainer-timeout, --trainer-budget, --trainer-dir, --trainer-base and --serve need --trainer")
	}
	return nil
}

// untrained returns the untrained student whose training is the user's program. The path of the
// base is "" if no folder equals it. The caller calls done at the end.
func (f trainerFlags) untrained(c console, base servedBase, store string) (s student.Student, done func(), err error) {
	done = func() {}
	command, err := external.SplitCommand(*f.Trainer)
	if err != nil {
		return nil, done, flagged(err)
	}
	dir := f.TrainerDir
	switch {
	case dir != "":
	case store != "":
		dir = filepath.Join(store, "trainer")
	default:
		if dir, done, err = temporaryDir(); err != nil {
			return nil, done, err
		}
	}
	s, err = external.New(external.Config{
		Base: base.Model, BasePath: base.path, Open: base.open, RefuseOutputLayer: base.open != nil && !base.counted, Command: command, Dir: dir, Parallel: f.Trainers, Timeout: f.TrainerTimeout, Budget: f.TrainerBudget,
		Log: c.more(), Warn: c.warnings.add, Withhold: base.key,
	})
	if err != nil {
		done()
		return nil, func() {}, flagged(err)
	}
	remove := done
	return s, func() {
		noteTrainings(c, s)
		remove()
	}, nil
}

// noteTrainings says how many trainings were made, and their time.
func noteTrainings(c console, s student.Student) {
	if u := s.(interface{ Usage() external.Usage }).Usage(); u.Trainings > 0 {
		c.note("trainer: %d trainings took %v, the longest %v", u.Trainings, u.Total.Round(roundTenth), u.Longest.Round(roundTenth))
	}
}

// temporaryDir returns a folder for replicates. done removes it, unless it has the folder of a
// failed replicate, which an error names.
func temporaryDir() (dir string, done func(), err error) {
	if dir, err = os.MkdirTemp("", "undertone-trainer-*"); err != nil {
		return "", func() {}, err
	}
	return dir, func() {
		for _, pattern := range []string{"failed-*", "*/failed-*"} {
			if failed, err := filepath.Glob(filepath.Join(dir, pattern)); err != nil || len(failed) > 0 {
				return
			}
		}
		_ = os.RemoveAll(dir)
	}, nil
}

// flagged returns an error of package external about --trainer.
func flagged(err error) error { return flaggedAs("--trainer", err) }

// flaggedAs returns an error of package external about a flag.
func flaggedAs(flag string, err error) error {
	return fmt.Errorf("%s: %s", flag, strings.TrimPrefix(err.Error(), "external: "))
}

// trained returns the student of an audit that --trainer trains.
func (f trainerFlags) trained(_ context.Context, c console, flags experimentFlags) (student.Student, func(), error) {
	if flags.LoRA != nil {
		return nil, nil, errors.New("--lora has no effect with --trainer, which decides what is trained; give the rank to the trainer")
	}
	base, err := flags.base()
	if err != nil {
		return nil, nil, err
	}
	path := flags.folder()
	if path != "" {
		if path, err = filepath.Abs(path); err != nil {
			return nil, nil, err
		}
	}
	return f.untrained(c, servedBase{Model: base, path: path}, flags.Store)
}
