package main

import (
	"fmt"
	"strings"
)

// namedPath is a value of a flag that gives a file or a folder a name: NAME=PATH.
type namedPath struct{ name, path string }

func (p namedPath) filePath() string { return p.path }

// UnmarshalText reads NAME=PATH. The path may hold more equals signs.
func (p *namedPath) UnmarshalText(text []byte) error {
	name, path, found := strings.Cut(string(text), "=")
	if !found || name == "" || path == "" {
		return fmt.Errorf("%.80q is not NAME=PATH, such as owl=owl.jsonl", text)
	}
	*p = namedPath{name, path}
	return nil
}
