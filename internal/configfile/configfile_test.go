package configfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadRefusesLargeFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, MaxSize+1); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); err == nil || err.Error() != path+" has 16777217 bytes, want at most 16777216" {
		t.Errorf("a file: error %v", err)
	}
	if _, err := Read("the pipe", strings.NewReader(strings.Repeat(" ", MaxSize+1))); err == nil || err.Error() != "the pipe has more than 16777216 bytes" {
		t.Errorf("a pipe: error %v", err)
	}
	if err := os.Truncate(path, MaxSize); err != nil {
		t.Fatal(err)
	}
	if text, err := ReadFile(path); err != nil || len(text) != MaxSize {
		t.Errorf("the largest file: %d bytes, error %v", len(text), err)
	}
}

func TestDecodeIsStrict(t *testing.T) {
	var into struct {
		List []struct {
			Name string `json:"name"`
		} `json:"list"`
	}
	for text, want := range map[string]string{
		`{"list": [{"name": "a"}]}`:              "",
		`{"list": [{"name": 1}]}`:                `field "list.name": unexpected number at byte 20`,
		`{"other": 1}`:                           `json: unknown field "other"`,
		`[]`:                                     "unexpected array at byte 1",
		`{} {}`:                                  "something follows the JSON value",
		`{"list": [], "list": []}`:               `the field "list" is there twice`,
		`{"list": [{"name": "a", "name": "b"}]}`: `the field "name" is there twice`,
		`{`:                                      "unexpected EOF",
	} {
		got := ""
		if err := Decode([]byte(text), &into); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: error %q, want %q", text, got, want)
		}
	}
}
