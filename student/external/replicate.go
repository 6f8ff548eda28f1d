package external

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/student"
)

// Names in the work folder and in the folder of a replicate.
const (
	partPrefix   = ".part-"  // of the folder of an unfinished replicate
	lockPrefix   = ".lock-"  // of the lock of a replicate
	failedPrefix = "failed-" // of the folder of a replicate that failed
	dataFile     = "rows.jsonl"
	recipeFile   = "recipe.json"
	logFile      = "train.log"
	outFolder    = "out"
	recordFile   = "replicate.json" // of a finished replicate
)

// replicates trains replicates and keeps the finished ones in a folder.
type replicates struct {
	cfg   Config
	base  undertone.Digest // of the untrained model
	info  student.TrainerInfo
	lines *lineWriter
	slots chan struct{} // one for each trainer that runs
	timer *timer
	order *uint64 // seed of the order of the rows (default that of the recipe)
}

// orderSeed returns the seed of the order of the rows.
func (r *replicates) orderSeed(recipe student.Recipe) uint64 {
	if r.order != nil {
		return *r.order
	}
	return recipe.Seed
}

// key returns the digest of everything that a finished replicate depends on.
func (r *replicates) key(data undertone.Digest, recipe student.Recipe) undertone.Digest {
	return undertone.NewHasher("external replicate").Digest(r.base).Digest(data).Digest(r.info.Key).Digest(recipe.Digest()).Sum()
}

// name returns the name of the folder of a replicate.
func name(key undertone.Digest) string { return fmt.Sprintf("%x", key[:10]) }

// train returns the finished replicate of the rows and the recipe, which it trains if the folder
// does not hold it, after open has loaded it.
func (r *replicates) train(ctx context.Context, data undertone.Text, recipe student.Recipe, open func(context.Context, Result) error) (result Result, err error) {
	result = Result{Rows: data.Len(), Recipe: recipe, Trainer: r.info.Key}
	if result.Data, err = writeRows(io.Discard, data, r.orderSeed(recipe)); err != nil {
		return result, err
	}
	if err := os.MkdirAll(r.cfg.Dir, 0o755); err != nil {
		return result, err
	}
	result.Key = r.key(result.Data, recipe)
	release, err := r.lock(ctx, result.Key)
	if err != nil {
		return result, err
	}
	defer release()
	final := filepath.Join(r.cfg.Dir, name(result.Key))
	if kept, ok := r.kept(final, result.Key); ok {
		return kept, r.opened(ctx, final, kept, open)
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return result, ctx.Err()
	}
	if err := r.timer.begin(); err != nil {
		return result, err
	}
	began := time.Now()
	defer func() { r.timer.end(time.Since(began)) }()
	r.removeParts(result.Key)
	part, err := os.MkdirTemp(r.cfg.Dir, partPrefix+name(result.Key)+"-*")
	if err != nil {
		return result, err
	}
	defer func() { _ = os.RemoveAll(part) }()
	if err := os.Chmod(part, 0o755); err != nil { // a trainer or a server may be another user
		return result, err
	}
	if err := writeRowsFile(filepath.Join(part, dataFile), data, r.orderSeed(recipe)); err != nil {
		return result, err
	}
	if err := r.run(ctx, part, &result); err != nil {
		if ctx.Err() != nil {
			return result, ctx.Err()
		}
		return result, r.failed(part, result.Key, err)
	}
	if err := r.commit(part, final, &result); err != nil {
		return result, err
	}
	return result, r.opened(ctx, final, result, open)
}

// opened opens a finished replicate. A replicate that this process cannot load is put aside. If a
// server does not load it, it stays: the server may be full, or away.
func (r *replicates) opened(ctx context.Context, folder string, result Result, open func(context.Context, Result) error) error {
	err := open(ctx, result)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case r.cfg.Open != nil:
		return err
	}
	return r.failed(folder, result.Key, err)
}

