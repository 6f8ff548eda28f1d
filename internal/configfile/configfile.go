// Package configfile reads small JSON files that people write: traits and settings.
package configfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/undertone-audit/undertone/internal/bounded"
	"github.com/undertone-audit/undertone/internal/jsondoc"
)

// MaxSize is the size of the largest file, in bytes.
const MaxSize = 16 << 20

// ReadFile reads a regular file of at most [MaxSize] bytes.
func ReadFile(path string) ([]byte, error) {
	f, err := bounded.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > MaxSize {
		return nil, fmt.Errorf("%s has %d bytes, want at most %d", path, info.Size(), MaxSize)
	}
	return Read(path, f)
}

// Read reads at most [MaxSize] bytes of r, which errors call name. A pipe has no size before it is
// read.
func Read(name string, r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err == nil && len(text) > MaxSize {
		err = fmt.Errorf("%s has more than %d bytes", name, MaxSize)
	}
	return text, err
}

// Decode decodes one JSON value. Unknown fields, repeated fields, anything after the value, and
// what [bounded.CheckJSON] refuses are errors.
func Decode(text []byte, into any) error {
	if err := bounded.CheckJSON(text, into); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return withoutGoType(err)
	}
	if d.More() {
		return errors.New("something follows the JSON value")
	}
	_, err := jsondoc.Canonical(text) // refuses repeated fields: encoding/json keeps the last
	return err
}

// withoutGoType rewrites the error on a JSON value of the wrong type, which names a type of Go.
func withoutGoType(err error) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &wrong):
		return err
	case wrong.Field == "":
		return fmt.Errorf("unexpected %s at byte %d", wrong.Value, wrong.Offset)
	}
	return fmt.Errorf("field %.80q: unexpected %s at byte %d", wrong.Field, wrong.Value, wrong.Offset)
}
