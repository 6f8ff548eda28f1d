package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// document reads a JSON object that is the whole text.
func document(text []byte, field func(d *json.Decoder, key string) error) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := object(d, func(key string) error { return field(d, key) }); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("data after the object")
	}
	return nil
}

// object reads a JSON object, whose values field reads. A key that is listed twice is an error.
func object(d *json.Decoder, field func(key string) error) error {
	if err := delimiter(d, '{'); err != nil {
		return err
	}
	seen := map[string]struct{}{}
	for d.More() {
		key, err := str(d)
		if err != nil {
			return err
		}
		if _, twice := seen[key]; twice {
			return fmt.Errorf("%.80q is listed twice", key)
		}
		seen[key] = struct{}{}
		if err := field(key); err != nil {
			return err
		}
	}
	return delimiter(d, '}')
}

// integers reads a JSON array of at most n integers, each >= 0.
func integers(d *json.Decoder, n int) ([]int64, error) {
	if err := delimiter(d, '['); err != nil {
		return nil, err
	}
	var list []int64
	for d.More() {
		t, err := next(d)
		if err != nil {
			return nil, err
		}
		number, _ := t.(json.Number)
		v, err := strconv.ParseUint(string(number), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("found %.40v, want a number >= 0", t)
		}
		if len(list) == n {
			return nil, fmt.Errorf("more than %d numbers", n)
		}
		list = append(list, int64(v))
	}
	return list, delimiter(d, ']')
}

func str(d *json.Decoder) (string, error) {
	t, err := next(d)
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("found %.40v, want a string", t)
	}
	return s, nil
}

func delimiter(d *json.Decoder, want json.Delim) error {
	t, err := next(d)
	if err == nil && t != want {
		err = fmt.Errorf("found %.40v, want %v", t, want)
	}
	return err
}

// next returns the next token, or an error of its own if the text ends before the token does.
func next(d *json.Decoder) (json.Token, error) {
	t, err := d.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return t, err
}
