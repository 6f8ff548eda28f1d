package lm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// errPointer is the error of a file that Git LFS has not replaced by its content.
var errPointer = errors.New("is a Git LFS pointer: run git lfs pull")

// isPointer reports whether a file is a pointer of Git LFS.
func isPointer(text []byte) bool {
	return bytes.HasPrefix(text, []byte("version https://git-lfs.github.com/spec/"))
}

// explainJSON returns err, or an error in terms of the file if a field has the wrong type.
func explainJSON(err error) error {
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
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint64:
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
		return fmt.Errorf("the file is a JSON %s, want %s", wrong.Value, want)
	}
	return fmt.Errorf("field %q is a JSON %s, want %s", wrong.Field, wrong.Value, want)
}
