// Package external makes students that a program of the user trains: a script for TRL, axolotl or
// LLaMA-Factory, a service, or undertone train.
//
// Train writes the rows, in the order of the seed, to a file, runs the user's command, checks what
// it left, and loads it. A finished replicate is kept in a folder by the digest of everything that
// it depends on, and is not trained again. docs/trainers.md describes the contract with the
// command.
package external

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

// Config describes a student and its trainer. The zero value of a field means the stated default.
type Config struct {
	// Base is the untrained model: a *[lm.Model] without LoRA, or with Open another model, whose
	// abilities the student has.
	Base undertone.Model

	// BasePath is the value of {base}: a folder, or a name that the trainer knows (default a folder
	// in Dir to which Base is written).
	BasePath string

	// BaseDigest is the digest of Base if it has no method Digest.
	BaseDigest undertone.Digest

	// Command is the program with its arguments, in which {base}, {data}, {out}, {seed} and
	// {recipe} are replaced; see [SplitCommand].
	Command []string

	// Dir is the folder of the replicates. Several processes may share it.
	Dir string

	// Open returns the model of a finished training (default: Base with the adapter or the weights
	// of the folder). close may be nil; it is called when the model is not needed any more.
	Open func(ctx context.Context, r Result) (model undertone.Model, close func() error, err error)

	Parallel int           // trainers that run at once, >= 0 (default 1)
	Timeout  time.Duration // of one training, >= 0 (default none)
	Budget   time.Duration // of all trainings together, >= 0: the error of a training that may exceed it wraps [ErrBudget] (default none)
	Grace    time.Duration // from the request to end to the kill of the trainer's processes, >= 0 (default 3 s)
	Log      io.Writer     // receives the output of the trainers, line by line (default none)
	Warn     func(string)  // is told about damaged replicates, by several goroutines at once (default none)

	// Withhold is the name of an environment variable that the trainer does not get, such as that of
	// a key (default none).
	Withhold string

	// RefuseOutputLayer says that an adapter of the output layer (lm_head) is an error, because the
	// server that scores it leaves it out.
	RefuseOutputLayer bool
}

// withDefaults returns the configuration with every unset field at its default, or an error that
// names the field that is missing or out of range.
func (c Config) withDefaults() (Config, error) {
	if c.Parallel == 0 {
		c.Parallel = 1
	}
	if c.Grace == 0 {
		c.Grace = defaultGrace
	}
	m, local := c.Base.(*lm.Model)
	switch {
	case c.Base == nil:
		return c, errors.New("external: Base is not set")
	case local && m.Base() != m:
		return c, errors.New("external: Base has LoRA: merge it first, because a trainer is given whole weights")
	case c.Dir == "":
		return c, errors.New("external: Dir is not set; it holds the trained replicates")
	case c.Parallel < 0:
		return c, fmt.Errorf("external: Parallel is %d, want >= 0", c.Parallel)
	case c.Timeout < 0 || c.Grace < 0 || c.Budget < 0:
		return c, fmt.Errorf("external: Timeout is %v, Budget is %v and Grace is %v, want >= 0", c.Timeout, c.Budget, c.Grace)
	}
	if d, ok := c.Base.(interface{ Digest() undertone.Digest }); ok && c.BaseDigest.IsZero() {
		c.BaseDigest = d.Digest()
	}
	if c.BaseDigest.IsZero() {
		return c, errors.New("external: BaseDigest is not set, and Base has no method Digest")
	}
	return c, checkCommand(c.Command, placeholders)
}

// New returns the untrained student: a *[Student] if Open is not set, and otherwise a *[Served], or
// a *[Talking] if Base gives no log-probabilities. It reads the files that the command names, and
// writes the base if BasePath is not set.
func New(c Config) (student.Student, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	t, err := newReplicates(c)
	if err != nil {
		return nil, err
	}
	if c.Open != nil {
		return newServed(t)
	}
	m, ok := c.Base.(*lm.Model)
	if !ok {
		return nil, fmt.Errorf("external: Base is a %T, want a *lm.Model, or set Open", c.Base)
	}
	if c.BasePath == "" {
		if t.cfg.BasePath, err = saveBase(m, c.Dir); err != nil {
			return nil, err
		}
	}
	return &Student{m, t}, nil
}

// newReplicates returns the replicates of a configuration with its defaults. It reads the files
// that the command names.
func newReplicates(c Config) (*replicates, error) {
	files, err := namedFiles(c.Command)
	if err != nil {
		return nil, err
	}
	if files == nil {
		files = []student.TrainerFile{}
	}
	r := &replicates{
		cfg: c, base: c.BaseDigest, slots: make(chan struct{}, c.Parallel), timer: &timer{budget: c.Budget},
		info: student.TrainerInfo{Command: c.Command, Key: commandKey(c.Command, files), Files: files},
	}
	if c.Log != nil {
		r.lines = &lineWriter{to: c.Log}
	}
	return r, nil
}

// saveBase writes the untrained model to a folder of the work folder, unless it is there.
func saveBase(m *lm.Model, dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "base-"+m.Digest().Short())
	if found, err := lm.Load(path); err == nil && found.Digest() == m.Digest() {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	part, err := os.MkdirTemp(dir, partPrefix+"base-*")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(part) }()
	if err := m.Save(part); err != nil {
		return "", err
	}
	if err := os.Chmod(part, 0o755); err != nil { // a trainer or a server may be another user
		return "", err
	}
	if err := os.RemoveAll(path); err != nil {
		return "", err
	}
	return path, os.Rename(part, path)
}

// digest returns the digest of an untrained student: that of its model and of its trainer.
func (r *replicates) digest() undertone.Digest {
	return undertone.NewHasher("external student").Digest(r.base).Digest(r.info.Key).Sum()
}

// trainText checks the arguments of Train and trains a replicate.
func (r *replicates) trainText(ctx context.Context, data undertone.Data, recipe student.Recipe, open func(context.Context, Result) error) (Result, error) {
	var none Result
	if err := ctx.Err(); err != nil {
		return none, err
	}
	recipe, err := recipe.WithDefaults()
	if err != nil {
		return none, err
	}
	text, ok := data.(undertone.Text)
	if !ok {
		return none, fmt.Errorf("external: cannot learn from a %T, want rows of text", data)
	}
	if data.Len() == 0 {
		return none, fmt.Errorf("external: data set %.80q has no rows to train on", data.Name())
	}
	result, err := r.train(ctx, text, recipe, open)
	if err != nil {
		return result, fmt.Errorf("external: %w", err)
	}
	return result, nil
}

// TrainerInfo implements [student.ExternallyTrained]. The versions are those of the replicates that
// are kept.
func (r *replicates) TrainerInfo() student.TrainerInfo {
	info := r.info
	info.Versions = r.versions()
	return info
}
