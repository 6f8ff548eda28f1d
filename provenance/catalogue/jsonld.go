package catalogue

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The namespaces of the properties that are read. Both schemes of an address are one namespace.
const (
	schemaOrg = "http://schema.org/"
	croissant = "http://mlcommons.org/croissant/"
	raiSpace  = "http://mlcommons.org/croissant/RAI/"
	provSpace = "http://www.w3.org/ns/prov#"
	dcTerms   = "http://purl.org/dc/terms/"
)

// linked is a JSON-LD document with a context of its own. A context at an address is not fetched.
type linked struct {
	vocabulary string            // of terms that the context does not define
	terms      map[string]string // expanded, where the context defines them
}

// newLinked reads the context of a document.
func newLinked(context any) *linked {
	l := &linked{vocabulary: schemaOrg, terms: map[string]string{
		"sc": schemaOrg, "schema": schemaOrg, "cr": croissant, "rai": raiSpace, "prov": provSpace, "dct": dcTerms,
	}}
	l.define(context)
	for i := 0; i < 2; i++ { // a term may be defined by a prefix, and that by another
		for term, address := range l.terms {
			l.terms[term] = l.expand(address)
		}
	}
	return l
}

func (l *linked) define(context any) {
	switch c := context.(type) {
	case []any:
		for _, each := range c {
			l.define(each)
		}
	case map[string]any:
		for _, term := range slices.Sorted(maps.Keys(c)) {
			switch d := c[term].(type) {
			case string:
				l.set(term, d)
			case map[string]any:
				if id, ok := d["@id"].(string); ok {
					l.set(term, id)
				}
			}
		}
	}
}

func (l *linked) set(term, address string) {
	switch {
	case term == "@vocab":
		l.vocabulary = sameScheme(address)
	case !strings.HasPrefix(term, "@"):
		l.terms[term] = sameScheme(address)
	}
}

// sameScheme returns an address of a namespace with the scheme http.
func sameScheme(address string) string {
	if rest, ok := strings.CutPrefix(address, "https://"); ok {
		return "http://" + rest
	}
	return address
}

// expand returns the address of a term, such as "http://schema.org/name" for "name" or "sc:name".
func (l *linked) expand(term string) string {
	if strings.HasPrefix(term, "@") {
		return term
	}
	if prefix, rest, ok := strings.Cut(term, ":"); ok {
		if space, known := l.terms[prefix]; known && !strings.HasPrefix(rest, "//") {
			return space + rest
		}
		return sameScheme(term)
	}
	if address, ok := l.terms[term]; ok && address != term {
		return address
	}
	return l.vocabulary + term
}

// node is an object with expanded names of properties.
type node map[string]any

// node returns a value as an object; nil if it is none.
func (l *linked) node(v any) node {
	object, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	n := node{}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if address := l.expand(name); n[address] == nil { // the first of two names of one property
			n[address] = object[name]
		}
	}
	return n
}

// list returns the values of a property, which may be a value, a list, or a list object.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	case map[string]any:
		for _, wrapper := range []string{"@list", "@set"} {
			if inner, ok := v[wrapper].([]any); ok {
				return inner
			}
		}
	}
	return []any{v}
}

// texts returns the values of a property that are texts, numbers or references.
func texts(v any) (all []string) {
	for _, each := range list(v) {
		switch e := each.(type) {
		case string:
			all = append(all, e)
		case json.Number:
			all = append(all, e.String())
		case bool:
			all = append(all, strconv.FormatBool(e))
		case map[string]any:
			all = append(all, objectText(e)...)
		}
	}
	return all
}

// objectText returns the text of a value object, of a map of languages, or of a reference.
func objectText(object map[string]any) (all []string) {
	for _, name := range []string{"@value", "@id"} {
		if text, ok := object[name].(string); ok {
			return []string{text}
		}
	}
	if object["@type"] != nil {
		return nil // an object with properties
	}
	for _, language := range slices.Sorted(maps.Keys(object)) {
		if text, ok := object[language].(string); ok {
			all = append(all, text)
		}
	}
	return all
}

// first returns the first text of a property, or "".
func first(v any) string {
	if all := texts(v); len(all) > 0 {
		return all[0]
	}
	return ""
}
