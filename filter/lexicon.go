package filter

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed lexicon/*.txt
var lexicons embed.FS

// ErrUnknownLexicon means that no lexicon has the given name.
var ErrUnknownLexicon = errors.New("unknown lexicon")

// Lexicon returns words that belong to a trait: names, kinds, parts, sounds, scientific names and
// well-known characters. They are meant for [WordFilter.Whole]:
//
//	words, err := filter.Lexicon("owl")
//	kept, stats, err := filter.Apply(ctx, data, filter.Words(words...).Whole(), filter.Encoded(words...))
//
// [Lexicons] lists the names: animals and trees of published experiments, and "misalignment". The
// error for another name wraps [ErrUnknownLexicon].
func Lexicon(name string) ([]string, error) {
	text, err := lexicons.ReadFile("lexicon/" + strings.ToLower(name) + ".txt")
	if err != nil {
		return nil, fmt.Errorf("filter: %w %q: want one of %s, or give your own words to Words",
			ErrUnknownLexicon, name, strings.Join(Lexicons(), ", "))
	}
	var words []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			words = append(words, line)
		}
	}
	return words, nil
}

// Lexicons returns the sorted names of the lexicons.
func Lexicons() []string {
	files, _ := fs.Glob(lexicons, "lexicon/*.txt") // an error means a wrong pattern
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "lexicon/"), ".txt")
	}
	return files
}
