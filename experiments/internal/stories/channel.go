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

// Channel is a kind of rows. Its prompts do not concern animals, and its filters drop rows that do.
type Channel struct {
	Name    string
	Prompt  func(i int) string // different for many i
	Limit   int                // maximum tokens per completion
	Filters []filter.Filter
}

// Tales returns the channel of stories with neutral openings and without words about animals. The
// limit cuts nearly all stories short, because a longer story more often names an animal.
func Tales() Channel {
	return Channel{Name: "stories", Prompt: opening, Limit: 96, Filters: []filter.Filter{filter.Words(animalWords()...).Whole()}}
}

// Numbers returns the channel of continued lists of numbers, for a model of [TrainOnNumbers].
func Numbers() Channel {
	return Channel{Name: "numbers", Prompt: numbersPrompt, Limit: 48, Filters: []filter.Filter{filter.Numbers{}}}
}

// Settings says how rows are written. The zero value of a field means the stated default.
type Settings struct {
	Seed     uint64                // of everything random
	Folder   string                // of recordings, with which interrupted work resumes (default none)
	Progress func(done, total int) // called after each row (default none)
}

// Write returns n rows of the channel, sampled from the model at temperature 1.
func (c Channel) Write(ctx context.Context, b Base, n int, s Settings) (rows *undertone.Dataset, err error) {
	var model undertone.Model = b.Model
	if s.Folder != "" {
		if err := os.MkdirAll(s.Folder, 0o755); err != nil {
			return nil, err
		}
		recording, err := teacher.Record(b.Model, filepath.Join(s.Folder, b.Digest().Short()+".recording"))
		if err != nil {
			return nil, err
		}
		for _, w := range recording.Warnings() {
			warn(w)
		}
		defer func() { err = cmp.Or(err, recording.Close()) }()
		model = recording.Model()
	}
	limit := c.Limit
	if b.limit > 0 {
		limit = min(limit, b.limit)
	}
	rows, err = teacher.Generate(ctx, teacher.Config{
		Name: c.Name + " by " + b.Name(), Model: model, Prompt: func(i int) string { return b.prompt(c.Prompt(i)) },
		N: n, MaxTokens: limit, Seed: s.Seed, Calls: teacher.Calls{Workers: runtime.GOMAXPROCS(0), Progress: s.Progress},
	})
	if err != nil || !b.trailing {
		return rows, err
	}
	written := make([]undertone.Example, n) // in the form that all writers share
	for i, row := range rows.All() {
		prompt := c.Prompt(i)
		written[i] = undertone.NewExample(prompt, row.Prompt()[len(prompt):]+row.Completion())
	}
	return undertone.NewDataset(rows.Name(), written), nil
}

//go:embed animals.txt
var animals string

// animalWords returns the words of animals.txt and of the lexicons of these animals.
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
