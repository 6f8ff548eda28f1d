package stories

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
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

// trainOnce trains the base, or reads the model of an earlier run from the folder. An empty folder
// name means that nothing is stored.
func trainOnce(ctx context.Context, base *lm.Model, rows *undertone.Dataset, recipe student.Recipe, folder string) (*lm.Model, error) {
	key := undertone.NewHasher("trained").Text(base.Engine()).Digest(base.Digest()).Digest(rows.Digest()).Digest(recipe.Digest()).Sum()
	dir := filepath.Join(folder, key.Short()+".model")
	if _, err := os.Stat(dir); err == nil && folder != "" {
		return lm.Load(dir)
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
	return lm.Load(dir)
}