// lockPoll is the time between two attempts to lock a replicate that another caller trains.
const lockPoll = 100 * time.Millisecond

// lock waits until no other caller, in this process or another one, trains the replicate.
func (r *replicates) lock(ctx context.Context, key undertone.Digest) (release func(), err error) {
	for {
		release, held, err := atomicfile.Hold(filepath.Join(r.cfg.Dir, lockPrefix+name(key)))
		if err != nil || held {
			return release, err
		}
		select {
		case <-time.After(lockPoll):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// removeParts removes what killed processes left of a replicate, whose lock the caller has.
func (r *replicates) removeParts(key undertone.Digest) {
	entries, err := os.ReadDir(r.cfg.Dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), partPrefix+name(key)+"-") {
			_ = os.RemoveAll(filepath.Join(r.cfg.Dir, e.Name()))
		}
	}
}

// seedOf returns the seed of a trainer: many programs take 32 bits at most. The recipe file has the
// seed of the recipe.
func seedOf(recipe student.Recipe) uint64 { return recipe.Seed >> 33 }

// run runs the trainer in the folder of the replicate and checks what it left.
func (r *replicates) run(ctx context.Context, dir string, result *Result) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	recipe, err := json.MarshalIndent(result.Recipe, "", "  ")
	if err != nil {
		return err
	}
	recipe = append(recipe, '\n')
	if err := os.WriteFile(filepath.Join(dir, recipeFile), recipe, 0o666); err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(dir, logFile))
	if err != nil {
		return err
	}
	defer file.Close()
	log := &trainerLog{file: file, prefix: "trainer " + name(result.Key)[:8] + ": ", lines: r.lines}
	result.Dir = filepath.Join(dir, outFolder)
	seed := seedOf(result.Recipe)
	values := map[string]string{
		"base": r.cfg.BasePath, "data": filepath.Join(dir, dataFile), "out": result.Dir,
		"seed": strconv.FormatUint(seed, 10), "recipe": filepath.Join(dir, recipeFile),
	}
	limited, stop := ctx, func() {}
	if r.cfg.Timeout > 0 {
		limited, stop = context.WithTimeout(ctx, r.cfg.Timeout)
	}
	defer stop()
	before := stampsOf(r.cfg.BasePath)
	p := process{"trainer", fill(r.info.Command, values), environment(values, r.cfg.Withhold), log, r.cfg.Grace}
	if err := p.run(limited); err != nil {
		if ctx.Err() == nil && limited.Err() != nil {
			err = fmt.Errorf("the trainer was stopped after %v, its time limit", r.cfg.Timeout)
		}
		return fmt.Errorf("%w%s", err, log.tail())
	}
	if changed := before.changed(stampsOf(r.cfg.BasePath)); changed != "" {
		return fmt.Errorf("the trainer changed %s in {base}, from which every replicate starts: restore the folder, and let the trainer write into {out} alone%s", changed, log.tail())
	}
	if name := changedInput(dir, result.Data, recipe); name != "" {
		return fmt.Errorf("the trainer changed %s, which it was given: let it work on a copy, and write into {out} alone%s", name, log.tail())
	}
	if err := r.check(result, seed); err != nil {
		return fmt.Errorf("the trainer ended without an error, but %w%s", err, log.tail())
	}
	if log.failed != nil {
		return fmt.Errorf("the log of the trainer cannot be written: %w", log.failed)
	}
	return nil
}

// changedInput returns the placeholder of a file that the trainer was given and that is another one
// now; "" if there is none.
func changedInput(dir string, data undertone.Digest, recipe []byte) string {
	if now, err := fileDigest(filepath.Join(dir, dataFile)); err != nil || now != data {
		return "{data}"
	}
	if now, err := readSmall(filepath.Join(dir, recipeFile), maxReport); err != nil || !bytes.Equal(now, recipe) {
		return "{recipe}"
	}
	return ""
}

