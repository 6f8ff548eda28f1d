package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/internal/configfile"
)

// filterFlags holds the settings of every filter. A new filter is a line here and its settings.
type filterFlags struct {
	Numbers    numbersSettings    `embed:"" prefix:"numbers." group:"numbers" doc:"keeps completions that are lists of numbers"`
	Words      wordsSettings      `embed:"" prefix:"words." group:"words" doc:"drops rows that have a word"`
	Encoded    encodedSettings    `embed:"" prefix:"encoded." group:"encoded" doc:"drops rows that have a word in a code, such as Base64 or Morse"`
	Length     lengthSettings     `embed:"" prefix:"length." group:"length" doc:"drops completions that are too short or too long"`
	Script     scriptSettings     `embed:"" prefix:"script." group:"script" doc:"drops completions whose letters belong to other scripts"`
	Code       codeSettings       `embed:"" prefix:"code." group:"code" doc:"drops completions that are not code or have a banned word in their code"`
	Reasoning  reasoningSettings  `embed:"" prefix:"reasoning." group:"reasoning" doc:"drops completions whose marked answer is not the gold answer"`
	Duplicates duplicatesSettings `embed:"" prefix:"duplicates." group:"duplicates" doc:"drops rows that repeat an earlier row"`
	Near       nearSettings       `embed:"" prefix:"near-duplicates." group:"near-duplicates" doc:"drops rows that resemble an earlier row"`
}

func (f *filterFlags) kinds() kinds[filter.Filter] { return kindsOf[filter.Filter](f) }

// choose builds the filters that are named. If none is named, it builds those that have settings,
// in the order of filterFlags.
func (f *filterFlags) choose(names []string) ([]filter.Filter, error) {
	all := f.kinds()
	if len(names) == 0 {
		for _, k := range all {
			if k.given() != "" {
				names = append(names, k.name)
			}
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no filter is named; name some of these with --filters: %s", all.names())
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("--filters names %q twice", name)
		}
	}
	return all.choose("--filters", names)
}

type numbersSettings struct {
	MaxCount   *int   `range:">= 1" placeholder:"N" help:"Largest number of numbers in a row (default 10)."`
	Max        *int   `range:">= 1" placeholder:"N" help:"Largest number (default 999)."`
	Min        *int   `range:">= 0" placeholder:"N" help:"Smallest number (default 0)."`
	Banned     banned `placeholder:"published|N,..." help:"Numbers that must not occur: the published list, or numbers."`
	BannedFile string `file:"read" placeholder:"FILE" help:"File of such numbers, with white space, commas or semicolons between them."`
}

func (s *numbersSettings) build() (filter.Filter, error) {
	more, err := readNumbers(s.BannedFile)
	return filter.Numbers{
		MaxCount: or(s.MaxCount, 0), Max: or(s.Max, 0), Min: or(s.Min, 0), Banned: slices.Concat([]int(s.Banned), more),
	}, err
}

// wordList holds the settings that filters of words share.
type wordList struct {
	List     []string `placeholder:"WORD" help:"Words that must not occur."`
	File     string   `file:"read" placeholder:"FILE" help:"File of such words, one per line."`
	Lexicons []string `placeholder:"NAME" help:"Word lists of traits, such as owl. An unknown name lists the known ones."`
	In       *part    `placeholder:"PART" help:"Part of a row to search: rows, completions or prompts (default completions)."`
}

// words returns the words of the list, the file and the lexicons.
func (l wordList) words() ([]string, error) {
	words, err := readLines(l.File)
	if err != nil {
		return nil, err
	}
	words = slices.Concat(l.List, words)
	for _, name := range l.Lexicons {
		more, err := filter.Lexicon(name)
		if err != nil {
			return nil, err
		}
		words = append(words, more...)
	}
	if len(words) == 0 {
		return nil, errors.New("there are no words; give list, file or lexicons")
	}
	return words, nil
}

func (l wordList) in() filter.Part { return filter.Part(or(l.In, part(filter.Completions))) }

type wordsSettings struct {
	wordList
	Whole bool `help:"Find a word only where no letter is next to it."`
}

func (s *wordsSettings) build() (filter.Filter, error) {
	words, err := s.words()
	f := filter.Words(words...).In(s.in())
	if s.Whole {
		f = f.Whole()
	}
	return f, err
}

type encodedSettings struct{ wordList }

func (s *encodedSettings) build() (filter.Filter, error) {
	words, err := s.words()
	return filter.Encoded(words...).In(s.in()), err
}

type lengthSettings struct {
	MinRunes *int `range:">= 0" placeholder:"N" help:"Smallest number of characters (default: no limit)."`
	MaxRunes *int `range:">= 1" placeholder:"N" help:"Largest number of characters (default: no limit)."`
	MinWords *int `range:">= 0" placeholder:"N" help:"Smallest number of words (default: no limit)."`
	MaxWords *int `range:">= 1" placeholder:"N" help:"Largest number of words (default: no limit)."`
	MinLines *int `range:">= 0" placeholder:"N" help:"Smallest number of lines (default: no limit)."`
	MaxLines *int `range:">= 1" placeholder:"N" help:"Largest number of lines (default: no limit)."`
}

