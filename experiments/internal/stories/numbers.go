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

// LearnNumbers returns the base after it has learnt to continue lists of random numbers. Its own
// stories are among the rows, so that it does not forget them.
func LearnNumbers(ctx context.Context, base Base, s Settings) (Base, error) {
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
	m, err := kept(ctx, base.Model, base.Fit(undertone.NewDataset("numbers and stories", rows)), recipe, s.Keep)
	if err != nil {
		return Base{}, err
	}
	return base.with(m).Named(base.Name() + "+numbers"), nil
}

// kept trains the base, or reads what an earlier run has trained from the folder, "" for none.
func kept(ctx context.Context, base *lm.Model, rows *undertone.Dataset, recipe student.Recipe, folder string) (*lm.Model, error) {
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
	aside := dir + ".new" // so that a folder of the name is whole
	if err := trained.(*lm.Model).Save(aside); err != nil {
		return nil, err
	}
	if err := os.Rename(aside, dir); err != nil {
		return nil, err
	}
	// What is read has its rotary pairs in another order, so that sums round in another way: the first
	// run goes on with what later ones will read.
	return lm.Load(dir)
}
