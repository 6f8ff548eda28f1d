// Package jsontype explains fields of a JSON file that have the wrong type.
package jsontype

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Explain returns err, or an error in terms of the file if a field has the wrong type.
func Explain(err error) error {
	if mark := encoding(err); mark != nil {
		return mark
	}
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	kind := wrong.Type
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	want := kind.String()
	switch kind.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64:
		want = "a whole number"
	case reflect.Float64:
		want = "a number"
	case reflect.String:
		want = "a string"
	case reflect.Bool:
		want = "true or false"
	case reflect.Slice:
		want = "a list"
	case reflect.Struct, reflect.Map:
		want = "an object"
	}
	if wrong.Field == "" {
		return fmt.Errorf("it is a JSON %s, want %s", wrong.Value, want)
	}
	return fmt.Errorf("field %q is a JSON %s, want %s", wrong.Field, wrong.Value, want)
}

// encoding returns an error for a file that does not begin with JSON but with the mark of an
// encoding, or nil.
func encoding(err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) || syntax.Offset != 1 {
		return nil
	}
	switch text := syntax.Error(); {
	case strings.Contains(text, "'ï'"):
		return errors.New("the file begins with a byte order mark: write it as UTF-8 without one")
	case strings.Contains(text, "'ÿ'"), strings.Contains(text, "'þ'"):
		return errors.New("the file is UTF-16 text: convert it to UTF-8")
	}
	return nil
}
