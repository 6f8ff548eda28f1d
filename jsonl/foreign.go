package jsonl

import (
	"bufio"
	"bytes"
	"strings"
)

// Remedies for files that are not rows.
const (
	toUTF8      = "convert it to UTF-8, for instance with iconv"
	recompress  = "compress it with zstd or gzip"
	toLines     = "convert it to one JSON object a line"
	nameRows    = "name a file of rows"
	fetchObject = "run git lfs pull to fetch the content"
)

// foreign holds the first bytes of files that users may mistake for rows. A longer magic comes
// before its prefix.
var foreign = []struct{ magic, what, hint string }{
	{"\xff\xfe\x00\x00", "UTF-32 text", toUTF8},
	{"\x00\x00\xfe\xff", "UTF-32 text", toUTF8},
	{"\xff\xfe", "UTF-16 text", toUTF8},
	{"\xfe\xff", "UTF-16 text", toUTF8},
	{"version https://git-lfs.github.com/spec/", "a Git LFS pointer, not the rows", fetchObject},
	{"version https://hawser.github.com/spec/", "a Git LFS pointer, not the rows", fetchObject},
	{"/annex/objects/", "a git-annex pointer, not the rows", "run git annex get to fetch the content"},
	{"<!DOCTYPE", "a web page, not the rows", "download the file itself"},
	{"<!doctype", "a web page, not the rows", "download the file itself"},
	{"<html", "a web page, not the rows", "download the file itself"},
	{"<?xml", "an XML document, not the rows", "download the file itself"},
	{"# xet version ", "an Xet pointer, not the rows", "run git xet checkout, or download the file itself"},
	{"BZh", "a bzip2 file", recompress},
	{"\xfd7zXZ", "an xz file", recompress},
	{"\x04\x22\x4d\x18", "an lz4 file", recompress},
	{"PK\x03\x04", "a zip archive", "unpack it"},
	{"PAR1", "a Parquet file", toLines},
	{"ARROW1", "an Arrow file", toLines},
	{"GGUF", "a GGUF file of weights", nameRows},
	{magicGzip, "compressed twice", "decompress it once"},
	{magicZstd, "compressed twice", "decompress it once"},
}

// refuseForeign returns an error if the text that follows is of a format that is not rows. It waits
// for no more bytes than it needs, because the text may be typed or come from a slow pipe.
func refuseForeign(text *bufio.Reader) error {
	head, _ := text.Peek(4) // an error recurs at the first line
	for _, f := range foreign {
		if n := min(len(head), len(f.magic)); n == 0 || string(head[:n]) != f.magic[:n] {
			continue
		}
		if all, _ := text.Peek(len(f.magic)); string(all) == f.magic {
			return &Error{Msg: "the content is " + f.what, Hint: f.hint}
		}
	}
	if bytes.IndexByte(head, 0) < 0 {
		return nil
	}
	if head, _ := text.Peek(10); len(head) == 10 && head[0] != 0 && string(head[4:]) == "\x00\x00\x00\x00{\"" {
		return &Error{Msg: "the content is a safetensors file of weights", Hint: nameRows}
	}
	if what := wide(head); what != "" {
		return &Error{Msg: "the content is " + what + " without a byte order mark", Hint: toUTF8}
	}
	return nil
}

// foreignLine returns what the line is and what to do, if it begins like a file of text that is not
// rows: behind blank lines, a byte order mark or other rows.
func foreignLine(line string) (what, hint string) {
	for _, f := range foreign {
		if n := len(f.magic); strings.ContainsAny(f.magic[:1], "v/<#") && len(line) >= n && strings.EqualFold(line[:n], f.magic) {
			return f.what, f.hint
		}
	}
	return "", ""
}

// wide names the encoding of text whose first two characters are ASCII and take two or four bytes
// each (RFC 4627, 3), or returns "".
func wide(head []byte) string {
	if len(head) < 4 {
		return ""
	}
	ascii := func(i int) bool { return 0 < head[i] && head[i] < 0x80 }
	zero := func(i int) bool { return head[i] == 0 }
	switch {
	case ascii(0) && zero(1) && ascii(2) && zero(3), zero(0) && ascii(1) && zero(2) && ascii(3):
		return "UTF-16 text"
	case ascii(0) && zero(1) && zero(2) && zero(3):
		return "UTF-32 text"
	}
	return ""
}
