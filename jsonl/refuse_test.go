package jsonl

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// shapes is how every error about a shape ends.
const shapesHint = "; " + knownShapes

const (
	mark          = `a byte order mark (U+FEFF) in the middle of the file; remove it: when files are joined, each may begin with one`
	otherEncoding = `UTF-16 text begins in the middle of the file; convert each file to UTF-8 before they are joined, for instance with iconv`
)

func zeros(n int) string { return strings.Repeat("\x00", n) }

func TestRefuse(t *testing.T) {
	for _, c := range []struct {
		reason, line, want string
		is                 error
	}{
		// Not JSON.
		{"not JSON at all", `hello`, `f:1:1: the line is not a JSON object; write one JSON object per line`, nil},
		{"a pointer behind a blank line", "\nversion https://git-lfs.github.com/spec/v1\n", `f:2:1: the line is a Git LFS pointer, not the rows; ` + fetchObject, nil},
		{"a pointer behind a byte order mark", "\ufeffversion https://git-lfs.github.com/spec/v1\n", `f:1:1: the line is a Git LFS pointer, not the rows; ` + fetchObject, nil},
		{"a pointer behind rows", "{\"text\":\"a\"}\nversion https://git-lfs.github.com/spec/v1\n", `f:2:1: the line is a Git LFS pointer, not the rows; ` + fetchObject, nil},
		{"a web page in other letters", "<!Doctype HTML>", `f:1:1: the line is a web page, not the rows; download the file itself`, nil},
		{"an error of a web server", "<?xml version=\"1.0\"?>", `f: the content is an XML document, not the rows; download the file itself`, nil},
		{"a list of rows", `[{"text":"a"}]`, `f:1:1: the line is a list, want an object; write one JSON object per line; jq -c '.[]' turns a list of rows into lines`, nil},
		{"a string", ` "a"`, `f:1:2: the line is a string, want an object; write one JSON object per line`, nil},
		{"the first line of an indented file", "{\n", `f:1:2: the line ends before a field name in double quotes; write each row as one complete JSON object on one line`, nil},
		{"cut in a string", `{"text":"a`, `f:1:11: the line ends before the closing quote of a string; the file seems to be truncated; fetch or write it again`, nil},
		{"cut in an escape", `{"text":"a\u00`, `f:1:15: the line ends before the closing quote of a string; the file seems to be truncated; fetch or write it again`, nil},
		{"cut between tokens", `{"text":"a"`, `f:1:12: the line ends before ',' or '}'; the file seems to be truncated; fetch or write it again`, nil},
		{"cut, but not at the end of the file", "{\"text\":\"a\n{}", `f:1:11: the line ends before the closing quote of a string; write each row as one complete JSON object on one line`, nil},
		{"two rows on a line", `{"text":"a"}{"text":"b"}`, `f:1:13: text follows the closing brace of the row; write one row per line`, nil},
		{"a list with commas at the ends of lines", `{"text":"a"},`, `f:1:13: text follows the closing brace of the row; write one row per line`, nil},
		{"a trailing comma", `{"text":"a",}`, `f:1:13: a comma before '}'; the line is not JSON (RFC 8259)`, nil},
		{"a missing comma", `{"text":"a" "b":1}`, `f:1:13: unexpected '"', want ',' or '}'; the line is not JSON (RFC 8259)`, nil},
		{"single quotes", `{'text':'a'}`, `f:1:2: unexpected '\'', want a field name in double quotes; the line is not JSON (RFC 8259)`, nil},
		{"a bare word", `{"text":"a","x":NaN}`, `f:1:17: unexpected 'N', want a JSON value; the line is not JSON (RFC 8259)`, nil},
		{"a number with a leading zero", `{"text":"a","x":01}`, `f:1:18: unexpected '1', want ',' or '}'; the line is not JSON (RFC 8259)`, nil},
		{"a number without digits", `{"text":"a","x":1.}`, `f:1:19: unexpected '}', want a digit; the line is not JSON (RFC 8259)`, nil},
		{"an unknown escape", `{"text":"C:\dir"}`, `f:1:12: "\\dir\"}" is not a JSON escape; write a backslash as \\`, nil},
		{"a tab in a string", "{\"text\":\"a\tb\"}", `f:1:11: a string contains the control character 0x09; write it as an escape, such as \n or \t`, nil},

		// Other bytes than text.
		{"a byte order mark in the middle", "{\"text\":\"a\"}\n\ufeff{\"text\":\"a\"}", `f:2:1: ` + mark, nil},
		{"two byte order marks at the start", "\ufeff\ufeff{\"text\":\"a\"}", `f:1:1: ` + mark, nil},
		{"a byte order mark before the line end", "{\"text\":\"a\"}\ufeff\n", `f:1:13: ` + mark, nil},
		{"a byte order mark between tokens", "{\ufeff\"text\":\"a\"}", `f:1:2: ` + mark, nil},
		{"a line of padding", "{\"text\":\"a\"}\n" + zeros(64), `f:2:1: 64 NUL bytes (0x00) where text should be; ` + lostBytes, nil},
		{"padding before a row", zeros(8) + "{\"text\":\"a\"}\n", `f:1:1: 8 NUL bytes (0x00) where text should be; ` + lostBytes, nil},
		{"padding after a row", "{\"text\":\"a\"}" + zeros(3), `f:1:13: 3 NUL bytes (0x00) where text should be; ` + lostBytes, nil},
		{"a hole in a string", "{\"text\":\"a" + zeros(4096) + "\"}", `f:1:11: 4096 NUL bytes (0x00) where text should be; ` + lostBytes, nil},
		{"a hole between tokens", "{\"text\":" + zeros(5), `f:1:9: 5 NUL bytes (0x00) where text should be; ` + lostBytes, nil},
		{"a NUL byte in a string", "{\"text\":\"a\x00b\"}", `f:1:11: a NUL byte (0x00) where text should be; ` + lostBytes, nil},
		{"padding that exceeds a line", "{\"text\":\"a\"}\n" + zeros(1<<20), `f:2: a line of NUL bytes (0x00) is longer than 1000000 bytes; ` + lostBytes, ErrLimit},
		{"UTF-16 in the middle", "{\"text\":\"a\"}\n\xff\xfe{\x00\"\x00t\x00", `f:2:1: ` + otherEncoding, nil},
		{"big-endian UTF-16 in the middle", "{\"text\":\"a\"}\n\xfe\xff\x00{\x00\"", `f:2:1: ` + otherEncoding, nil},
		{"UTF-16 without a mark in the middle", "{\"text\":\"a\"}\n{\x00\"\x00t\x00e\x00", `f:2:2: ` + otherEncoding, nil},
		{"big-endian UTF-16 without a mark in the middle", "{\"text\":\"a\"}\n\x00{\x00\"\x00t", `f:2:1: ` + otherEncoding, nil},

		// Not text.
		{"Latin-1", "{\"text\":\"a\"}\n{\"text\":\"caf\xe9\"}", `f:2:13: invalid UTF-8: 0xe9 at byte 25 of the text; convert the file to UTF-8, for instance with iconv`, nil},
		{"a surrogate in UTF-8", "{\"text\":\"\xed\xa0\x80\"}", `f:1:10: invalid UTF-8: 0xed at byte 9 of the text; convert the file to UTF-8, for instance with iconv`, nil},
		{"U+FFFD is valid, what follows it is not", "{\"text\":\"\ufffd\xff\"}", `f:1:13: invalid UTF-8: 0xff at byte 12 of the text; convert the file to UTF-8, for instance with iconv`, nil},
		{"half of a pair", `{"text":"a\ud83d"}`, `f:1:11: half of a surrogate pair, \ud83d; write the character as UTF-8, or drop the row: a trainer may read it in several ways`, nil},
		{"a pair in the wrong order", `{"text":"\ude00\ud83d"}`, `f:1:10: half of a surrogate pair, \ude00; write the character as UTF-8, or drop the row: a trainer may read it in several ways`, nil},
		{"half of a pair and another escape", `{"text":"\ud83d\u0041"}`, `f:1:10: half of a surrogate pair, \ud83d; write the character as UTF-8, or drop the row: a trainer may read it in several ways`, nil},

		// No shape, or more than one.
		{"no fields", `{}`, `f:1: the row has no known shape: it has no fields` + shapesHint, ErrShape},
		{"unknown fields", `{"question":"q","answer":"a"}`, `f:1: the row has no known shape: it has "question", "answer"` + shapesHint, ErrShape},
		{"a prompt alone", `{"prompt":"q","completion":null}`, `f:1: the row has no known shape: it has "prompt", "completion" (null)` + shapesHint, ErrShape},
		{"case matters", `{"Text":"a"}`, `f:1: the row has no known shape: it has "Text"` + shapesHint, ErrShape},
		{"many and long names", `{"` + strings.Repeat("x", 50) + `":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"l":1,"m":1,"n":1}`,
			`f:1: the row has no known shape: it has "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"…, "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", 2 more` + shapesHint, ErrShape},
		{"two shapes", `{"messages":[],"text":"a"}`, `f:1: the row can be read as messages and as text: it has "messages", "text"; drop the fields that the trainer does not read, or choose a shape with the option As`, ErrShape},

		// Twice.
		{"a field twice", `{"text":"a","text":"b"}`, `f:1:13: the row has the field "text" twice; rename or drop one of them: trainers differ in which one they read`, nil},
		{"a field twice, once with an escape", `{"text":"a","te\u0078t":"b"}`, `f:1:13: the row has the field "text" twice; rename or drop one of them: trainers differ in which one they read`, nil},
		{"a metadata field twice", `{"text":"a","x":1,"x":1}`, `f:1:19: the row has the field "x" twice; rename or drop one of them: trainers differ in which one they read`, nil},
		{"a content twice", `{"messages":[{"role":"assistant","content":"a","content":"b"}]}`, `f:1:48: messages[0] has the field "content" twice; rename or drop one of them: trainers differ in which one they read`, nil},
		{"a part's text twice", `{"messages":[{"role":"assistant","content":[{"type":"text","text":"a","text":"b"}]}]}`,
			`f:1:71: messages[0].content[0] has the field "text" twice; rename or drop one of them: trainers differ in which one they read`, nil},

		// Wrong types.
		{"messages is an object", `{"messages":{}}`, `f:1:13: messages is an object, want a list of messages`, nil},
		{"messages is empty", `{"messages":[]}`, `f:1:13: messages is an empty list; drop the row`, nil},
		{"a message is a string", `{"messages":["a"]}`, `f:1:14: messages[0] is a string, want an object`, nil},
		{"a content is a number", `{"messages":[{"role":"user","content":"q"},{"role":"user","content":"q"},{"role":"assistant","content":7}]}`, `f:1:104: messages[2].content is a number, want a string`, nil},
		{"a content is null", `{"messages":[{"role":"assistant","content": null}]}`, `f:1:14: the content of messages[0] is null, want a string or a list of parts; drop the row, or write the empty content ""; null is for messages with "tool_calls"`, nil},
		{"a role is a list", `{"messages":[{"role":[],"content":"a"}]}`, `f:1:22: messages[0].role is a list, want a string`, nil},
		{"a value is a boolean", `{"conversations":[{"from":"gpt","value":true}]}`, `f:1:41: conversations[0].value is a boolean, want a string`, nil},
		{"a message without content", `{"messages":[{"role":"user"}]}`, `f:1:14: messages[0] has "role" but no "content"; a message has "role" and "content", or "from" and "value"`, nil},
		{"a message without role", `{"messages":[{"content":"a"}]}`, `f:1:14: messages[0] has "content" but no "role"; a message has "role" and "content", or "from" and "value"`, nil},
		{"a sender without value", `{"conversations":[{"from":"gpt"}]}`, `f:1:19: conversations[0] has "from" but no "value"; a message has "role" and "content", or "from" and "value"`, nil},
		{"a value without sender", `{"conversations":[{"value":"a"}]}`, `f:1:19: conversations[0] has "value" but no "from"; a message has "role" and "content", or "from" and "value"`, nil},
		{"a message of other fields", `{"messages":[{"text":"a"}]}`, `f:1:14: messages[0] has none of the fields of a message; a message has "role" and "content", or "from" and "value"`, nil},
		{"two vocabularies in one message", `{"messages":[{"role":"user","value":"a"}]}`, `f:1:14: messages[0] mixes two ways to write a message; a message has "role" and "content", or "from" and "value"`, nil},
		{"a tool call without a name", `{"messages":[{"role":"assistant","content":"","tool_calls":[{"id":1}]}]}`, `f:1:61: messages[0].tool_calls[0] has no name of a function; a call is {"id": …, "type": "function", "function": {"name": …, "arguments": …}}`, nil},
		{"a picture", `{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{}}]}]}`,
			`f:1:67: messages[0].content[1] is of the type "image_url", want "text"; drop the row; only parts of text, reasoning and tool calls can be read`, nil},
		{"a part without text", `{"messages":[{"role":"user","content":[{"type":"text"}]}]}`, `f:1:40: messages[0].content[0] has no text; drop the row; only parts of text, reasoning and tool calls can be read`, nil},
		{"a part that is a string", `{"messages":[{"role":"user","content":["a"]}]}`, `f:1:40: messages[0].content[0] is a string, want an object`, nil},
		{"a prompt is a number", `{"prompt":1,"completion":"a"}`, `f:1:11: prompt is a number, want a string or a list of messages`, nil},
		{"an output is a list", `{"instruction":"q","output":["a"]}`, `f:1:29: output is a list, want a string`, nil},
		{"an input is an object", `{"instruction":"q","input":{},"output":"a"}`, `f:1:28: input is an object, want a string`, nil},
		{"a text is a list", `{"text":["a"]}`, `f:1:9: text is a list, want a string`, nil},

		{"a prompt of a preference is a number", `{"prompt":1,"chosen":"a","rejected":"b"}`, `f:1:11: prompt is a number, want a string or a list of messages`, nil},
		{"chosen is a boolean", `{"chosen":false,"rejected":"b"}`, `f:1:11: chosen is a boolean, want a string or a list of messages`, nil},
		{"rejected is an object", `{"chosen":"a","rejected":{}}`, `f:1:26: rejected[0] has none of the fields of a message; a message has "role" and "content", or "from" and "value"`, nil},
		{"an instruction is a number", `{"instruction":1,"output":"a"}`, `f:1:16: instruction is a number, want a string`, nil},
		{"half of a pair in a generator", `{"text":"a","generator":"\ud83d"}`, `f:1:26: half of a surrogate pair, \ud83d; write the character as UTF-8, or drop the row: a trainer may read it in several ways`, nil},
		{"half of a pair in a model", `{"text":"a","model":"\ud83d"}`, `f:1:22: half of a surrogate pair, \ud83d; write the character as UTF-8, or drop the row: a trainer may read it in several ways`, nil},
		{"half of a pair in a field's name", `{"text":"a","\ud83d":1}`, `f:1:14: half of a surrogate pair, \ud83d; write the character as UTF-8, or drop the row: a trainer may read it in several ways`, nil},

		// Nothing that a student could learn from.
		{"a question alone", `{"messages":[{"role":"user","content":"q"}]}`, `f:1: the last message has the role "user", so the row has no completion; drop the row, or its messages after the last one of the role assistant`, nil},
		{"a conversation that ends with a question", `{"conversations":[{"from":"gpt","value":"a"},{"from":"human","value":"q"}]}`, `f:1: the last message has the role "user", so the row has no completion; drop the row, or its messages after the last one of the role assistant`, nil},
		{"an empty completion list", `{"prompt":"q","completion":[]}`, `f:1:28: completion is an empty list; drop the row`, nil},
		{"chosen and rejected answer other questions",
			`{"chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"p"},{"role":"assistant","content":"a"}]}`,
			`f:1:89: rejected and chosen complete different conversations; only the last message may differ; split or drop the row`, nil},
		{"chosen does not belong to the prompt", `{"prompt":"p","chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":"b"}`,
			`f:1:24: chosen starts with neither the prompt nor a completion of it; omit the prompt from the list, or start the list with it`, nil},

		{"rejected does not belong to the prompt", `{"prompt":"p","chosen":"a","rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}`,
			`f:1:39: rejected starts with neither the prompt nor a completion of it; omit the prompt from the list, or start the list with it`, nil},

		// Limits.
		{"deep nesting", `{"text":"a","x":` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + `}`, `f:1:144: more than 128 lists and objects are nested; flatten the row`, ErrLimit},
		{"many fields", `{"text":"a"` + fieldsJSON(1024) + `}`, `f:1:13335: the row has more than 1024 fields; put the rest into one nested object`, ErrLimit},
		{"a long line", `{"text":"` + strings.Repeat("a", 1<<20) + `"}`, `f:1: the line is longer than 1000000 bytes; write one row per line, or allow more with the option MaxLine`, ErrLimit},

		// Not a file of rows.
		{"nothing", "", `f: there are no rows; check the program that writes them`, ErrEmpty},
		{"blank lines", "\n \r\n\t", `f: there are no rows; check the program that writes them`, ErrEmpty},
		{"a byte order mark alone", "\ufeff", `f: there are no rows; check the program that writes them`, ErrEmpty},
		{"UTF-16", "\xff\xfe{\x00", `f: the content is UTF-16 text; convert it to UTF-8, for instance with iconv`, nil},
		{"UTF-16 without a mark", "{\x00\"\x00", `f: the content is UTF-16 text without a byte order mark; convert it to UTF-8, for instance with iconv`, nil},
		{"big-endian UTF-16 without a mark", "\x00\r\x00\n\x00{", `f: the content is UTF-16 text without a byte order mark; convert it to UTF-8, for instance with iconv`, nil},
		{"UTF-32", "\xff\xfe\x00\x00{\x00\x00\x00", `f: the content is UTF-32 text; convert it to UTF-8, for instance with iconv`, nil},
		{"UTF-32 without a mark", "{\x00\x00\x00\"\x00\x00\x00", `f: the content is UTF-32 text without a byte order mark; convert it to UTF-8, for instance with iconv`, nil},
		{"a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", `f: the content is a Git LFS pointer, not the rows; run git lfs pull to fetch the content`, nil},
		{"the start of a Git LFS pointer", "version https://git", `f:1:1: the line is not a JSON object; write one JSON object per line`, nil},
		{"a git-annex pointer", "/annex/objects/SHA256E-s1--00.jsonl\n", `f: the content is a git-annex pointer, not the rows; run git annex get to fetch the content`, nil},
		{"a web page", "<!DOCTYPE html>\n<html>", `f: the content is a web page, not the rows; download the file itself`, nil},
		{"weights", "\x40\x00\x00\x00\x00\x00\x00\x00{\"a\":", `f: the content is a safetensors file of weights; name a file of rows`, nil},
		{"other weights", "GGUF\x03\x00", `f: the content is a GGUF file of weights; name a file of rows`, nil},
		{"a zip archive", "PK\x03\x04rest", `f: the content is a zip archive; unpack it`, nil},
		{"Parquet", "PAR1rest", `f: the content is a Parquet file; convert it to one JSON object a line`, nil},
	} {
		var err error
		for _, err = range Read("f", strings.NewReader(c.line), MaxLine(1_000_000)) {
		}
		var e *Error
		if !errors.As(err, &e) || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.reason, err, c.want)
			continue
		}
		for _, sentinel := range []error{ErrShape, ErrLimit, ErrEmpty} {
			if errors.Is(err, sentinel) != (sentinel == c.is) {
				t.Errorf("%s: errors.Is(err, %v) is %t", c.reason, sentinel, sentinel != c.is)
			}
		}
	}
}

// fieldsJSON returns n fields, each with a comma before it.
func fieldsJSON(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"field%03d":1`, i)
	}
	return b.String()
}
