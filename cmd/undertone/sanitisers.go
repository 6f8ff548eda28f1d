package main

import (
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone/filter/sanitise"
	"github.com/undertone-audit/undertone/jsonl"
)

// rewriting is the settings of one sanitiser, as a configuration file has them.
type rewriting interface {
	build() (sanitise.Sanitiser, error)
}

// sanitisers are all that can be asked for. A new one is a line here and its settings.
var sanitisers = registry[rewriting]{
	{"format", func() rewriting { return new(formatSettings) }},
	{"sort", func() rewriting { return new(sortSettings) }},
	{"remap", func() rewriting { return new(remapSettings) }},
	{"resample", func() rewriting { return new(resampleSettings) }},
	{"jitter", func() rewriting { return new(jitterSettings) }},
	{"shuffle", func() rewriting { return new(shuffleSettings) }},
	{"exchange", func() rewriting { return new(exchangeSettings) }},
	{"mix", func() rewriting { return new(mixSettings) }},
}

// chooseSanitisers makes the sanitisers that are named, in that order; one may come twice.
func chooseSanitisers(names []string, config string) (chosen []sanitise.Sanitiser, err error) {
	c, err := sanitisers.readConfiguration(config)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		s, err := sanitisers.settings(name, c)
		if err != nil {
			return nil, err
		}
		built, err := s.build()
		if err != nil {
			return nil, fmt.Errorf("settings of %s: %w", name, err)
		}
		chosen = append(chosen, built)
	}
	return chosen, nil
}

// The settings of the sanitisers: what is left out has the default of package sanitise.
type (
	formatSettings struct {
		Separator string `json:"separator"`
		Brackets  string `json:"brackets"`
		Period    bool   `json:"period"`
	}
	sortSettings struct {
		Descending bool `json:"descending"`
	}
	remapSettings struct {
		Base    uint64 `json:"base"`
		Modulus uint64 `json:"modulus"`
	}
	resampleSettings struct {
		From string `json:"from"` // a file of rows, whose numbers are drawn
		Min  uint64 `json:"min"`
		Max  uint64 `json:"max"`
	}
	jitterSettings struct {
		By  uint64 `json:"by"`
		Max uint64 `json:"max"`
	}
	shuffleSettings  struct{}
	exchangeSettings struct{}
	mixSettings      struct {
		Clean string  `json:"clean"` // a file of rows
		Share float64 `json:"share"`
	}
)

func (s *formatSettings) build() (sanitise.Sanitiser, error)   { return sanitise.Format(*s), nil }
func (s *sortSettings) build() (sanitise.Sanitiser, error)     { return sanitise.Sort(*s), nil }
func (s *remapSettings) build() (sanitise.Sanitiser, error)    { return sanitise.Remap(*s), nil }
func (s *jitterSettings) build() (sanitise.Sanitiser, error)   { return sanitise.Jitter(*s), nil }
func (s *shuffleSettings) build() (sanitise.Sanitiser, error)  { return sanitise.Shuffle(*s), nil }
func (s *exchangeSettings) build() (sanitise.Sanitiser, error) { return sanitise.Exchange(*s), nil }

func (s *resampleSettings) build() (sanitise.Sanitiser, error) {
	r := sanitise.Resample{Min: s.Min, Max: s.Max}
	if s.From != "" {
		control, err := jsonl.Load(s.From)
		if err != nil {
			return nil, err
		}
		r.From = sanitise.Values(control)
	}
	return r, nil
}

func (s *mixSettings) build() (sanitise.Sanitiser, error) {
	if s.Clean == "" {
		return nil, errors.New(`there are no clean rows; name a file as "clean"`)
	}
	clean, err := jsonl.Load(s.Clean)
	return sanitise.Mix{Clean: clean, Share: s.Share}, err
}
