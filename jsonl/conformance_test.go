package jsonl

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/accept.ids anew")

// TestAccept compares shapes and ids with the file that other implementations
// compare theirs with. Of the ids, TestIDFromScratch checks the scheme.
func TestAccept(t *testing.T) {
	r, err := Open("testdata/accept.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got strings.Builder
	for row, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s %s %d\n", row.ID(), row.Shape, len(row.Messages))
	}
	const golden = "testdata/accept.ids"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if want := content(t, golden); got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

func TestRefuseEachLine(t *testing.T) {
	for i, line := range strings.Split(strings.TrimSpace(content(t, "testdata/refuse.jsonl")), "\n") {
		if got, err := texts(strings.NewReader(line)); err == nil {
			t.Errorf("line %d of testdata/refuse.jsonl is read as %q", i+1, got)
		}
	}
}

// TestIDFromScratch spells out the bytes that docs/rows.md says are hashed.
func TestIDFromScratch(t *testing.T) {
	n := func(v byte) string { return "\x00\x00\x00\x00\x00\x00\x00" + string(rune(v)) }
	for _, c := range []struct{ reason, line, hashed string }{
		{"a question and an answer", `{"prompt":"q","completion":"é"}`,
			n(3) + "row" + n(2) + n(4) + "user" + n(1) + "q" + n(9) + "assistant" + n(2) + "é" + n(0)},
		{"a rejected answer", `{"chosen":"a","rejected":"bcd"}`,
			n(3) + "row" + n(1) + n(9) + "assistant" + n(1) + "a" + n(3) + "bcd"},
	} {
		if got, want := read(t, c.line).ID(), sha256.Sum256([]byte(c.hashed)); got != want {
			t.Errorf("%s: got %s, want %x", c.reason, got, want)
		}
	}
	example := read(t, `{"prompt": "q", "completion": "é"}`).ID().String()
	if !strings.Contains(content(t, "../docs/rows.md"), example) {
		t.Errorf("docs/rows.md has another ID than %s for its example", example)
	}
}
