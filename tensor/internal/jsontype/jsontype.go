// Package jsontype explains fields of a JSON file that have the wrong type.
package jsontype

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// Explain returns err, or an error in terms of the file if a field has the wrong type.
func Explain(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) || wrong.Field == "" {
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
	return fmt.Errorf("field %q is a JSON %s, want %s", wrong.Field, wrong.Value, want)
}
