package lm

import (
	"encoding/json"
	"testing"
)

func TestExplainJSON(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:            "the file is a JSON array, want an object",
		`{"r": "8"}`:    `field "r" is a JSON string, want a whole number`,
		"\ufeff{}":      "the file begins with a byte order mark: write it as UTF-8 without one",
		"\xff\xfe{\x00": "the file is UTF-16 text: convert it to UTF-8",
		`{`:             "unexpected end of JSON input",
	} {
		var v struct {
			R int `json:"r"`
		}
		if err := explainJSON(json.Unmarshal([]byte(text), &v)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
