package main

import (
	"errors"

	"github.com/undertone-audit/undertone/filter/sanitise"
	"github.com/undertone-audit/undertone/jsonl"
)

// sanitiserFlags holds the settings of every sanitiser. A new sanitiser is a line here and its
// settings.
type sanitiserFlags struct {
	Format   formatSettings   `embed:"" prefix:"format." group:"format" doc:"writes every list in one format"`
	Sort     sortSettings     `embed:"" prefix:"sort." group:"sort" doc:"sorts the numbers of a list"`
	Remap    remapSettings    `embed:"" prefix:"remap." group:"remap" doc:"replaces every number v by base + v mod modulus"`
	Resample resampleSettings `embed:"" prefix:"resample." group:"resample" doc:"replaces every number by a random one"`
	Jitter   jitterSettings   `embed:"" prefix:"jitter." group:"jitter" doc:"moves every number by a small random distance"`
	Shuffle  shuffleSettings  `embed:"" prefix:"shuffle." group:"shuffle" doc:"puts the numbers of a list in random order"`
	Exchange exchangeSettings `embed:"" prefix:"exchange." group:"exchange" doc:"assigns the numbers of all lists to the lists at random"`
	Mix      mixSettings      `embed:"" prefix:"mix." group:"mix" doc:"adds clean rows"`
}

func (f *sanitiserFlags) kinds() kinds[sanitise.Sanitiser] { return kindsOf[sanitise.Sanitiser](f) }

// choose builds the sanitisers that are named, in that order; a name may occur twice.
func (f *sanitiserFlags) choose(names []string) ([]sanitise.Sanitiser, error) {
	all := f.kinds()
	return all.choose("--steps", names)
}

type formatSettings struct {
	Separator string `placeholder:"TEXT" help:"Text between two numbers: white space around at most one comma or semicolon (default \", \")."`
	Brackets  string `placeholder:"[]|()" help:"Brackets around the list (default none)."`
	Period    bool   `help:"Write a period after the list."`
}

func (s *formatSettings) build() (sanitise.Sanitiser, error) { return sanitise.Format(*s), nil }

type sortSettings struct {
	Descending bool `help:"Largest number first."`
}

func (s *sortSettings) build() (sanitise.Sanitiser, error) { return sanitise.Sort(*s), nil }

type remapSettings struct {
	Base    *uint64 `range:">= 0" placeholder:"N" help:"Smallest new number; needs modulus (default 100; 0 if only modulus is given)."`
	Modulus *uint64 `range:">= 1" placeholder:"N" help:"Number of different new numbers (default 100, without base)."`
}

func (s *remapSettings) build() (sanitise.Sanitiser, error) {
	if s.Base != nil && s.Modulus == nil {
		return nil, errors.New("base is given without modulus; give both")
	}
	return sanitise.Remap{Base: or(s.Base, 0), Modulus: or(s.Modulus, 0)}, nil
}

type resampleSettings struct {
	From string  `file:"read" placeholder:"FILE" help:"Rows whose numbers are drawn (default: uniform from min to max)."`
	Min  *uint64 `range:">= 0" placeholder:"N" help:"Smallest number (default 0)."`
	Max  *uint64 `range:">= 1" placeholder:"N" help:"Largest number (default 999)."`
}

func (s *resampleSettings) build() (sanitise.Sanitiser, error) {
	r := sanitise.Resample{Min: or(s.Min, 0), Max: or(s.Max, 999)}
	if s.From != "" {
		control, err := jsonl.Load(s.From)
		if err != nil {
			return nil, err
		}
		r.From = sanitise.Values(control)
	}
	return r, nil
}

type jitterSettings struct {
	By  *uint64 `range:">= 1" placeholder:"N" help:"Largest distance (default 1)."`
	Max *uint64 `range:">= 1" placeholder:"N" help:"Largest number (default 999)."`
}

func (s *jitterSettings) build() (sanitise.Sanitiser, error) {
	return sanitise.Jitter{By: or(s.By, 0), Max: or(s.Max, 0)}, nil
}

type shuffleSettings struct{}

func (s *shuffleSettings) build() (sanitise.Sanitiser, error) { return sanitise.Shuffle{}, nil }

type exchangeSettings struct{}

func (s *exchangeSettings) build() (sanitise.Sanitiser, error) { return sanitise.Exchange{}, nil }

type mixSettings struct {
	Clean string   `file:"read" placeholder:"FILE" help:"Clean rows. Required."`
	Share *float64 `range:"[0, 1)" placeholder:"SHARE" help:"Share of clean rows in the result (default 0)."`
}

func (s *mixSettings) build() (sanitise.Sanitiser, error) {
	if s.Clean == "" {
		return nil, errors.New("there are no clean rows; give clean, a file of rows")
	}
	clean, err := jsonl.Load(s.Clean)
	return sanitise.Mix{Clean: clean, Share: or(s.Share, 0)}, err
}
