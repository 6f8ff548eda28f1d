package remote

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Limits of the JSON of a response. An empty object takes about 50 bytes when it is decoded.
const (
	maxDepth   = 32      // levels of arrays and objects
	maxObjects = 4 << 20 // arrays and objects
)

// decode decodes the body of a response: one JSON value of a bounded depth and size. Fields that no
// client needs are ignored, because servers add fields.
func decode(body []byte, answer any) error {
	if !utf8.Valid(body) {
		return errors.New("it is not UTF-8")
	}
	if a, ok := answer.(scanned); ok {
		err := scanBody(string(body), a)
		if err == nil {
			return nil
		}
		if err := decodeAny(body, new(json.RawMessage)); err != nil { // it says more about what is no JSON
			return err
		}
		return err
	}
	return decodeAny(body, answer)
}

// decodeAny is decode for UTF-8, by package encoding/json.
func decodeAny(body []byte, answer any) error {
	if err := checkNesting(body); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(answer); err != nil {
		return err
	}
	if rest := bytes.TrimSpace(body[d.InputOffset():]); len(rest) > 0 {
		return fmt.Errorf("%d bytes follow the value", len(rest))
	}
	return nil
}

// checkNesting returns an error if arrays and objects are nested too deeply, or too many.
func checkNesting(body []byte) error {
	depth, objects, quoted := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			if depth++; depth > maxDepth {
				return fmt.Errorf("it is nested more than %d levels deep", maxDepth)
			}
			if objects++; objects > maxObjects {
				return fmt.Errorf("it has more than %d arrays and objects", maxObjects)
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return nil
}
