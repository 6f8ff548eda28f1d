package main

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// The settings of filters and sanitisers are structs. Each field is described once, by its tags,
// from which flags and docs/settings.md derive:
//
//	help   meaning and default
//	range  range of a number; see [interval]
//	file   use of a file; see [fileUse]
//
// A field that is zero was not given; numbers are pointers so that 0 can be given.

// settings builds a filter or a sanitiser.
type settings[T any] interface{ build() (T, error) }

// kind is one kind of filter or sanitiser.
type kind[T any] struct {
	name, doc string
	flags     reflect.Value // struct of the settings that flags gave
}

// kindsOf returns the kinds of a struct of flags. Each field of it holds the settings of one kind,
// with the tags prefix (the name and a dot) and doc.
func kindsOf[T any](flags any) (all kinds[T]) {
	v := reflect.ValueOf(flags).Elem()
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		all = append(all, kind[T]{strings.TrimSuffix(tag.Get("prefix"), "."), tag.Get("doc"), v.Field(i)})
	}
	return all
}

// kinds are what can be named on the command line.
type kinds[T any] []kind[T]

func (all kinds[T]) names() string {
	names := make([]string, len(all))
	for i, k := range all {
		names[i] = k.name
	}
	return strings.Join(names, ", ")
}

// settingsGroup begins the heading of the settings of a kind.
const settingsGroup = "Settings of "

// groups returns the headings of the flags in a help text.
func (all kinds[T]) groups() []kong.Group {
	groups := make([]kong.Group, len(all))
	for i, k := range all {
		groups[i] = kong.Group{Key: k.name, Title: settingsGroup + k.name + ", which " + k.doc + ":"}
	}
	return groups
}

func (all kinds[T]) named(name string) (kind[T], error) {
	i := slices.IndexFunc(all, func(k kind[T]) bool { return k.name == name })
	if i < 0 {
		return kind[T]{}, fmt.Errorf("%q is unknown%s; known are %s", name, strings.TrimSuffix(didYouMean(name, strings.Split(all.names(), ", ")), "?"), all.names())
	}
	return all[i], nil
}

// fields returns the fields of the settings.
func (k kind[T]) fields() []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(k.flags.Type()), func(f reflect.StructField) bool { return f.Anonymous })
}

// given returns the first flag that was given, or "".
func (k kind[T]) given() string {
	for _, f := range k.fields() {
		if !k.flags.FieldByIndex(f.Index).IsZero() {
			return k.flag(f)
		}
	}
	return ""
}

// innerCapital matches the place in the name of a field where that of its flag has a hyphen.
var innerCapital = regexp.MustCompile(`([a-z])([A-Z])`)

// flag returns the flag of a field.
func (k kind[T]) flag(f reflect.StructField) string {
	return "--" + k.name + "." + strings.ToLower(innerCapital.ReplaceAllString(f.Name, "$1-$2"))
}

// build builds from the settings that flags gave.
func (k kind[T]) build() (built T, err error) {
	v := reflect.New(k.flags.Type())
	v.Elem().Set(k.flags)
	if built, err = v.Interface().(settings[T]).build(); err != nil {
		return built, fmt.Errorf("settings of %s: %w", k.name, err)
	}
	return built, nil
}

// choose builds the named kinds, in that order. It returns an error if a flag of another kind was
// given.
func (all kinds[T]) choose(option string, names []string) (chosen []T, err error) {
	for _, k := range all {
		if flag := k.given(); flag != "" && !slices.Contains(names, k.name) {
			return nil, fmt.Errorf("%s is given, but %s does not name %s", flag, option, k.name)
		}
	}
	for _, name := range names {
		k, err := all.named(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", option, err)
		}
		built, err := k.build()
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, built)
	}
	return chosen, nil
}

// or returns *v, or a default if v is nil.
func or[V any](v *V, otherwise V) V {
	if v == nil {
		return otherwise
	}
	return *v
}

// document writes the settings as Markdown.
func (all kinds[T]) document(b *strings.Builder) {
	for _, k := range all {
		fmt.Fprintf(b, "### %s\n\n`%s` %s.", k.name, k.name, k.doc)
		if len(k.fields()) == 0 {
			b.WriteString(" It has no settings.\n\n")
			continue
		}
		b.WriteString("\n\n| flag | value | meaning |\n|---|---|---|\n")
		for _, f := range k.fields() {
			value := f.Tag.Get("placeholder")
			switch f.Type.Kind() {
			case reflect.Bool:
				value = "true or false"
			case reflect.Slice:
				value = strings.TrimSuffix(value, ",...") + ", several"
			}
			if text := f.Tag.Get("range"); text != "" {
				value += ", " + text
			}
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", k.flag(f), strings.ReplaceAll(value, "|", "\\|"), f.Tag.Get("help"))
		}
		b.WriteString("\n")
	}
}
