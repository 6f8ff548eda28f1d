package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/undertone-audit/undertone/internal/configfile"
)

// configFlag is the path of a file that gives flags their values.
type configFlag string

// BeforeResolve reads the file, before the flags that were not given get their values.
func (configFlag) BeforeResolve(ctx *kong.Context, trace *kong.Path) error {
	config, err := readConfig(string(ctx.FlagValue(trace.Flag).(configFlag)), ctx.Model)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	ctx.AddResolver(config)
	return nil
}

// config holds values of flags, by verb and by the name of the flag without its hyphens. The verb
// [everyVerb] stands for the flags that every verb has.
type config struct {
	path   string
	values map[string]map[string]string // as they would be typed
}

// The names of a configuration file that are no verbs.
const (
	everyVerb = "undertone"
	schemaKey = "$schema"
)

// readConfig reads and checks a configuration file. Every verb and every flag of it exists.
func readConfig(path string, app *kong.Application) (*config, error) {
	text, err := configfile.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var verbs map[string]json.RawMessage
	if err := configfile.Decode(text, &verbs); err != nil {
		return nil, fmt.Errorf(`%s: %w; want an object such as {"audit": {"replicates": 12}}`, path, err)
	}
	c := &config{path: path, values: map[string]map[string]string{}}
	for _, verb := range slices.Sorted(maps.Keys(verbs)) {
		if verb == schemaKey {
			continue
		}
		if c.values[verb], err = readVerb(verbs[verb], verb, app); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return c, nil
}

// readVerb reads the values of the flags of a verb.
func readVerb(text json.RawMessage, verb string, app *kong.Application) (map[string]string, error) {
	known, err := configurable(app, verb)
	if err != nil {
		return nil, err
	}
	var given map[string]json.RawMessage
	if err := configfile.Decode(text, &given); err != nil || given == nil {
		return nil, fmt.Errorf("%q is no object of flags", verb)
	}
	values := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		flag := known[name]
		if flag == nil {
			return nil, fmt.Errorf("%q of %q is no flag%s", name, verb, didYouMean(name, slices.Sorted(maps.Keys(known))))
		}
		if values[name], err = typed(flag, given[name]); err != nil {
			return nil, fmt.Errorf("%q of %q %w", name, verb, err)
		}
	}
	return values, nil
}

// configurable returns the flags of a verb, by name, that a configuration file may hold.
func configurable(app *kong.Application, verb string) (map[string]*kong.Flag, error) {
	node := app.Node
	if verb != everyVerb {
		all := verbsOf(app)
		if node = all[verb]; node == nil {
			return nil, fmt.Errorf("%q is no verb%s", verb, didYouMean(verb, append(slices.Sorted(maps.Keys(all)), everyVerb)))
		}
	}
	flags := map[string]*kong.Flag{}
	for _, f := range node.Flags {
		if f.Name != "help" && f.Name != "version" && f.Name != "config" && !f.Hidden {
			flags[f.Name] = f
		}
	}
	return flags, nil
}

// typed returns a value as it would be typed after a flag.
func typed(f *kong.Flag, text json.RawMessage) (string, error) {
	var value any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return "", err
	}
	list, several := value.([]any)
	if !several {
		return scalar(f, value)
	}
	if !f.IsSlice() {
		return "", errors.New("is a list; want one value")
	}
	var all []string
	for _, v := range list {
		one, err := scalar(f, v)
		if err != nil {
			return "", err
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return "", errors.New("is an empty list; leave it out")
	}
	return kong.JoinEscaped(all, f.Tag.Sep), nil
}

// scalar returns one value as it would be typed. Numbers and booleans must be written as such, and
// everything else as a string.
func scalar(f *kong.Flag, value any) (string, error) {
	want := jsonType(f)
	switch v := value.(type) {
	case string:
		if want == "string" {
			return v, nil
		}
	case json.Number:
		_, err := v.Int64()
		if want == "number" || want == "integer" && (err == nil || !strings.ContainsAny(v.String(), ".eE")) {
			return v.String(), nil
		}
	case bool:
		if want == "boolean" {
			return fmt.Sprint(v), nil
		}
	}
	return "", fmt.Errorf("has a wrong value; want %s", map[string]string{"string": "a string", "number": "a number", "integer": "a whole number", "boolean": "true or false"}[want])
}

// Validate does nothing: [readConfig] has checked the file.
func (*config) Validate(*kong.Application) error { return nil }

// Resolve returns the value of a flag; nil if the file has none.
func (c *config) Resolve(_ *kong.Context, parent *kong.Path, f *kong.Flag) (any, error) {
	verb := everyVerb
	if parent.App == nil {
		verb = verbName(parent.Node())
	}
	if value, ok := c.values[verb][f.Name]; ok {
		return value, nil
	}
	return nil, nil
}
