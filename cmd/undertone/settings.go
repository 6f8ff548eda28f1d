package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/undertone-audit/undertone/internal/configfile"
)

// The settings of filters and sanitisers are structs. Each field is described once, by its tags,
// from which flags, configuration files and docs/settings.md derive:
//
//	json   name in a configuration file; the flag has hyphens in the place of underscores
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

// groups returns the headings of the flags in a help text.
func (all kinds[T]) groups() []kong.Group {
	groups := make([]kong.Group, len(all))
	for i, k := range all {
		groups[i] = kong.Group{Key: k.name, Title: "Settings of " + k.name + ", which " + k.doc + ":"}
	}
	return groups
}

func (all kinds[T]) named(name string) (kind[T], error) {
	i := slices.IndexFunc(all, func(k kind[T]) bool { return k.name == name })
	if i < 0 {
		return kind[T]{}, fmt.Errorf("%q is unknown; known are %s", name, all.names())
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

func (k kind[T]) flag(f reflect.StructField) string {
	return "--" + k.name + "." + strings.ReplaceAll(f.Tag.Get("json"), "_", "-")
}

// build builds from the settings in c, which flags override.
func (k kind[T]) build(c configuration) (built T, err error) {
	v := reflect.New(k.flags.Type())
	if text, ok := c[k.name]; ok {
		if err := configfile.Decode(text, v.Interface()); err != nil {
			return built, fmt.Errorf("settings of %s: %w", k.name, err)
		}
	}
	for _, f := range k.fields() {
		to := v.Elem().FieldByIndex(f.Index)
		if from := k.flags.FieldByIndex(f.Index); !from.IsZero() {
			to.Set(from)
		}
		if i, ok := intervalOf(f.Tag.Get("range")); ok {
			if err := i.check(to); err != nil {
				return built, fmt.Errorf("setting %s.%s is %w", k.name, f.Tag.Get("json"), err)
			}
		}
	}
	if built, err = v.Interface().(settings[T]).build(); err != nil {
		return built, fmt.Errorf("settings of %s: %w", k.name, err)
	}
	return built, nil
}

// configuration is a file of settings by name.
type configuration map[string]json.RawMessage

// read reads a configuration file, or none if path is "", and checks it.
func (all kinds[T]) read(path string) (configuration, error) {
	if path == "" {
		return nil, nil
	}
	text, err := configfile.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("--config: %w", err)
	}
	var c configuration
	if err := configfile.Decode(text, &c); err != nil {
		return nil, fmt.Errorf(`%s: %w; want an object such as {"numbers": {"max_count": 10}}`, path, err)
	}
	for name, text := range c {
		k, err := all.named(name)
		if err == nil {
			if err = configfile.Decode(text, reflect.New(k.flags.Type()).Interface()); err != nil {
				err = fmt.Errorf("settings of %s: %w", name, err)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return c, nil
}

// choose builds the named kinds, in that order. It returns an error if a flag of another kind was
// given.
func (all kinds[T]) choose(option string, names []string, c configuration) (chosen []T, err error) {
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
		built, err := k.build(c)
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
		b.WriteString("\n\n| setting | value | meaning |\n|---|---|---|\n")
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
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.Tag.Get("json"), strings.ReplaceAll(value, "|", "\\|"), f.Tag.Get("help"))
		}
		b.WriteString("\n")
	}
}
