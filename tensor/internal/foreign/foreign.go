// Package foreign recognises files that take the place of the file that a program wants to read.
package foreign

import (
	"bytes"
	"errors"
)

// Head is the number of first bytes of a file that [Check] needs.
const Head = 64

// kinds are the beginnings of files and what to do about them.
var kinds = []struct{ magic, advice string }{
	{"version https://git-lfs.github.com/spec/", "is a Git LFS pointer: run git lfs pull"},
	{"GGUF", "is a GGUF file, which is not supported: use the folder of the model in Hugging Face's format, with config.json and *.safetensors"},
	{"PK\x03\x04", "is a PyTorch file, which can run programs and is not read: save the model with safe_serialization, as *.safetensors"},
	{"\x80\x02\x8a\x0a", "is a PyTorch file, which can run programs and is not read: save the model with safe_serialization, as *.safetensors"},
	{"<!DOCTYPE", "is a web page: download the file itself"},
	{"<!doctype", "is a web page: download the file itself"},
	{"<html", "is a web page: download the file itself"},
}

// Check returns an error that says what a file is and what to do, if its first bytes are those of
// a pointer of Git LFS, of another format of models or of a web page; otherwise nil.
func Check(head []byte) error {
	for _, k := range kinds {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return errors.New(k.advice)
		}
	}
	return nil
}
