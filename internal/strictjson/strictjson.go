// Package strictjson decodes JSON that comes from outside and that all readers must understand
// alike: envelopes, bundles, statements, catalogue files.
package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/undertone-audit/undertone/internal/bounded"
	"github.com/undertone-audit/undertone/internal/jsondoc"
)

// Decode decodes one JSON value of at most limit bytes. It refuses what [bounded.CheckJSON] and
// [jsondoc.Canonical] refuse: text that would take too much memory, that is not UTF-8, a field
// twice, half of a surrogate pair, more than 100 levels, bytes behind the value. It also refuses a
// field whose name differs from that of a Go field in the case of letters alone, which package
// encoding/json would take for it. Other unknown fields are ignored.
func Decode(text []byte, limit int, into any) error {
	if len(text) > limit {
		return fmt.Errorf("it is larger than %d bytes", limit)
	}
	if err := bounded.CheckJSON(text, into); err != nil {
		return err
	}
	if _, err := jsondoc.Canonical(text); err != nil {
		return err
	}
	if err := checkNames(text, reflect.TypeOf(into).Elem()); err != nil {
		return err
	}
	return withoutGoType(json.Unmarshal(text, into))
}

// checkNames returns an error if an object in text has a field whose name equals that of a field of
// the Go type only if the case of letters is ignored. Text of another shape is no error.
func checkNames(text []byte, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		return checkFields(text, t)
	case reflect.Map:
		return checkValues(text, t.Elem())
	case reflect.Slice:
		if !holdsStruct(t.Elem()) {
			return nil
		}
		var all []json.RawMessage
		if json.Unmarshal(text, &all) != nil {
			return nil
		}
		for _, each := range all {
			if err := checkNames(each, t.Elem()); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkValues checks the values of an object with any names.
func checkValues(text []byte, t reflect.Type) error {
	var all map[string]json.RawMessage
	if !holdsStruct(t) || json.Unmarshal(text, &all) != nil {
		return nil
	}
	for _, each := range all {
		if err := checkNames(each, t); err != nil {
			return err
		}
	}
	return nil
}

func checkFields(text []byte, t reflect.Type) error {
	var all map[string]json.RawMessage
	if json.Unmarshal(text, &all) != nil {
		return nil
	}
	for i := range t.NumField() {
		want, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if want == "" || want == "-" {
			continue
		}
		for name, value := range all {
			switch {
			case name == want:
				if err := checkNames(value, t.Field(i).Type); err != nil {
					return err
				}
			case strings.EqualFold(name, want):
				return fmt.Errorf("the field %.80q is unknown; want %q", name, want)
			}
		}
	}
	return nil
}

// holdsStruct reports whether a value of the type can hold a struct of known fields.
func holdsStruct(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return holdsStruct(t.Elem())
	}
	return t.Kind() == reflect.Struct
}

// withoutGoType rewrites the error on a JSON value of the wrong type, which names a type of Go.
func withoutGoType(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &wrong):
		return err
	case wrong.Field == "":
		return fmt.Errorf("unexpected %s, want an object", wrong.Value)
	}
	return fmt.Errorf("the field %.80q is of the wrong type: %s", wrong.Field, wrong.Value)
}