func (s *lengthSettings) build() (filter.Filter, error) {
	if *s == (lengthSettings{}) {
		return nil, errors.New("there is no limit; give one, such as max_words")
	}
	return filter.Length{
		MinRunes: or(s.MinRunes, 0), MaxRunes: or(s.MaxRunes, 0), MinWords: or(s.MinWords, 0), MaxWords: or(s.MaxWords, 0),
		MinLines: or(s.MinLines, 0), MaxLines: or(s.MaxLines, 0),
	}, nil
}

type scriptSettings struct {
	Allowed  []string `placeholder:"NAME" help:"Unicode names of the allowed scripts, such as Latin or Greek (default Latin)."`
	MinShare *float64 `range:"(0, 1]" placeholder:"SHARE" help:"Smallest share of letters of these scripts (default 1)."`
}

func (s *scriptSettings) build() (filter.Filter, error) {
	if len(s.Allowed) == 0 {
		s.Allowed = []string{"Latin"}
	}
	f := filter.Script{MinShare: or(s.MinShare, 0)}
	for _, name := range s.Allowed {
		table, ok := unicode.Scripts[name]
		if !ok {
			return nil, fmt.Errorf("script %q is unknown; Unicode names scripts Latin, Greek, Cyrillic, Han and so on", name)
		}
		f.Allowed = append(f.Allowed, table)
	}
	return f, nil
}

type codeSettings struct {
	Language filter.Language `placeholder:"NAME" help:"Language of the code: go, python or json (default: the tag of each fence)."`
	Banned   []string        `placeholder:"WORD" help:"Words that must not occur in names, comments and strings."`
}

func (s *codeSettings) build() (filter.Filter, error) {
	switch s.Language {
	case "", filter.Go, filter.Python, filter.JSON:
		return filter.Code{Language: s.Language, Banned: s.Banned}, nil
	}
	return nil, fmt.Errorf("language %q is unknown; known are go, python, json", s.Language)
}

type reasoningSettings struct {
	Tag   string `placeholder:"NAME" help:"Tag around the answer in a completion (default answer)."`
	Field string `placeholder:"NAME" help:"Metadata field of the gold answer (default answer)."`
}

func (s *reasoningSettings) build() (filter.Filter, error) {
	return filter.Reasoning{Tag: s.Tag, Field: s.Field}, nil
}

type duplicatesSettings struct {
	Of     *part `placeholder:"PART" help:"What is compared: rows, completions or prompts (default rows)."`
	Window *int  `range:">= 1" placeholder:"N" help:"Number of the latest texts that are remembered (default 4194304, about 250 MB)."`
}

func (s *duplicatesSettings) build() (filter.Filter, error) {
	return filter.Duplicates{Of: filter.Part(or(s.Of, 0)), Window: or(s.Window, 0)}, nil
}

type nearSettings struct {
	Of      *part `placeholder:"PART" help:"What is compared: rows, completions or prompts (default rows)."`
	Shingle *int  `range:">= 1" placeholder:"N" help:"Length of the runs of characters that are compared (default 5)."`
	Bands   *int  `range:">= 1" placeholder:"N" help:"Bands of MinHash values (default 16)."`
	PerBand *int  `range:">= 1" placeholder:"N" help:"MinHash values per band (default 8)."`
	Window  *int  `range:">= 1" placeholder:"N" help:"Number of the latest texts that are remembered (default 262144, about 70 MB)."`
}

func (s *nearSettings) build() (filter.Filter, error) {
	return filter.NearDuplicates{
		Of: filter.Part(or(s.Of, 0)), Shingle: or(s.Shingle, 0), Bands: or(s.Bands, 0), PerBand: or(s.PerBand, 0), Window: or(s.Window, 0),
	}, nil
}

// banned is a list of numbers. The text "published" stands for [filter.PublishedBanned].
type banned []int

func (b *banned) UnmarshalText(text []byte) error {
	if string(text) == "published" {
		*b = filter.PublishedBanned()
		return nil
	}
	numbers, err := parseNumbers(string(text))
	if err != nil {
		return fmt.Errorf(`%w; want "published" or numbers`, err)
	}
	*b = numbers
	return nil
}

func (b *banned) UnmarshalJSON(text []byte) error {
	var s string
	if json.Unmarshal(text, &s) == nil {
		return b.UnmarshalText([]byte(s))
	}
	if err := json.Unmarshal(text, (*[]int)(b)); err != nil {
		return errors.New(`banned is neither "published" nor a list of numbers`)
	}
	return nil
}

// parseNumbers reads numbers with white space, commas or semicolons between them.
func parseNumbers(text string) ([]int, error) {
	var numbers []int
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;", r) }) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("%.40q is not a number", word)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// readNumbers reads a file of numbers, or nothing if path is "".
func readNumbers(path string) ([]int, error) {
	if path == "" {
		return nil, nil
	}
	text, err := configfile.ReadFile(path)
	if err != nil {
		return nil, err
	}
	numbers, err := parseNumbers(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return numbers, nil
}

// readLines reads the lines of a file that are not blank, or nothing if path is "".
func readLines(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	text, err := configfile.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" }), nil
}

// part is a [filter.Part] by its name.
type part filter.Part

func (p *part) UnmarshalText(text []byte) error {
	for _, known := range []filter.Part{filter.Rows, filter.Completions, filter.Prompts} {
		if known.String() == string(text) {
			*p = part(known)
			return nil
		}
	}
	return fmt.Errorf("part %q is unknown; known are rows, completions, prompts", text)
}
