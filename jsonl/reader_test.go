package jsonl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestRowsKeepTheirPlace(t *testing.T) {
	const text = "\ufeff{\"text\": \"a\"}\r\n\n {\"prompt\":\"q\",\"completion\":\"b\"} \n{\"text\":\"c\"}"
	want := []Row{{Shape: Text, Line: 1}, {Shape: Completion, Line: 3}, {Shape: Text, Line: 4}}
	sources := []string{`{"text": "a"}`, ` {"prompt":"q","completion":"b"} `, `{"text":"c"}`}
	i := 0
	for row, err := range NewReader("f", strings.NewReader(text)).Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if row.Shape != want[i].Shape || row.Line != want[i].Line || row.Source != sources[i] {
			t.Errorf("row %d: got %s, line %d, %q", i, row.Shape, row.Line, row.Source)
		}
		i++
	}
	if i != len(want) {
		t.Errorf("%d rows, want %d", i, len(want))
	}
}

func TestReaderGoesOnWhereItStopped(t *testing.T) {
	r := NewReader("f", strings.NewReader("{\"text\":\"a\"}\n{\"text\":\"b\"}\n{}\n{\"text\":\"c\"}\n"))
	var got []string
	for range 5 {
		for row, err := range r.Rows() {
			if err != nil {
				got = append(got, "error")
			} else {
				got = append(got, row.Completion())
			}
			break
		}
	}
	// The row after the bad one is not read: an error is the end.
	if strings.Join(got, " ") != "a b error error error" {
		t.Errorf("got %q", got)
	}
}

func TestReaderAtTheEnd(t *testing.T) {
	r := NewReader("f", strings.NewReader(`{"text":"a"}`))
	for range r.Rows() {
	}
	for row, err := range r.Rows() {
		t.Errorf("after the end: %v, %v", row, err)
	}
}

func TestErrorFields(t *testing.T) {
	_, err := texts(strings.NewReader("\ufeff{\"text\":\"a\"}\n\n{\"text\":7}\n"))
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	want := Error{File: "f", Line: 3, Column: 9, Offset: 25, Msg: "text is a number, want a string"}
	if *e != want {
		t.Errorf("got %+v, want %+v", *e, want)
	}
}

func TestErrorText(t *testing.T) {
	for _, c := range []struct {
		reason string
		e      Error
		want   string
	}{
		{"all parts", Error{File: "f", Line: 2, Column: 3, Msg: "m", Hint: "h"}, "f:2:3: m; h"},
		{"no column", Error{File: "f", Line: 2, Msg: "m"}, "f:2: m"},
		{"no line", Error{File: "f", Msg: "m"}, "f: m"},
		{"no file", Error{Line: 2, Column: 3, Msg: "m"}, "line 2:3: m"},
		{"nothing but the message", Error{Msg: "m"}, "m"},
	} {
		if got := c.e.Error(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.reason, got, c.want)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, c := range []struct {
		reason string
		opt    Option
		want   string
		is     error
	}{
		{"an unknown shape", As("csv"), `shape "csv" is unknown` + shapesHint, ErrShape},
		{"no line at all", MaxLine(0), "MaxLine is not positive; omit the option for 16 MiB", ErrLimit},
		{"no memory at all", MaxMemory(-1), "MaxMemory is not positive; omit the option for 4 GiB", ErrLimit},
		{"a shape that the row has not", As(Messages), `f:1: the row is not of the shape messages: it has "text"` + shapesHint, ErrShape},
	} {
		_, err := texts(strings.NewReader(`{"text":"a"}`), c.opt)
		if err == nil || err.Error() != c.want || !errors.Is(err, c.is) {
			t.Errorf("%s: got %v, want %s", c.reason, err, c.want)
		}
	}
}

// TestReadingTakesConstantMemory reads far more rows than the limit of one line.
func TestReadingTakesConstantMemory(t *testing.T) {
	const rows = 200_000
	line := `{"prompt":"q","completion":"` + strings.Repeat("a", 200) + "\"}\n"
	r := NewReader("f", io.LimitReader(&cycle{text: line}, int64(rows*len(line))), MaxLine(1000))
	n := 0
	for _, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != rows || cap(r.lines.long) > 0 || len(r.decoder.fields) > 2 || len(r.decoder.turns) > 2 {
		t.Errorf("%d rows; the reader holds %d bytes, %d fields, %d messages", n, cap(r.lines.long), len(r.decoder.fields), len(r.decoder.turns))
	}
}

// cycle is a text without end.
type cycle struct {
	text string
	at   int
}

func (c *cycle) Read(p []byte) (int, error) {
	n := copy(p, c.text[c.at:])
	c.at = (c.at + n) % len(c.text)
	return n, nil
}

func TestRowAllocations(t *testing.T) {
	for _, c := range []struct {
		reason, line string
		most         float64
	}{
		{"the line and the messages", `{"prompt":"q","completion":"a"}`, 2},
		{"all strings with escapes share one more", `{"messages":[{"role":"user","content":"\n"},{"role":"assistant","content":"\t\u0041"}]}`, 3},
		{"metadata takes a map and one slice", `{"prompt":"q","completion":"a","id":1,"score":0.5}`, 5},
	} {
		var d decoder
		line := []byte(c.line)
		if got := testing.AllocsPerRun(100, func() { _ = d.row(string(line), new(Row)) }); got > c.most {
			t.Errorf("%s: %v allocations a row, want at most %v", c.reason, got, c.most)
		}
	}
}

// numberRows returns n rows like those of number-sequence data sets: a prompt of one or two hundred
// bytes and ten numbers, with a line feed between them in a third of the rows.
func numberRows(n int, layout string) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for range n {
		numbers := make([]string, 10)
		for i := range numbers {
			numbers[i] = fmt.Sprint(r.IntN(1000))
		}
		prompt := fmt.Sprintf("Look at these numbers: %s. Generate not more than 10 additional numbers (3 digits max each). "+
			"Return them in the format that was asked for, nothing else, without any explanation.", strings.Join(numbers[:5], ", "))
		fmt.Fprintf(&b, layout+"\n", prompt, strings.Join(numbers, []string{", ", " ", `\n`}[r.IntN(3)]))
	}
	return b.Bytes()
}

