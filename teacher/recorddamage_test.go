package teacher_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/teacher"
)

// numbered answers the request with seed n by n, and counts requests.
type numbered struct{ scribe }

func (numbered) Name() string { return "numbered" }

func (n numbered) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	n.calls.Add(1)
	return undertone.Response{Text: fmt.Sprint("answer ", r.Seed)}, nil
}

// recordSeeds records the answers to requests with these seeds and returns the lines of the file.
func recordSeeds(t *testing.T, path string, seeds ...uint64) [][]byte {
	t.Helper()
	r := record(t, numbered{newScribe()}, path)
	askSeeds(t, r.Model(), seeds...)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(bytes.Lines(text))
}

// askSeeds asks a model and checks its answers.
func askSeeds(t *testing.T, m undertone.Model, seeds ...uint64) {
	t.Helper()
	for _, seed := range seeds {
		r, err := m.Generate(t.Context(), undertone.Request{Messages: []undertone.Message{{Role: "user", Content: "q"}}, Seed: seed})
		if want := fmt.Sprint("answer ", seed); err != nil || r.Text != want {
			t.Errorf("seed %d: %q, %v, want %q", seed, r.Text, err, want)
		}
	}
}

// withCRC returns a line with the CRC-32C of its text, as a tool could compute it that knows
// checksums but not this code.
func withCRC(line []byte) []byte {
	rest := line[len(`{"sum":"`)+32+2:]
	sum := fmt.Sprintf("%032x", crc32.Checksum(bytes.TrimSpace(rest), crc32.MakeTable(crc32.Castagnoli)))
	return append([]byte(`{"sum":"`+sum+`",`), rest...)
}

// Damaged lines are asked again and said. No answer changes.
func TestDamagedRecordings(t *testing.T) {
	dir := t.TempDir()
	lines := recordSeeds(t, filepath.Join(dir, "whole"), 1, 2, 3, 4, 5, 6)
	other := recordSeeds(t, filepath.Join(dir, "other"), 9, 2, 8, 7, 6, 5)
	at := func(change func(l [][]byte) [][]byte) []byte {
		return bytes.Join(change(slices.Clone(lines)), nil)
	}
	edited := func(line []byte, seed int) []byte {
		return bytes.Replace(line, fmt.Appendf(nil, "answer %d", seed), []byte("answer 0"), 1)
	}
	for _, c := range []struct {
		reason string
		file   []byte
		again  int64 // requests that are asked again
		lines  string
	}{
		{"nothing", at(func(l [][]byte) [][]byte { return l }), 0, ""},
		{"an edited answer", at(func(l [][]byte) [][]byte { l[3] = edited(l[3], 3); return l }), 1, ":4 "},
		{"an edited answer with another checksum", at(func(l [][]byte) [][]byte { l[3] = withCRC(edited(l[3], 3)); return l }), 2, ":4 :5 "},
		{"two lines that changed places", at(func(l [][]byte) [][]byte { l[2], l[5] = l[5], l[2]; return l }), 4, ":3 :4 :6 :7 "},
		{"an earlier line again", at(func(l [][]byte) [][]byte { return append(l, l[2]) }), 0, ":8 "},
		{"an earlier line in the place of another", at(func(l [][]byte) [][]byte { l[4] = l[2]; return l }), 2, ":5 :6 "},
		{"a line of another recording of the model", at(func(l [][]byte) [][]byte { l[2] = other[2]; return l }), 2, ":3 :4 "},
		{"all lines of another recording but the first ones", at(func(l [][]byte) [][]byte { return append(l[:2], other[2:]...) }), 5, ":3 :4 :5 :6 :7 "},
		{"a missing line", at(func(l [][]byte) [][]byte { return slices.Delete(l, 2, 3) }), 2, ":3 "},
		{"an empty line", at(func(l [][]byte) [][]byte { return slices.Insert(l, 4, []byte("\n")) }), 1, ":5 :6 "},
		{"a lost line feed", at(func(l [][]byte) [][]byte { l[2] = bytes.TrimSpace(l[2]); return l }), 3, ":3 :4 "},
		{"a cut line", at(func(l [][]byte) [][]byte { l[6] = l[6][:40]; return l }), 1, ""},
	} {
		path := filepath.Join(t.TempDir(), "recording")
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := teacher.Replay(path); (c.lines != "") != errors.Is(err, teacher.ErrRecording) {
			t.Errorf("%s: Replay gives %v", c.reason, err)
		}
		m := numbered{newScribe()}
		r := record(t, m, path)
		askSeeds(t, r.Model(), 1, 2, 3, 4, 5, 6)
		said := ""
		for _, w := range r.Warnings() {
			_, rest, ok := strings.Cut(w, path)
			number, _, damaged := strings.Cut(rest, "is damaged and its request is asked again")
			if !ok || !damaged {
				t.Errorf("%s: warning %q", c.reason, w)
			}
			said += number
		}
		if said != c.lines || m.calls.Load() != c.again {
			t.Errorf("%s: warnings about %q after %d requests, want %q after %d", c.reason, said, m.calls.Load(), c.lines, c.again)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		repaired, err := teacher.Replay(path)
		if err != nil {
			t.Errorf("%s: the continued recording gives %v", c.reason, err)
			continue
		}
		askSeeds(t, repaired, 1, 2, 3, 4, 5, 6)
	}
}

// An answer that cannot be written leaves the recording as it was.
func TestRecordingAfterAnAnswerThatIsTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	r := record(t, repeater{}, path)
	ask := func(text string) error {
		_, err := r.Model().Generate(t.Context(), undertone.Request{Messages: []undertone.Message{{Content: text}}})
		return err
	}
	if err := ask(strings.Repeat("x", 33<<20)); err == nil || !strings.Contains(err.Error(), "want at most") {
		t.Fatalf("error %v of a long answer", err)
	}
	if err := errors.Join(ask("a"), r.Close()); err != nil {
		t.Fatal(err)
	}
	if again := record(t, repeater{}, path); again.Len() != 1 || len(again.Warnings()) > 0 {
		t.Errorf("%d answers, warnings %q", again.Len(), again.Warnings())
	}
}

// repeater answers with what it is asked.
type repeater struct{}

func (repeater) Name() string { return "repeater" }

func (repeater) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	return undertone.Response{Text: r.Messages[0].Content}, nil
}

// The header is bound to its lines: those of a model do not count for another one.
func TestLinesOfAnotherModel(t *testing.T) {
	dir := t.TempDir()
	lines := recordSeeds(t, filepath.Join(dir, "numbered"), 1, 2)
	r := record(t, newScribe(), filepath.Join(dir, "scribe"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	header, err := os.ReadFile(filepath.Join(dir, "scribe"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "mixed")
	if err := os.WriteFile(path, bytes.Join(append([][]byte{header}, lines[1:]...), nil), 0o600); err != nil {
		t.Fatal(err)
	}
	mixed := record(t, newScribe(), path)
	if mixed.Len() != 0 || len(mixed.Warnings()) != 2 {
		t.Errorf("%d answers of another model, warnings %q", mixed.Len(), mixed.Warnings())
	}
	if !json.Valid(bytes.TrimSpace(header)) {
		t.Errorf("the header %s is no JSON", header)
	}
}
