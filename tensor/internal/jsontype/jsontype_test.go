package jsontype

import (
	"encoding/json"
	"io"
	"testing"
)

func TestExplain(t *testing.T) {
	type inner struct {
		Scale *float64 `json:"scale"`
	}
	for text, want := range map[string]string{
		`{"n": "1"}`:                `field "n" is a JSON string, want a whole number`,
		`{"n": 1.5}`:                `field "n" is a JSON number 1.5, want a whole number`,
		`{"name": 1}`:               `field "name" is a JSON number, want a string`,
		`{"on": "true"}`:            `field "on" is a JSON string, want true or false`,
		`{"list": 3}`:               `field "list" is a JSON number, want a list`,
		`{"inner": []}`:             `field "inner" is a JSON array, want an object`,
		`{"inner": {"scale": "x"}}`: `field "inner.scale" is a JSON string, want a number`,
		`{"by": 1}`:                 `field "by" is a JSON number, want an object`,
		"\ufeff{}":                  "the file begins with a byte order mark: write it as UTF-8 without one",
		"\xff\xfe{\x00":             "the file is UTF-16 text: convert it to UTF-8",
		`[1]`:                       "it is a JSON array, want an object",
		`{"n": 1`:                   "unexpected end of JSON input",
	} {
		var v struct {
			N     int            `json:"n"`
			Name  string         `json:"name"`
			On    bool           `json:"on"`
			List  []string       `json:"list"`
			Inner *inner         `json:"inner"`
			By    map[string]int `json:"by"`
		}
		if err := Explain(json.Unmarshal([]byte(text), &v)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if Explain(nil) != nil || Explain(io.EOF) != io.EOF {
		t.Error("another error is changed")
	}
}
