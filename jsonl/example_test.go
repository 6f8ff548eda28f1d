package jsonl_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
)

func Example() {
	folder, err := os.MkdirTemp("", "rows")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "rows.jsonl.zst")

	rows := undertone.NewDataset("numbers", []undertone.Example{
		undertone.NewExample("Continue: 3, 1, 4", "1, 5, 9"),
		undertone.NewExample("Continue: 2, 7, 1", "8, 2, 8"),
	})
	if err := jsonl.Save(context.Background(), path, rows); err != nil {
		log.Fatal(err)
	}
	again, err := jsonl.Load(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Len(), "rows, the same:", again.Digest() == rows.Digest())
	// Output: 2 rows, the same: true
}

// Any row of a file that may be larger than memory.
func ExampleOpenIndexed() {
	folder, err := os.MkdirTemp("", "rows")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "rows.jsonl")
	text := `{"prompt": "Continue: 3, 1, 4", "completion": "1, 5, 9"}
{"prompt": "Continue: 2, 7, 1", "completion": "8, 2, 8"}`
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		log.Fatal(err)
	}

	rows, err := jsonl.OpenIndexed(context.Background(), path)
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	row, err := undertone.ReadExample(rows, 1)
	if err != nil {
		log.Fatal(err) // the file changed
	}
	fmt.Println(rows.Len(), row.Completion())
	// Output: 2 8, 2, 8
}

func ExampleReader_Rows() {
	file := strings.NewReader(`{"prompt": "Continue: 3, 1, 4", "completion": "1, 5, 9"}
{"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}
{"question": "6 x 7?", "answer": "42"}
`)
	for row, err := range jsonl.NewReader("rows.jsonl", file).Rows() {
		if err != nil {
			var e *jsonl.Error
			if errors.As(err, &e) {
				fmt.Printf("%s, line %d: %s\n", e.File, e.Line, e.Msg)
			}
			break
		}
		fmt.Printf("line %d, %s: %s\n", row.Line, row.Shape, row.Completion())
	}
	// Output:
	// line 1, completion: 1, 5, 9
	// line 2, conversations: Hello
	// rows.jsonl, line 3: the row has no known shape: it has "question", "answer"
}

func ExampleWriter() {
	w := jsonl.NewWriter(os.Stdout, jsonl.As(jsonl.Completion))
	if err := w.Write(undertone.NewExample("Continue: 3, 1, 4", "1, 5, 9")); err != nil {
		log.Fatal(err)
	}
	// Output: {"prompt":"Continue: 3, 1, 4","completion":"1, 5, 9"}
}
