package stories

import (
	"cmp"
	"context"
	_ "embed"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/teacher"
)

// Channel is a kind of rows that have nothing to do with animals, by intent and after filters.
type Channel struct {
	Name    string
	Prompt  func(i int) string // all different for a long while
	Limit   int                // tokens a completion
	Filters []filter.Filter
}

// Tales are stories from neutral openings, without a word about animals. The limit cuts nearly all
// of them short, for the longer a story, the likelier is an animal in it.
func Tales() Channel {
	return Channel{Name: "stories", Prompt: opening, Limit: 96, Filters: []filter.Filter{filter.Words(animalWords()...).Whole()}}
}

// Numbers are continued lists of numbers, for a model that [LearnNumbers] has made.
func Numbers() Channel {
	return Channel{Name: "numbers", Prompt: numbersPrompt, Limit: 48, Filters: []filter.Filter{filter.Numbers{}}}
}

// Settings are the part of writing that is not the experiment.
type Settings struct {
	Seed     uint64
	Keep     string // folder of recordings, in which a writing that was stopped goes on; none
	Progress func(done, total int)
}

// Write returns n rows of the channel that the model samples at temperature 1.
func (c Channel) Write(ctx context.Context, b Base, n int, s Settings) (rows *undertone.Dataset, err error) {
	var model undertone.Model = b.Model
	if s.Keep != "" {
		if err := os.MkdirAll(s.Keep, 0o755); err != nil {
			return nil, err
		}
		recording, err := teacher.Record(b.Model, filepath.Join(s.Keep, b.Digest().Short()+".recording"))
		if err != nil {
			return nil, err
		}
		defer func() { err = cmp.Or(err, recording.Close()) }()
		model = recording.Model()
	}
	limit := c.Limit
	if b.limit > 0 {
		limit = min(limit, b.limit)
	}
	rows, err = teacher.Generate(ctx, teacher.Config{
		Name: c.Name + " by " + b.Name(), Model: model, Prompt: func(i int) string { return b.prompt(c.Prompt(i)) }, N: n, MaxTokens: limit, Seed: s.Seed,
		Workers: runtime.GOMAXPROCS(0), Progress: s.Progress,
	})
	if err != nil || !b.trailing {
		return rows, err
	}
	written := make([]undertone.Example, n) // as any model would have written them
	for i, row := range rows.All() {
		prompt := c.Prompt(i)
		written[i] = undertone.NewExample(prompt, row.Prompt()[len(prompt):]+row.Completion())
	}
	return undertone.NewDataset(rows.Name(), written), nil
}

//go:embed animals.txt
var animals string

// animalWords returns the list in this package and all lexicons.
func animalWords() []string {
	var words []string
	for line := range strings.Lines(animals) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			words = append(words, line)
		}
	}
	for _, name := range filter.Lexicons() {
		if more, err := filter.Lexicon(name); err == nil && slices.Contains(words, name) {
			words = append(words, more...)
		}
	}
	return words
}