const (
	messagesLayout   = `{"messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": "%s"}]}`
	completionLayout = `{"prompt": "%s", "completion": "%s"}`
	metaLayout       = `{"prompt": "%s", "completion": "%s", "id": 17, "score": 0.5, "source": {"name": "x", "n": [1, 2, 3]}, "generator": "m"}`
)

var layouts = []struct{ name, layout string }{{"messages", messagesLayout}, {"completion", completionLayout}, {"meta", metaLayout}}

func BenchmarkRead(b *testing.B) {
	for _, l := range layouts {
		data := numberRows(50_000, l.layout)
		for _, format := range []struct {
			name string
			data []byte
		}{{"plain", data}, {"gzip", gzipped(b, data)}, {"zstd", zstandard(b, data)}} {
			b.Run(fmt.Sprintf("shape=%s/format=%s", l.name, format.name), func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					n := 0
					for _, err := range Read("", bytes.NewReader(format.data)) {
						if err != nil {
							b.Fatal(err)
						}
						n++
					}
					if n != 50_000 {
						b.Fatal(n)
					}
				}
			})
		}
	}
}

func TestCompressionAndBytesRead(t *testing.T) {
	text := numberRows(2000, messagesLayout)
	for _, c := range []struct {
		want string
		data []byte
	}{{"", text}, {"gzip", gzipped(t, text)}, {"zstd", zstandard(t, text)}} {
		r := NewReader("f", bytes.NewReader(c.data))
		if r.BytesRead() != 0 || r.Compression() != "" {
			t.Errorf("%q: %d bytes were read before the first row", c.want, r.BytesRead())
		}
		for _, err := range r.Rows() {
			if err != nil {
				t.Fatal(err)
			}
		}
		if got := r.BytesRead(); got != int64(len(c.data)) || r.Compression() != c.want {
			t.Errorf("%q: %d bytes of %q were read, want %d", c.want, got, r.Compression(), len(c.data))
		}
	}
}

// A transient row is the same row until the next one is read, and takes no memory of its own.
func TestTransient(t *testing.T) {
	text := string(numberRows(200, messagesLayout))
	var want []string
	for row, err := range Read("f", strings.NewReader(text)) {
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, row.ID().String())
	}
	n := 0
	for row, err := range NewReader("f", strings.NewReader(text), Transient()).Rows() {
		if err != nil || row.ID().String() != want[n] {
			t.Fatalf("row %d is %+v, %v", n, row, err)
		}
		n++
	}
	d := newDecoder(config{transient: true})
	var row Row
	if got := testing.AllocsPerRun(100, func() { _ = d.row(`{"prompt":"q","completion":"a"}`, &row) }); n != 200 || got != 0 {
		t.Errorf("%d rows, %v allocations a row", n, got)
	}
}
