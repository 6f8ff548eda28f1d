package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

func ask(prompt, completion string) undertone.Example {
	return undertone.NewExample(prompt, completion)
}

// read returns the one row of line.
func read(t *testing.T, line string, opts ...Option) undertone.Example {
	t.Helper()
	for row, err := range Read("f", strings.NewReader(line), opts...) {
		if err != nil {
			t.Fatal(err)
		}
		return row
	}
	panic("unreachable: an empty source is an error")
}

// line returns what a Writer makes of a row.
func line(e undertone.Example, opts ...Option) (string, error) {
	var b strings.Builder
	err := NewWriter(&b, opts...).Write(e)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func TestUnchangedRowsAreCopied(t *testing.T) {
	for _, c := range []struct {
		reason, line string
		opts         []Option
	}{
		{"spaces and the order of fields", ` { "b" : 1.0, "completion" : "a", "prompt" : "q" }`, nil},
		{"what a message says beside its content", `{"messages":[{"weight":0,"role":"assistant","content":[{"type":"text","text":"\u0061"}]}]}`, nil},
		{"Alpaca with input", `{"instruction":"q","input":"i","output":"a"}`, nil},
		{"Alpaca without input", `{"instruction":"q","output":"a"}`, nil},
		{"preference in lists", `{"prompt":"q","chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}`, nil},
		{"an empty rejected answer", `{"prompt":"q","chosen":"a","rejected":""}`, nil},
		{"the shape that is asked for", `{"text":"t","prompt":"q","completion":"a"}`, []Option{As(Text)}},
		{"the generator", `{"generator":"g","model":"m","text":"a"}`, nil},
		{"a carriage return between tokens", "{\r\"text\":\"a\"}", nil},
	} {
		got, err := line(read(t, c.line, c.opts...), c.opts...)
		if err != nil || got != c.line {
			t.Errorf("%s: got %s, %v; want %s", c.reason, got, err, c.line)
		}
	}
	// Of two shapes the writer finds the shape in which the row was read.
	const two = `{"text":"t","prompt":"q","completion":"a"}`
	if got, err := line(read(t, two, As(Text))); err != nil || got != two {
		t.Errorf("two shapes: got %s, %v", got, err)
	}
}

func TestChangedRowsKeepTheirShape(t *testing.T) {
	for _, c := range []struct{ reason, line, want string }{
		{"messages", `{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}`, `{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "new"}]}`},
		{"conversations", `{"conversations":[{"from":"user","value":"q"},{"from":"gpt","value":"a"}]}`, `{"conversations":[{"from":"user","value":"q"},{"from":"gpt","value":"new"}]}`},
		{"completion with metadata", `{"z":1,"prompt":"q","completion":"a","b":[ ]}`, `{"z":1,"prompt":"q","completion":"new","b":[ ]}`},
		{"completion of a longer conversation", `{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"q"}],"completion":"a"}`,
			`{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"q"}],"completion":"new"}`},
		{"instruction keeps what was the input", `{"instruction":"q","input":"i","output":"a"}`, `{"instruction":"q","input":"i","output":"new"}`},
		{"instruction without input", `{"instruction":"q","output":"a"}`, `{"instruction":"q","output":"new"}`},
		{"preference", `{"prompt":"q","chosen":"a","rejected":"b"}`, `{"prompt":"q","chosen":"new","rejected":"b"}`},
		{"preference of a longer conversation", `{"prompt":"q","chosen":[{"role":"system","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"system","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}`,
			`{"prompt":"q","chosen":[{"role":"system","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"new"}],"rejected":[{"role":"system","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}`},
		{"text", `{"text":"a"}`, `{"text":"new"}`},
		{"the generator has its field", `{"generator":"g","text":"a"}`, `{"generator":"g","text":"new"}`},
		{"the model keeps its field", `{"model":"m","text":"a"}`, `{"model":"m","text":"new"}`},
	} {
		e := read(t, c.line)
		e.Messages[len(e.Messages)-1].Content = "new"
		if got, err := line(e); err != nil || got != c.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", c.reason, got, err, c.want)
		}
	}
}

