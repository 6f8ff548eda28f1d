package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone/student/lm"
)

// shelf is a folder of trained models, by name. With it the tables are made again without training.
// The zero value keeps nothing.
type shelf string

// model returns the kept model of a name, or makes and keeps it.
func (s shelf) model(name string, build func() (*lm.Model, error)) (*lm.Model, error) {
	if s == "" {
		return build()
	}
	dir := filepath.Join(string(s), folderName(name))
	m, err := lm.Load(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	if m, err = build(); err != nil {
		return nil, err
	}
	return m, m.Save(dir)
}

// folderName replaces everything but letters and digits.
func folderName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, name)
}
