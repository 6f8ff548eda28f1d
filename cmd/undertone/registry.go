package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// registry is what can be asked for by name, each with settings S.
type registry[S any] []kind[S]

type kind[S any] struct {
	name string
	zero func() S // a pointer to settings that have their defaults
}

func (r registry[S]) names() string {
	names := make([]string, len(r))
	for i, k := range r {
		names[i] = k.name
	}
	return strings.Join(names, ", ")
}

// settings returns the settings that c has for a name, over the defaults.
func (r registry[S]) settings(name string, c configuration) (s S, err error) {
	i := slices.IndexFunc(r, func(k kind[S]) bool { return k.name == name })
	if i < 0 {
		return s, fmt.Errorf("there is no %q; there are %s", name, r.names())
	}
	s = r[i].zero()
	if text, ok := c[name]; ok {
		if err := strictly(text, s); err != nil {
			return s, fmt.Errorf("settings of %s: %w", name, err)
		}
	}
	return s, nil
}

// configuration is a file of settings by name.
type configuration map[string]json.RawMessage

// readConfiguration reads a file of settings of r; of "" it reads none.
func (r registry[S]) readConfiguration(path string) (configuration, error) {
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
		if _, err := r.settings(name, c); err != nil {
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