func TestOtherChanges(t *testing.T) {
	e := read(t, `{"text":"a","model":"m","x":1}`)
	e.Generator = "g"
	if got, err := line(e); err != nil || got != `{"text":"a","model":"m","x":1,"generator":"g"}` {
		t.Errorf("another generator: %s, %v", got, err)
	}
	e = read(t, `{"text":"a","generator":"g"}`)
	e.Meta = map[string]json.RawMessage{"generator": json.RawMessage(`"old"`)}
	if got, err := line(e); err != nil || got != `{"text":"a","generator":"g"}` {
		t.Errorf("a generator in the metadata, too: %s, %v", got, err)
	}
	e = read(t, `{"text":"a","x":1}`)
	e.Meta = map[string]json.RawMessage{"x": json.RawMessage("{\n\"y\": 2\n}"), "none": nil}
	if got, err := line(e); err != nil || got != `{"text":"a","none":null,"x":{"y": 2}}` {
		t.Errorf("other metadata: %s, %v", got, err)
	}
	e = read(t, `{"instruction":"q","input":"i","output":"a"}`)
	e.Messages[0].Content = "another"
	if got, err := line(e); err != nil || got != `{"instruction":"another","input":"","output":"a"}` {
		t.Errorf("another instruction: %s, %v", got, err)
	}
	e = read(t, `{"text":"a"}`)
	e.Rejected = "b"
	if got, err := line(e); err != nil || got != `{"prompt":"","chosen":"a","rejected":"b"}` {
		t.Errorf("a rejected answer: %s, %v", got, err)
	}
	e = ask("q", "a")
	e.Source = "{\"prompt\":\"q\",\n\"completion\":\"a\"}" // not one line: cannot be copied
	if got, err := line(e); err != nil || strings.Contains(got, "\n") {
		t.Errorf("a source of two lines: %s, %v", got, err)
	}
}

func TestShapesHoldRows(t *testing.T) {
	bare, qa, long := ask("", "a"), ask("q", "a"), undertone.Example{Messages: chat("system", "s", "user", "q", "assistant", "a")}
	worse := ask("q", "a")
	worse.Rejected = "b"
	empty := undertone.Example{Messages: chat("user", "", "assistant", "a")} // an empty question is not no question
	for _, c := range []struct {
		reason string
		e      undertone.Example
		as     Shape
		want   string // a line, or the message of an error
	}{
		{"unread rows are messages", qa, "", `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}`},
		{"but a rejected answer makes a preference", worse, "", `{"prompt":"q","chosen":"a","rejected":"b"}`},
		{"conversations", long, Conversations, `{"conversations":[{"from":"system","value":"s"},{"from":"human","value":"q"},{"from":"gpt","value":"a"}]}`},
		{"completion", qa, Completion, `{"prompt":"q","completion":"a"}`},
		{"completion of nothing", bare, Completion, `{"prompt":"","completion":"a"}`},
		{"completion of an empty question", empty, Completion, `{"prompt":[{"role":"user","content":""}],"completion":[{"role":"assistant","content":"a"}]}`},
		{"instruction", qa, Instruction, `{"instruction":"q","input":"","output":"a"}`},
		{"instruction of nothing", bare, Instruction, `{"instruction":"","input":"","output":"a"}`},
		{"preference of nothing", bare, Preference, `{"prompt":"","chosen":"a","rejected":""}`},
		{"text", bare, Text, `{"text":"a"}`},
		{"another role alone", undertone.Example{Messages: chat("tool", "a")}, Completion, `line 1: the last message has the role "tool", so the row has no completion; drop the row, or its messages after the last one of the role assistant`},
		{"text has no question", qa, Text, `line 1: the shape text cannot represent the row: it has a prompt or several messages; choose a shape with the option As`},
		{"instruction with a system message", long, Instruction, `{"system":"s","instruction":"q","input":"","output":"a"}`},
		{"instruction has no empty question", empty, Instruction, `line 1: the shape instruction cannot represent the row: it is not a conversation of questions and answers in plain text; choose a shape with the option As`},
		{"messages with a rejected answer", worse, Messages, `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected_response":"b"}`},
		{"completions have no rejected answer", worse, Completion, `line 1: the shape completion cannot represent the row: it has a rejected answer; choose a shape with the option As`},
		{"a role that conversations would read as another", undertone.Example{Messages: chat("human", "q", "assistant", "a")}, Conversations,
			`line 1: the shape conversations cannot represent the row: it would be read as another row; choose a shape with the option As`},
		{"no messages", undertone.Example{}, "", `line 1: the row has no messages; drop the row`},
		{"no answer", undertone.Example{Messages: chat("user", "q")}, "", `line 1: the last message has the role "user", so the row has no completion; drop the row, or its messages after the last one of the role assistant`},
		{"not UTF-8", ask("q", "\xff"), "", `line 1: the row holds invalid UTF-8; convert its text, or drop it`},
		{"metadata that is not JSON", undertone.Example{Messages: bare.Messages, Meta: map[string]json.RawMessage{"x": json.RawMessage(`1,"y":2`)}}, "",
			`line 1: the metadata field "x" is not JSON; set it to the JSON text of one value`},
		{"metadata that makes another shape", undertone.Example{Messages: bare.Messages, Meta: map[string]json.RawMessage{"text": json.RawMessage(`"b"`)}}, "",
			`line 1: the row can be read as messages and as text: it has "messages", "text"; drop the fields that the trainer does not read, or choose a shape with the option As`},
		{"metadata of another shape, if the shape is named", undertone.Example{Messages: bare.Messages, Meta: map[string]json.RawMessage{"text": json.RawMessage(`"b"`)}}, Messages,
			`{"messages":[{"role":"assistant","content":"a"}],"text":"b"}`},
		{"metadata whose place the content takes", undertone.Example{Messages: bare.Messages, Meta: map[string]json.RawMessage{"text": json.RawMessage(`"b"`)}}, Text, `{"text":"a"}`},
	} {
		var opts []Option
		if c.as != "" {
			opts = append(opts, As(c.as))
		}
		got, err := line(c.e, opts...)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.reason, got, c.want)
		}
		if err == nil && read(t, got, opts...).ID() != c.e.ID() {
			t.Errorf("%s: %s is another row", c.reason, got)
		}
	}
}

