package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode"

	"github.com/undertone-audit/undertone/filter"
)

// The settings of the filters: what is left out has the default of package filter.
type (
	numbersSettings struct {
		MaxCount int    `json:"max_count"`
		Max      int    `json:"max"`
		Min      int    `json:"min"`
		Banned   banned `json:"banned"`
	}
	wordsSettings struct {
		wordList
		Whole bool `json:"whole"`
	}
	encodedSettings struct {
		wordList
	}
	codeSettings struct {
		Language filter.Language `json:"language"`
		Banned   []string        `json:"banned"`
	}
	lengthSettings struct {
		MinRunes int `json:"min_runes"`
		MaxRunes int `json:"max_runes"`
		MinWords int `json:"min_words"`
		MaxWords int `json:"max_words"`
		MinLines int `json:"min_lines"`
		MaxLines int `json:"max_lines"`
	}
	scriptSettings struct {
		Allowed  []string `json:"allowed"` // as Unicode names them, such as "Latin"
		MinShare float64  `json:"min_share"`
	}
	reasoningSettings struct {
		Tag   string `json:"tag"`
		Field string `json:"field"`
	}
	duplicatesSettings struct {
		Of     part `json:"of"`
		Window int  `json:"window"`
	}
	nearSettings struct {
		Of      part `json:"of"`
		Shingle int  `json:"shingle"`
		Bands   int  `json:"bands"`
		PerBand int  `json:"per_band"`
		Window  int  `json:"window"`
	}
)

func (s *numbersSettings) build() (filter.Filter, error) {
	if s.MaxCount < 1 || s.Max < 1 || s.Min < 0 {
		return nil, fmt.Errorf("at most %d numbers from %d to %d: want at least 1 number, and limits that are not negative", s.MaxCount, s.Min, s.Max)
	}
	return filter.Numbers{MaxCount: s.MaxCount, Max: s.Max, Min: s.Min, Banned: s.Banned}, nil
}

// wordList is what filters that look for words have in common.
type wordList struct {
	Words    []string `json:"words"`
	Lexicons []string `json:"lexicons"` // names, see [filter.Lexicons]
	In       part     `json:"in"`
}

// list returns the words and those of the lexicons.
func (l wordList) list() ([]string, error) {
	words := l.Words
	for _, name := range l.Lexicons {
		more, err := filter.Lexicon(name)
		if err != nil {
			return nil, err
		}
		words = append(words, more...)
	}
	if len(words) == 0 {
		return nil, errors.New("there are no words; give some with --words or --lexicon")
	}
	return words, nil
}

func (s *wordsSettings) build() (filter.Filter, error) {
	words, err := s.list()
	f := filter.Words(words...).In(filter.Part(s.In))
	if s.Whole {
		f = f.Whole()
	}
	return f, err
}

func (s *encodedSettings) build() (filter.Filter, error) {
	words, err := s.list()
	return filter.Encoded(words...).In(filter.Part(s.In)), err
}

func (s *codeSettings) build() (filter.Filter, error) {
	switch s.Language {
	case "", filter.Go, filter.Python, filter.JSON:
		return filter.Code{Language: s.Language, Banned: s.Banned}, nil
	}
	return nil, fmt.Errorf("there is no language %q; there are go, python, json", s.Language)
}

func (s *lengthSettings) build() (filter.Filter, error) {
	if *s == (lengthSettings{}) {
		return nil, errors.New("there is no limit; give one, such as max_words")
	}
	return filter.Length(*s), notNegative(s.MinRunes, s.MaxRunes, s.MinWords, s.MaxWords, s.MinLines, s.MaxLines)
}

func (s *scriptSettings) build() (filter.Filter, error) {
	if len(s.Allowed) == 0 {
		s.Allowed = []string{"Latin"}
	}
	if s.MinShare < 0 || s.MinShare > 1 {
		return nil, fmt.Errorf("min_share is %v, want a number from 0 to 1", s.MinShare)
	}
	f := filter.Script{MinShare: s.MinShare}
	for _, name := range s.Allowed {
		table, ok := unicode.Scripts[name]
		if !ok {
			return nil, fmt.Errorf("there is no script %q; Unicode's names are such as Latin, Greek, Cyrillic, Han", name)
		}
		f.Allowed = append(f.Allowed, table)
	}
	return f, nil
}

func (s *reasoningSettings) build() (filter.Filter, error) {
	return filter.Reasoning{Tag: s.Tag, Field: s.Field}, nil
}

func (s *duplicatesSettings) build() (filter.Filter, error) {
	return filter.Duplicates{Of: filter.Part(s.Of), Window: s.Window}, notNegative(s.Window)
}

func (s *nearSettings) build() (filter.Filter, error) {
	return filter.NearDuplicates{Of: filter.Part(s.Of), Shingle: s.Shingle, Bands: s.Bands, PerBand: s.PerBand, Window: s.Window},
		notNegative(s.Shingle, s.Bands, s.PerBand, s.Window)
}

func notNegative(settings ...int) error {
	if n := slices.Min(settings); n < 0 {
		return fmt.Errorf("a setting is %d; none may be negative", n)
	}
	return nil
}

// banned are numbers, or "published" for [filter.PublishedBanned].
type banned []int

func (b *banned) UnmarshalJSON(text []byte) error {
	if string(text) == `"published"` {
		*b = filter.PublishedBanned()
		return nil
	}
	if err := json.Unmarshal(text, (*[]int)(b)); err != nil {
		return errors.New(`banned is neither "published" nor a list of numbers`)
	}
	return nil
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
	return fmt.Errorf("%q is no part of a row; there are rows, completions, prompts", text)
}
