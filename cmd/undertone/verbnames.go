package main

import (
	"encoding"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// verbsOf returns the verbs by their names. A verb of two words, such as "trainer check", has one
// entry.
func verbsOf(app *kong.Application) map[string]*kong.Node {
	all := map[string]*kong.Node{}
	for _, leaf := range app.Leaves(true) {
		all[verbName(leaf)] = leaf
	}
	return all
}

// verbName returns the name of a verb as it is typed, without that of the command.
func verbName(node *kong.Node) string {
	var words []string
	for ; node != nil && node.Type == kong.CommandNode; node = node.Parent {
		words = append([]string{node.Name}, words...)
	}
	return strings.Join(words, " ")
}

// jsonType returns the type of the value of a flag, or of an element of its list, in JSON Schema:
// boolean, integer, number or string.
func jsonType(f *kong.Flag) string {
	t := f.Target.Type()
	for !isText(t) && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice) {
		t = t.Elem()
	}
	switch {
	case isText(t) || t == reflect.TypeFor[time.Duration]():
		return "string"
	case t.Kind() == reflect.Bool:
		return "boolean"
	case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		return "number"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64:
		return "integer"
	}
	return "string"
}

// isText reports whether a type reads itself from text.
func isText(t reflect.Type) bool {
	text := reflect.TypeFor[encoding.TextUnmarshaler]()
	return t.Implements(text) || reflect.PointerTo(t).Implements(text)
}