func TestChangedRowOfTwoShapes(t *testing.T) {
	e := read(t, `{"text":"t","prompt":"q","completion":"a"}`, As(Text))
	e.Messages[0].Content = "new"
	if _, err := line(e); !errors.Is(err, ErrShape) {
		t.Errorf("without a shape: %v", err)
	}
	want := `{"text":"new","prompt":"q","completion":"a"}`
	if got, err := line(e, As(Text)); err != nil || got != want {
		t.Errorf("with its shape: got %s, %v; want %s", got, err, want)
	}
}

func TestStringsAreEscaped(t *testing.T) {
	const text = "\"\\/\b\f\n\r\t\x00\x1f\x7f é \u2027\u2028\u2029\u202a 😀 <&> \ufffd"
	want := `"\"\\/\u0008\u000c\n\r\t\u0000\u001f` + "\x7f é \u2027" + `\u2028\u2029` + "\u202a 😀 <&> \ufffd\""
	got := string(appendString(nil, text))
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var back string
	if err := json.Unmarshal([]byte(got), &back); err != nil || back != text {
		t.Errorf("encoding/json reads %q, %v", back, err)
	}
}

func TestWriterLimitsLines(t *testing.T) {
	e := ask("", strings.Repeat("a", 100))
	want := "line 1: the row takes 111 bytes, more than 110; allow more with the option MaxLine"
	if _, err := line(e, As(Text), MaxLine(110)); !errors.Is(err, ErrLimit) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	got, err := line(e, As(Text), MaxLine(111))
	if err != nil || read(t, got, MaxLine(111)).ID() != e.ID() {
		t.Errorf("at the limit: %v", err)
	}
}

func TestWriterOptionsAreChecked(t *testing.T) {
	if _, err := line(ask("q", "a"), As("csv")); !errors.Is(err, ErrShape) {
		t.Errorf("an unknown shape: %v", err)
	}
}

func TestWriterAfterAnError(t *testing.T) {
	var b strings.Builder
	w := NewWriter(&b)
	if err := w.Write(undertone.Example{}); err == nil {
		t.Error("a row without messages is written")
	}
	if err := w.Write(ask("", "a")); err != nil || b.String() != "{\"messages\":[{\"role\":\"assistant\",\"content\":\"a\"}]}\n" {
		t.Errorf("after a bad row: %v, wrote %q", err, b.String())
	}
	full := errors.New("full")
	w = NewWriter(&failing{n: 60, err: full})
	_ = w.Write(ask("", "a"))
	for range 2 { // an incomplete line must not be followed by another
		if err := w.Write(ask("", "b")); !errors.Is(err, full) || err.Error() != "line 2: cannot write: full" {
			t.Errorf("after a write error: %v", err)
		}
	}
}

// failing takes n bytes.
type failing struct {
	n   int
	err error
}

func (f *failing) Write(p []byte) (int, error) {
	if n := f.n; n < len(p) {
		f.n = 0
		return n, f.err
	}
	f.n -= len(p)
	return len(p), nil
}

func BenchmarkWrite(b *testing.B) {
	for _, l := range layouts {
		data := numberRows(50_000, l.layout)
		for _, changed := range []bool{false, true} {
			b.Run(fmt.Sprintf("shape=%s/changed=%t", l.name, changed), func(b *testing.B) {
				var rows []Row
				for row, err := range NewReader("", bytes.NewReader(data)).Rows() {
					if err != nil {
						b.Fatal(err)
					}
					if changed {
						row.Messages[1].Content += "!"
					}
					rows = append(rows, row)
				}
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					w := NewWriter(io.Discard)
					for _, row := range rows {
						if err := w.Write(row.Example); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}
