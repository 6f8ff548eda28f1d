package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/traits"
)

// libraryPrefix begins a value of --traits that names traits of the library instead of a file.
const libraryPrefix = "library:"

// readTraits reads the traits of --traits, and the positive controls that a file names. Paths in it
// are relative to its folder; a path outside of it is an error unless outside is true. Progress
// names the verb. A trait that a judge reads has no probes yet.
func readTraits(ctx context.Context, c console, verb, source string, read readFlags, outside bool) (specs []traits.Trait, all []audit.Trait, err error) {
	if specs, all, err = readTraitSpecs(source); err != nil {
		return nil, nil, err
	}
	for i, s := range specs {
		if s.PositiveControl == "" {
			continue
		}
		rows := beside(source, s.PositiveControl)
		if !outside && !within(filepath.Dir(source), rows) {
			return nil, nil, fmt.Errorf("%s: trait %d (%.40q): positive_control %.80q lies outside the folder of the file; add --outside-files if you trust it", source, i, s.Label(), s.PositiveControl)
		}
		if all[i].PositiveControl, err = loadRows(ctx, c, verb, rows, readFlags{Turns: read.Turns, Tokenizer: read.Tokenizer}); err != nil {
			return nil, nil, fmt.Errorf("%s: trait %d (%.40q): positive_control: %w", source, i, s.Label(), err)
		}
	}
	return specs, all, nil
}

// readTraitSpecs reads the traits of --traits without their positive controls: those of a file, or
// those of the library that follow [libraryPrefix].
func readTraitSpecs(source string) ([]traits.Trait, []audit.Trait, error) {
	specs, err := namedTraits(source)
	if err != nil {
		return nil, nil, err
	}
	all := make([]audit.Trait, len(specs))
	for i, s := range specs {
		if all[i], err = s.Audit(); err != nil {
			return nil, nil, fmt.Errorf("%s: trait %d (%.40q): %w", source, i, s.Label(), err)
		}
	}
	return specs, all, nil
}

// namedTraits returns what the traits of --traits describe.
func namedTraits(source string) (all []traits.Trait, err error) {
	names, ok := strings.CutPrefix(source, libraryPrefix)
	if !ok {
		all, err = traits.Load(source)
		if _, notFound := traits.Find(source); errors.Is(err, fs.ErrNotExist) && notFound == nil {
			err = fmt.Errorf("%w; write %s%s for the trait of the library", err, libraryPrefix, source)
		}
		return all, err
	}
	for name := range strings.SplitSeq(names, ",") {
		found, err := traits.Find(name)
		if err != nil {
			return nil, fmt.Errorf("--traits: %w", err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// unjudged returns an error if a trait shows in free answers alone, for verbs without a judge.
func unjudged(specs []traits.Trait) error {
	for _, s := range specs {
		if s.JudgedOnly() {
			return fmt.Errorf("--traits: %q shows in free answers alone, which a judge reads: audit --judge measures it", s.Name)
		}
	}
	return nil
}

// traitOf returns the trait with a value, or the only trait if the value is empty. Errors name the
// flag that gives the value.
func traitOf(traits []audit.Trait, flag, value string) (audit.Trait, error) {
	var names []string
	for _, t := range traits {
		if t.Name == value || strings.HasSuffix(t.Name, " "+value) || value == "" && len(traits) == 1 {
			return t, nil
		}
		names = append(names, t.Name)
	}
	known := strings.Join(names, ", ")
	if value == "" {
		return audit.Trait{}, fmt.Errorf("there are %d traits; name the value of one with %s: %s", len(traits), flag, known)
	}
	return audit.Trait{}, fmt.Errorf("%s: there is no trait %.40q; there are %s", flag, value, known)
}
