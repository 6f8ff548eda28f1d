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
	Words     []string `group:"words" placeholder:"WORD" help:"Words that may not occur, their plurals and look-alikes; also for the filters encoded and code."`
	WordsFile string   `group:"words" placeholder:"FILE" help:"The same, one a line."`
	Lexicon   []string `group:"words" placeholder:"NAME" help:"Words that belong to a trait, such as owl; an unknown name lists those that are known."`
	Whole     bool     `group:"words" help:"Find words only where no letter stands beside them."`
}

// givenFlag is a flag that was given and the filters that it is about, of which
// the first is meant where no filter is named.
type givenFlag struct {
	flag    string
	filters []string
}

func (f filterFlags) given() []givenFlag {
	var given []givenFlag
	add := func(is bool, flag string, filters ...string) {
		if is {
			given = append(given, givenFlag{flag, filters})
		}
	}
	add(f.MaxCount != nil, "--max-count", "numbers")
	add(f.MaxValue != nil, "--max-value", "numbers")
	add(f.MinValue != nil, "--min-value", "numbers")
	add(f.Banned != "", "--banned", "numbers")
	add(f.Words != nil, "--words", "words", "encoded", "code")
	add(f.WordsFile != "", "--words-file", "words", "encoded", "code")
	add(f.Lexicon != nil, "--lexicon", "words", "encoded")
	add(f.Whole, "--whole", "words")
	return given
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
		s.Whole = s.Whole || f.Whole
		err = f.applyWords(&s.Words, &s.Lexicons)
	case *encodedSettings:
		err = f.applyWords(&s.Words, &s.Lexicons)
	case *codeSettings:
		err = f.applyWords(&s.Banned, new([]string))
	}
	return err
}

func (f filterFlags) applyWords(words, lexicons *[]string) error {
	*words = append(*words, f.Words...)
	*lexicons = append(*lexicons, f.Lexicon...)
	if f.WordsFile == "" {
		return nil
	}
	more, err := readLines(f.WordsFile)
	*words = append(*words, more...)
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
