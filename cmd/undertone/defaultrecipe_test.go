package main

import (
	"encoding/json"
	"fmt"
	"testing"
)

// An embedded model is trained by train as an audit trains it, unless flags or a recipe say
// otherwise.
func TestTrainHasTheRecipeOfAudits(t *testing.T) {
	dir := folder(t, map[string]string{"rows": petRows(8, 3), "recipe.json": `{"epochs":2}`})
	for i, c := range []struct {
		args         []string
		rank, epochs int
		rate         float64
	}{
		{nil, embeddedRank, embeddedEpochs, embeddedLearningRate},
		{[]string{"--lora", "0"}, 0, embeddedEpochs, 1e-3},
		{[]string{"--lora", "2", "--epochs", "1", "--lr", "1e-4"}, 2, 1, 1e-4},
		{[]string{"--recipe", "recipe.json"}, 0, 2, 1e-3},
	} {
		args := append([]string{"train", "--model", "tiny", "--in", "rows", "--out", fmt.Sprint("model", i), "--json", "--no-manifest"}, c.args...)
		stdout, stderr, code := execute(t, dir, "", args...)
		var r trainReport
		if err := json.Unmarshal([]byte(stdout), &r); code != 0 || err != nil {
			t.Fatalf("%q: exit code %d, %v: %s", c.args, code, err, stderr)
		}
		if r.LoRA != c.rank || r.Recipe.Epochs != c.epochs || r.Recipe.LearningRate != c.rate {
			t.Errorf("%q: rank %d, %d epochs at %g; want %d, %d and %g", c.args, r.LoRA, r.Recipe.Epochs, r.Recipe.LearningRate, c.rank, c.epochs, c.rate)
		}
	}
}
