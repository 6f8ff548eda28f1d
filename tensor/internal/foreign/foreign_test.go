package foreign

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	for head, want := range map[string]string{
		"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n": "is a Git LFS pointer: run git lfs pull",
		"GGUF\x03\x00\x00\x00":              "is a GGUF file",
		"PK\x03\x04\x00\x00":                "is a PyTorch file",
		"\x80\x02\x8a\x0a":                  "is a PyTorch file",
		"\x80\x02\x00\x00\x00\x00\x00\x00{": "", // a header of 640 bytes
		"<!DOCTYPE html>":                   "is a web page",
		"<html>":                            "is a web page",
		"":                                  "",
		"{\"added_tokens\": []}":            "",
		"\x40\x00\x00\x00\x00\x00\x00\x00{": "",
		"version 2":                         "",
	} {
		err := Check([]byte(head))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", head, err, want)
		}
	}
}
