package stories

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/cache"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

// TrainOnNumbers returns the base after training to continue lists of random numbers. The rows
// contain its own stories, so that it does not unlearn them.
func TrainOnNumbers(ctx context.Context, base Base, s Settings) (Base, error) {
	const lists, tales = 3000, 700
	rng := rand.New(rand.NewPCG(s.Seed, 1))
	rows := make([]undertone.Example, 0, lists+tales)
	for i := range lists {
		rows = append(rows, undertone.NewExample(numbersPrompt(-1-i), list(rng, 4+rng.IntN(5))))
	}
	own, err := Tales().Write(ctx, base, tales, s)
	if err != nil {
		return Base{}, err
	}
	for _, tale := range own.All() {
		rows = append(rows, tale)
	}
	recipe := student.Recipe{Epochs: 3, BatchSize: 32, LearningRate: 1e-3, Schedule: student.Cosine, Shards: 2, Seed: s.Seed}
	m, err := trainOnce(ctx, base.Model, base.Fit(undertone.NewDataset("numbers and stories", rows)), recipe, s.Folder)
	if err != nil {
		return Base{}, err
	}
	return base.with(m).Named(base.Name() + "+numbers"), nil
}

// trainOnce trains the base, or reads the model of an earlier run from the folder. A stored model
// whose digest is not the recorded one is removed and trained again. An empty folder name means
// that nothing is stored.
func trainOnce(ctx context.Context, base *lm.Model, rows *undertone.Dataset, recipe student.Recipe, folder string) (*lm.Model, error) {
	key := undertone.NewHasher("trained").Text(base.Engine()).Digest(base.Digest()).Digest(rows.Digest()).Digest(recipe.Digest()).Sum()
	dir := filepath.Join(folder, key.Short()+".model")
	digests := cache.Cache{Store: undertone.DirStore(filepath.Join(folder, "digests")), Warn: warn}
	if _, err := os.Stat(dir); err == nil && folder != "" {
		m, err := loadVerified(dir, digests, key)
		if err == nil {
			return m, nil
		}
		warn(fmt.Sprintf("%s is damaged and is trained again: %v", dir, err))
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	trained, err := base.Train(ctx, rows, recipe)
	if err != nil || folder == "" {
		m, _ := trained.(*lm.Model)
		return m, err
	}
	aside := dir + ".new" // a folder with the final name is complete
	if err := trained.(*lm.Model).Save(aside); err != nil {
		return nil, err
	}
	if err := os.Rename(aside, dir); err != nil {
		return nil, err
	}
	// A stored model has its rotary pairs in another order, so its sums round differently. The
	// first run therefore also continues with the stored model.
	m, err := lm.Load(dir)
	if err != nil {
		return nil, err
	}
	return m, cache.Put(digests, key, digestKind, m.Digest())
}

// digestKind is what the store of digests holds.
const digestKind = "the digest of a trained model"

// loadVerified loads a model and compares its digest with the recorded one.
func loadVerified(dir string, digests cache.Cache, key undertone.Digest) (*lm.Model, error) {
	want, ok, err := cache.Get(digests, key, digestKind, func(text []byte) (d undertone.Digest, err error) {
		err = json.Unmarshal(text, &d)
		return d, err
	})
	if err != nil {
		return nil, err
	}
	m, err := lm.Load(dir)
	if err == nil && (!ok || m.Digest() != want) {
		err = fmt.Errorf("its digest is %s, recorded is %s", m.Digest().Short(), want.Short())
	}
	return m, err
}

// warn says on standard error that something stored is made again.
func warn(text string) { fmt.Fprintln(os.Stderr, "stories: warning:", text) }
