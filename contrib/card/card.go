// Package card reads what the front matter of a dataset card claims: the README.md of a data set on
// the Hugging Face Hub. It is a module of its own, because the front matter is YAML. Package
// catalogue of the library writes the section of a card.
package card

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/undertone-audit/undertone/provenance/catalogue"
)

// The limits of a card.
const (
	maxCard   = 16 << 20 // bytes
	maxMatter = 1 << 20  // bytes of the front matter; those of large collections have 200 KiB
	maxDepth  = 32       // mappings and lists around a value
	maxNodes  = 200_000
)

// Read returns what a dataset card claims. A card without front matter claims nothing. The front
// matter must be a mapping, have each key once, and use no aliases.
func Read(text []byte) (*catalogue.Claims, error) {
	c, err := read(text)
	if err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	return c, nil
}

func read(text []byte) (*catalogue.Claims, error) {
	if len(text) > maxCard {
		return nil, fmt.Errorf("it is larger than %d bytes", maxCard)
	}
	matter, err := frontMatter(text)
	if err != nil {
		return nil, err
	}
	claims := &catalogue.Claims{Format: catalogue.CardFormat}
	var document yaml.Node
	if err := yaml.Unmarshal(matter, &document); err != nil {
		return nil, fmt.Errorf("front matter: %w", err)
	}
	if len(document.Content) == 0 {
		return claims, nil
	}
	nodes := maxNodes
	if err := check(document.Content[0], 0, &nodes); err != nil {
		return nil, fmt.Errorf("front matter: %w", err)
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, errors.New("front matter: it is no mapping")
	}
	fill(claims, root)
	return claims, nil
}

// frontMatter returns the text between the first two lines of three hyphens, or nothing if the card
// does not start with such a line.
func frontMatter(text []byte) ([]byte, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	if string(bytes.TrimRight(line, " \t\r")) != "---" {
		return nil, nil
	}
	for matter := rest; ; {
		line, after, more := bytes.Cut(rest, []byte("\n"))
		size := len(matter) - len(rest)
		switch {
		case string(bytes.TrimRight(line, " \t\r")) == "---":
			return matter[:size], nil
		case !more:
			return nil, errors.New("the front matter has no end: a line of three hyphens")
		case size > maxMatter:
			return nil, fmt.Errorf("the front matter is larger than %d bytes", maxMatter)
		}
		rest = after
	}
}

// check returns an error if a value is nested too deeply, has an alias, or a key twice.
func check(n *yaml.Node, depth int, left *int) error {
	*left--
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return fmt.Errorf("line %d: it has an anchor or an alias, which a card does not need", n.Line)
	case depth > maxDepth:
		return fmt.Errorf("line %d: it has more than %d levels", n.Line, maxDepth)
	case *left < 0:
		return fmt.Errorf("line %d: it has more than %d values", n.Line, maxNodes)
	}
	keys := map[string]bool{}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if keys[child.Value] {
				return fmt.Errorf("line %d: the key %.80q is there twice", child.Line, child.Value)
			}
			keys[child.Value] = true
		}
		if err := check(child, depth+1, left); err != nil {
			return err
		}
	}
	return nil
}

// fill reads the fields that say something about the origin of the rows.
func fill(c *catalogue.Claims, root *yaml.Node) {
	c.Name = strings.Join(values(root, "pretty_name"), " ")
	c.Licenses = append(values(root, "license"), values(root, "licenses")...)
	c.Tags = values(root, "tags")
	c.Models = values(root, "base_model")
	for _, source := range values(root, "source_datasets") {
		if source != "original" {
			c.Sources = append(c.Sources, source)
		}
	}
	c.Sources = append(c.Sources, values(root, "datasets")...)
	for _, creators := range []string{"annotations_creators", "language_creators"} {
		for _, creator := range values(root, creators) {
			c.Agents = append(c.Agents, creators+": "+creator)
			c.Synthetic = c.Synthetic || creator == "machine-generated"
		}
	}
	c.Synthetic = c.Synthetic || slices.ContainsFunc(c.Tags, func(tag string) bool {
		return slices.Contains([]string{"synthetic", "distilabel", "synthetic-data"}, strings.ToLower(tag))
	})
}

// values returns the texts of a field: one, those of a list, or those of all lists of a mapping, as
// old cards have them for each configuration.
func values(root *yaml.Node, key string) []string {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == key {
			return scalars(root.Content[i+1])
		}
	}
	return nil
}

func scalars(n *yaml.Node) (all []string) {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag != "!!null" {
			all = append(all, n.Value)
		}
	case yaml.SequenceNode:
		for _, child := range n.Content {
			all = append(all, scalars(child)...)
		}
	case yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			all = append(all, scalars(n.Content[i])...)
		}
	}
	return all
}
