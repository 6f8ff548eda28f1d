package lm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// names is a field of PEFT that is a list of names, or one regular expression.
type names struct {
	list       []string
	expression string         // if the field is a string
	compiled   *regexp.Regexp // of expression; nil if Go does not know it
}

// UnmarshalJSON implements [json.Unmarshaler].
func (n *names) UnmarshalJSON(text []byte) error {
	if text = bytes.TrimSpace(text); len(text) > 0 && text[0] == '"' {
		if err := json.Unmarshal(text, &n.expression); err != nil {
			return err
		}
		n.compiled, _ = regexp.Compile(`^(?:` + n.expression + `)$`)
		return nil
	}
	return json.Unmarshal(text, &n.list)
}

// indices is a field of PEFT that is a number or a list of numbers.
type indices struct {
	list  []int
	given bool // and not empty
}

// UnmarshalJSON implements [json.Unmarshaler].
func (n *indices) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	var one int
	if json.Unmarshal(text, &one) == nil {
		n.list, n.given = []int{one}, true
		return nil
	}
	err := json.Unmarshal(text, &n.list)
	n.given = len(n.list) > 0
	return err
}

// pattern is a field of PEFT that gives some layers a number. The first key that matches a name
// counts, so their order matters.
type pattern struct {
	keys     []string
	values   []float64
	compiled []*regexp.Regexp // of keys
}

// maxNames bounds lists and patterns. A model has a few thousand layers.
const maxNames = 1 << 16

// UnmarshalJSON implements [json.Unmarshaler].
func (p *pattern) UnmarshalJSON(text []byte) error {
	var all map[string]float64
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil { // {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if _, err := d.Token(); err != nil {
			return err
		}
		name, ok := key.(string)
		if !ok {
			return nil // of null
		}
		if value, first := all[name]; first { // of a repeated key the last value counts
			delete(all, name)
			p.keys, p.values = append(p.keys, name), append(p.values, value)
		}
	}
	return nil
}

// compile prepares the keys. A key is a regular expression for the end of a name.
func (p *pattern) compile(field string) error {
	if len(p.keys) > maxNames {
		return fmt.Errorf("%s has %d entries, want at most %d", field, len(p.keys), maxNames)
	}
	for _, key := range p.keys {
		e, err := regexp.Compile(`^(?:.*\.)?(?:` + key + `)$`)
		if err != nil {
			return fmt.Errorf("%s: %.80q is not a regular expression that Go knows: %w", field, key, err)
		}
		p.compiled = append(p.compiled, e)
	}
	return nil
}

// of returns the number of a layer, or a default.
func (p pattern) of(name string, byDefault float64) float64 {
	for i, e := range p.compiled {
		if e.MatchString(name) {
			return p.values[i]
		}
	}
	return byDefault
}

// errUnknownExpression says that a regular expression uses what Python has and Go has not.
var errUnknownExpression = errors.New("not a regular expression that Go knows")

// targets reports whether PEFT gives LoRA to a layer of a language model.
func (p *peft) targets(name string) (bool, error) {
	excluded, err := p.Excluded.match(name)
	if err != nil || excluded {
		return false, err
	}
	for _, module := range p.Saved {
		if strings.Contains("."+name+".", "."+module+".") {
			return false, nil
		}
	}
	if strings.EqualFold(p.Targets.expression, "all-linear") {
		return name != "lm_head", nil
	}
	matches, err := p.Targets.match(name)
	if err != nil || !matches || p.Targets.expression != "" || slices.Contains(p.Targets.list, name) || !p.Blocks.given {
		return matches, err
	}
	return p.hasBlock(name)
}

// match reports whether a name is one of the list, ends in one of them after a point, or is matched
// as a whole by the expression.
func (n names) match(name string) (bool, error) {
	if n.expression != "" {
		if n.compiled == nil {
			return false, errUnknownExpression
		}
		return n.compiled.MatchString(name), nil
	}
	return slices.ContainsFunc(n.list, func(end string) bool { return name == end || strings.HasSuffix(name, "."+end) }), nil
}

// hasBlock reports whether a layer is in one of the blocks of layers_to_transform.
func (p *peft) hasBlock(name string) (bool, error) {
	expressions := []string{`^.*?\.[^.]*\.(\d+)\.`}
	if patterns := p.BlocksPattern; patterns.expression != "" {
		expressions = []string{`^(?:.*?\.)?` + patterns.expression + `\.(\d+)\.`}
	} else if len(patterns.list) > 0 {
		expressions = nil
		for _, e := range patterns.list {
			expressions = append(expressions, `^(?:.*?\.)?`+e+`\.(\d+)\.`)
		}
	}
	for _, text := range expressions {
		e, err := regexp.Compile(text)
		if err != nil {
			return false, errUnknownExpression
		}
		if found := e.FindStringSubmatch(name); found != nil {
			block, err := strconv.Atoi(found[len(found)-1])
			return err == nil && slices.Contains(p.Blocks.list, block), nil
		}
	}
	return false, nil
}
