package chattemplate

import (
	"strconv"
	"strings"

	"github.com/ardanlabs/jinja"
)

// The keys of the library's dictionaries are strings. A key of another type is its text after a
// zero byte and a letter for the type.

// keyOf returns the key of a dictionary for a value.
func keyOf(v jinja.Value) string {
	switch {
	case v.IsString():
		if s := v.AsString(); strings.HasPrefix(s, "\x00") {
			return "\x00s" + s
		}
		return v.AsString()
	case v.IsInt():
		return "\x00i" + strconv.FormatInt(v.AsInt(), 10)
	case v.IsFloat():
		return "\x00f" + floatText(v.AsFloat())
	case v.IsBool():
		return "\x00b" + strconv.FormatBool(v.AsBool())
	case v.IsNone():
		return "\x00n"
	}
	return "\x00?" // no dictionary has it
}

// keyValue returns the value of a key.
func keyValue(key string) jinja.Value {
	if !strings.HasPrefix(key, "\x00") {
		return jinja.NewString(key)
	}
	switch text := key[2:]; key[1] {
	case 's':
		return jinja.NewString(text)
	case 'i':
		n, err := strconv.ParseInt(text, 10, 64)
		if err == nil {
			return jinja.NewInt(n)
		}
	case 'f':
		f, err := strconv.ParseFloat(text, 64)
		if err == nil {
			return jinja.NewFloat(f)
		}
	case 'b':
		return jinja.NewBool(text == "true")
	}
	return jinja.None()
}

// keysOf returns the keys of a dictionary.
func keysOf(d *jinja.Dict) []jinja.Value {
	keys := make([]jinja.Value, len(d.Keys))
	for i, key := range d.Keys {
		keys[i] = keyValue(key)
	}
	return keys
}
