package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/undertone-audit/undertone/filter"
)

// filterFlags are the settings that need no file. What is not given is nil or "".
type filterFlags struct {
	MaxCount  *int     `group:"numbers" placeholder:"N" help:"Most numbers in a row (10)."`
	MaxValue  *int     `group:"numbers" placeholder:"N" help:"Largest number (999)."`
	MinValue  *int     `group:"numbers" placeholder:"N" help:"Smallest number (0)."`
	Banned    string   `group:"numbers" placeholder:"published|FILE" help:"Numbers that may not occur: the published list, or a file with numbers."`
	Words     []string `group:"words" placeholder:"WORD" help:"Words that may not occur."`
	WordsFile string   `group:"words" placeholder:"FILE" help:"The same, one a line."`
}

// filters returns the names of the filters that flags are about, each with one such flag.
func (f filterFlags) filters() map[string]string {
	set := map[string]string{}
	for _, flag := range []struct {
		given        bool
		filter, name string
	}{
		{f.MaxCount != nil, "numbers", "--max-count"},
		{f.MaxValue != nil, "numbers", "--max-value"},
		{f.MinValue != nil, "numbers", "--min-value"},
		{f.Banned != "", "numbers", "--banned"},
		{f.Words != nil, "words", "--words"},
		{f.WordsFile != "", "words", "--words-file"},
	} {
		if flag.given {
			set[flag.filter] = flag.name
		}
	}
	return set
}

// apply puts the flags that are given into the settings that they are about.
func (f filterFlags) apply(to settings) (err error) {
	switch s := to.(type) {
	case *numbersSettings:
		for _, v := range []struct{ from, to *int }{{f.MaxCount, &s.MaxCount}, {f.MaxValue, &s.Max}, {f.MinValue, &s.Min}} {
			if v.from != nil {
				*v.to = *v.from
			}
		}
		switch f.Banned {
		case "":
		case "published":
			s.Banned = filter.PublishedBanned()
		default:
			s.Banned, err = readNumbers(f.Banned)
		}
	case *wordsSettings:
		s.Words = append(s.Words, f.Words...)
		if f.WordsFile != "" {
			var more []string
			more, err = readLines(f.WordsFile)
			s.Words = append(s.Words, more...)
		}
	}
	return err
}

// readNumbers reads the numbers of a file, with white space or commas between them.
func readNumbers(path string) ([]int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--banned: %w; give \"published\" or a file", err)
	}
	var numbers []int
	for _, word := range strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune(" \t\r\n,;", r) }) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("--banned: %s: %.40q is not a number", path, word)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// readLines reads the lines of a file that are not blank.
func readLines(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--words-file: %w", err)
	}
	lines := strings.Split(string(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" }), nil
}
