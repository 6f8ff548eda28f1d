package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/filter"
)

// settings are the settings of one filter, as a configuration file has them.
type settings interface {
	build() (filter.Filter, error)
}

// filters are all that can be asked for. A new one is a line here and its settings.
var filters = registry[settings]{
	{"numbers", func() settings { return &numbersSettings{MaxCount: 10, Max: 999} }},
	{"words", func() settings { return &wordsSettings{wordList: wordList{In: part(filter.Completions)}} }},
	{"encoded", func() settings { return &encodedSettings{wordList{In: part(filter.Completions)}} }},
	{"length", func() settings { return new(lengthSettings) }},
	{"script", func() settings { return new(scriptSettings) }},
	{"code", func() settings { return new(codeSettings) }},
	{"reasoning", func() settings { return new(reasoningSettings) }},
	{"duplicates", func() settings { return new(duplicatesSettings) }},
	{"near-duplicates", func() settings { return new(nearSettings) }},
}

// choose makes the filters that are named or, if none is, those that have
// settings in the configuration or in flags. A flag goes before the configuration.
func choose(names []string, c configuration, flags filterFlags) ([]filter.Filter, error) {
	given := flags.given()
	if len(names) == 0 {
		for _, k := range filters {
			_, configured := c[k.name]
			if configured || slices.ContainsFunc(given, func(g givenFlag) bool { return g.filters[0] == k.name }) {
				names = append(names, k.name)
			}
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no filter is asked for; name some with --filters: %s", filters.names())
	}
	for _, g := range given {
		if !slices.ContainsFunc(g.filters, func(name string) bool { return slices.Contains(names, name) }) {
			return nil, fmt.Errorf("%s is a setting of %s, which is not among the filters", g.flag, strings.Join(g.filters, " and "))
		}
	}
	var chosen []filter.Filter
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("--filters names %s twice", name)
		}
		s, err := filters.settings(name, c)
		if err != nil {
			return nil, err
		}
		if err := flags.apply(s); err != nil {
			return nil, err
		}
		f, err := s.build()
		if err != nil {
			return nil, fmt.Errorf("settings of %s: %w", name, err)
		}
		chosen = append(chosen, f)
	}
	return chosen, nil
}
