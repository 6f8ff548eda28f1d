package chattemplate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/ardanlabs/jinja"
)

// jsonValues returns JSON texts as a list.
func (r *run) jsonValues(all []json.RawMessage) (jinja.Value, error) {
	items := make([]jinja.Value, len(all))
	for i, raw := range all {
		v, err := r.jsonValue(raw)
		if err != nil {
			return v, fmt.Errorf("%d: %w", i, err)
		}
		items[i] = v
	}
	return jinja.NewList(items), nil
}

// jsonValue returns a JSON text as a value. The keys of objects keep their order.
func (r *run) jsonValue(raw json.RawMessage) (jinja.Value, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	v, err := r.decode(d, 0)
	if err != nil {
		return v, err
	}
	if _, err := d.Token(); err != io.EOF {
		return v, errors.New("more than one JSON value")
	}
	return v, nil
}

func (r *run) decode(d *json.Decoder, depth int) (jinja.Value, error) {
	if depth > maxDepth {
		return jinja.Undefined(), fmt.Errorf("%w: more than %d JSON values within each other", ErrLimit, maxDepth)
	}
	t, err := d.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return jinja.Undefined(), err
	}
	delimiter, ok := t.(json.Delim)
	if !ok {
		if s, ok := t.(string); ok {
			return r.input(s), nil
		}
		return jinja.FromGoValue(t), nil
	}
	var items []jinja.Value
	object := jinja.NewDict()
	for d.More() {
		key := ""
		if delimiter == '{' {
			k, err := d.Token()
			if err != nil {
				return object, err
			}
			key = keyOf(r.input(k.(string))) // the decoder takes nothing else
		}
		v, err := r.decode(d, depth+1)
		if err != nil {
			return v, err
		}
		if delimiter == '{' {
			object.AsDict().Set(key, v)
		} else {
			items = append(items, v)
		}
	}
	if _, err := d.Token(); err != nil { // the end
		return object, err
	}
	if delimiter == '{' {
		return object, nil
	}
	return jinja.NewList(items), nil
}
