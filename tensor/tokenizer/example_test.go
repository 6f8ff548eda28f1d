package tokenizer_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone/tensor/tokenizer"
)

// A vocabulary of five tokens: "ow" and "owl" are made by merging.
func Example() {
	dir, err := os.MkdirTemp("", "tokenizer")
	check(err)
	defer os.RemoveAll(dir)
	check(os.WriteFile(filepath.Join(dir, "tokenizer.json"), []byte(`{"model": {
		"type": "BPE",
		"vocab": {"o": 0, "w": 1, "l": 2, "ow": 3, "owl": 4},
		"merges": ["o w", "ow l"]
	}}`), 0o600))

	tok, err := tokenizer.Load(dir)
	check(err)
	ids := tok.Encode("owlow")
	fmt.Println(ids, tok.Token(ids[0]), tok.Decode(ids))
	// Output: [4 3] owl owlow
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
