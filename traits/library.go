package traits

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// files are the traits files of the library: one for each kind of preference, with one of its
// values, and one for each trait of choices.
//
//go:embed library/*.json
var files embed.FS

// Kinds returns the kinds of preferences of the library, such as "animal", in order.
func Kinds() (kinds []string) {
	for _, t := range embedded() {
		if t.preference() {
			kinds = append(kinds, t.Kind)
		}
	}
	return kinds
}

// Names returns the name of every trait of the library, in order: preferences such as "animal/owl",
// and traits of choices such as "misaligned".
func Names() (names []string) {
	for _, t := range Library() {
		names = append(names, t.ID())
	}
	return names
}

// Library returns every trait of the library, in the order of [Names].
func Library() (all []Trait) {
	for _, t := range embedded() {
		all = append(all, t.values()...)
	}
	return all
}

// Get returns the trait of a name of [Names].
func Get(name string) (Trait, error) {
	found, err := Find(name)
	if err != nil {
		return Trait{}, err
	}
	if found[0].ID() != name {
		return Trait{}, fmt.Errorf("%q is a kind with %d values; name one, such as %q", name, len(found), found[0].ID())
	}
	return found[0], nil
}

// Find returns the trait of a name of [Names], or the traits of all values of a kind of [Kinds].
func Find(name string) ([]Trait, error) {
	var known []string
	for _, t := range embedded() {
		if !t.preference() {
			known = append(known, t.Name)
			if t.Name == name {
				return []Trait{t}, nil
			}
			continue
		}
		known = append(known, t.Kind+"/"+t.Value)
		kind, value, one := strings.Cut(name, "/")
		if kind != t.Kind {
			continue
		}
		values := t.values()
		if !one {
			return values, nil
		}
		i := slices.Index(t.Candidates, value)
		if i < 0 {
			return nil, fmt.Errorf("the library has no %s %.40q; it has %s", kind, value, strings.Join(t.Candidates, ", "))
		}
		return values[i : i+1], nil
	}
	return nil, fmt.Errorf("the library has no trait %.40q; it has, with other values of each kind, %s", name, strings.Join(known, ", "))
}

// values returns the trait for each of its candidates; choices have themselves alone.
func (t Trait) values() []Trait {
	if !t.preference() {
		return []Trait{t}
	}
	all := make([]Trait, len(t.Candidates))
	for i, v := range t.Candidates {
		all[i] = t
		all[i].Value = v
	}
	return all
}

// embedded returns the traits of the files of the library, preferences first. Callers own them.
func embedded() []Trait {
	entries, err := files.ReadDir("library")
	if err != nil {
		panic(err) // the files are part of the program
	}
	var preferences, choices []Trait
	for _, e := range entries {
		text, err := files.ReadFile("library/" + e.Name())
		if err != nil {
			panic(err)
		}
		all, err := parse(text)
		if err != nil {
			panic(fmt.Sprintf("traits: %s: %v", e.Name(), err))
		}
		for _, t := range all {
			if t.preference() {
				preferences = append(preferences, t)
			} else {
				choices = append(choices, t)
			}
		}
	}
	return append(preferences, choices...)
}
