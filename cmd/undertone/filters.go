package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/filter"
)

// settings are the settings of one filter, as a configuration file has them.
type settings interface {
	build() (filter.Filter, error)
}

// kind is a filter that can be asked for by its name.
type kind struct {
	name string
	zero func() settings // with the defaults
}

// kinds are all filters. A new one is a line here and its settings.
var kinds = []kind{
	{"numbers", func() settings { return &numbersSettings{MaxCount: 10, Max: 999} }},
	{"words", func() settings { return new(wordsSettings) }},
	{"length", func() settings { return new(lengthSettings) }},
	{"script", func() settings { return new(scriptSettings) }},
	{"reasoning", func() settings { return new(reasoningSettings) }},
	{"duplicates", func() settings { return new(duplicatesSettings) }},
	{"near-duplicates", func() settings { return new(nearSettings) }},
}

func filterNames() string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return strings.Join(names, ", ")
}

func kindOf(name string) (kind, error) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, fmt.Errorf("there is no filter %q; there are %s", name, filterNames())
	}
	return kinds[i], nil
}

// configuration is a file of settings by the names of filters.
type configuration map[string]json.RawMessage

func readConfiguration(path string) (configuration, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the settings: %w", err)
	}
	var c configuration
	if err := strictly(text, &c); err != nil {
		return nil, fmt.Errorf(`%s: %w; want an object such as {"numbers": {"max_count": 10}}`, path, err)
	}
	for name := range c {
		if _, err := kindOf(name); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return c, nil
}

// strictly decodes JSON of which nothing may be unknown or left over.
func strictly(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("something follows the JSON value")
	}
	return nil
}

// choose makes the filters that are named or, if none is, those that have
// settings in the configuration or in flags. A flag goes before the configuration.
func choose(names []string, c configuration, flags filterFlags) ([]filter.Filter, error) {
	set := flags.filters()
	if len(names) == 0 {
		for _, k := range kinds {
			if _, configured := c[k.name]; configured || set[k.name] != "" {
				names = append(names, k.name)
			}
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no filter is asked for; name some with --filters: %s", filterNames())
	}
	for name, flag := range set {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("%s is a setting of the filter %s, which --filters does not name", flag, name)
		}
	}
	var filters []filter.Filter
	for i, name := range names {
		k, err := kindOf(name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("--filters names %s twice", name)
		}
		s := k.zero()
		if text, ok := c[name]; ok {
			if err := strictly(text, s); err != nil {
				return nil, fmt.Errorf("settings of %s: %w", name, err)
			}
		}
		if err := flags.apply(s); err != nil {
			return nil, err
		}
		f, err := s.build()
		if err != nil {
			return nil, fmt.Errorf("settings of %s: %w", name, err)
		}
		filters = append(filters, f)
	}
	return filters, nil
}