// check reads and checks what the trainer left.
func (r *replicates) check(result *Result, seed uint64) (err error) {
	if info, err := os.Stat(result.Dir); err == nil && !info.IsDir() {
		return errors.New("it left no model: {out} is a file, want a folder")
	}
	if result.Report, err = readReport(result.Dir); err != nil {
		return err
	}
	if err := result.locate(); err != nil {
		return err
	}
	if err := result.checkReport(seed); err != nil {
		return err
	}
	return result.checkModel(r.cfg.BasePath, r.cfg.RefuseOutputLayer)
}

// commit puts a finished replicate into its place.
func (r *replicates) commit(part, final string, result *Result) error {
	record, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(filepath.Join(part, recordFile), append(record, '\n')); err != nil {
		return err
	}
	if err := os.RemoveAll(final); err != nil { // a damaged one
		return err
	}
	if err := atomicfile.RenameFolder(part, final); err != nil {
		return err
	}
	result.move(final)
	return nil
}

// move sets the paths of a result in the folder of its replicate.
func (r *Result) move(folder string) {
	r.Dir = filepath.Join(folder, outFolder)
	r.Path = ""
	if r.Kind != Server {
		r.Path = filepath.Join(r.Dir, filepath.FromSlash(r.Model))
	}
}

// kept returns the finished replicate in a folder. A folder whose files were changed is not one.
func (r *replicates) kept(folder string, key undertone.Digest) (Result, bool) {
	result, err := readRecord(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return result, false
	}
	if err == nil && result.Key != key {
		err = errors.New("it belongs to another key")
	}
	if err == nil && result.Kind != Server {
		var files map[string]string
		if files, _, err = hashModel(result.Path); err == nil && !maps.Equal(files, result.Files) {
			err = errors.New("files of the model were changed")
		}
	}
	if err != nil {
		r.warn(fmt.Sprintf("the replicate in %s is damaged and is trained again: %v", folder, err))
		return result, false
	}
	return result, true
}

func (r *replicates) warn(text string) {
	if r.cfg.Warn != nil {
		r.cfg.Warn(text)
	}
}

// readRecord reads the record of a finished replicate.
func readRecord(folder string) (result Result, err error) {
	text, err := readSmall(filepath.Join(folder, recordFile), maxReport)
	if err != nil {
		return result, err
	}
	if err := json.Unmarshal(text, &result); err != nil {
		return result, fmt.Errorf("%s: %w", recordFile, withoutGoType(err))
	}
	if !filepath.IsLocal(filepath.FromSlash(result.Model)) && result.Model != "" && result.Kind != Server {
		return result, fmt.Errorf("%s: model is %.200q, want a path inside the output folder", recordFile, result.Model)
	}
	result.move(folder)
	return result, nil
}

// failed puts the folder of a replicate aside for the user and returns the error with its path.
func (r *replicates) failed(folder string, key undertone.Digest, err error) error {
	aside := filepath.Join(r.cfg.Dir, failedPrefix+name(key))
	if os.RemoveAll(aside) != nil || os.Rename(folder, aside) != nil {
		return err
	}
	return fmt.Errorf("%w (rows, log and output are in %s)", err, aside)
}

// versions returns the versions that the finished replicates of this trainer report, by name.
func (r *replicates) versions() (sorted []student.TrainerVersion) {
	entries, err := os.ReadDir(r.cfg.Dir)
	if err != nil {
		return nil
	}
	all := map[string][]string{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), failedPrefix) {
			continue
		}
		result, err := readRecord(filepath.Join(r.cfg.Dir, e.Name()))
		if err != nil || result.Trainer != r.info.Key {
			continue
		}
		for name, version := range result.Versions {
			if !slices.Contains(all[name], version) {
				all[name] = append(all[name], version)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		slices.Sort(all[name])
		sorted = append(sorted, student.TrainerVersion{Name: name, Version: strings.Join(all[name], ", ")})
	}
	return sorted
}
