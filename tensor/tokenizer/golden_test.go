package tokenizer

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestGolden compares with the ids in the input of an independent forward pass.
func TestGolden(t *testing.T) {
	folder := os.Getenv("UNDERTONE_DATA")
	if folder == "" {
		t.Skip("not checked: the ids of published models: UNDERTONE_DATA is not set")
	}
	for _, name := range []string{"stories260K", "tinystories-656k"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(folder, "golden", name+".json"))
			if err != nil {
				t.Skipf("not checked: the ids of %s: %v", name, err)
			}
			var want struct {
				Text string
				IDs  []int32
			}
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			tok, err := Load(filepath.Join(folder, "models", name))
			if err != nil {
				t.Fatal(err)
			}
			bos, ok := tok.BOS()
			if !ok {
				t.Fatal("no BOS")
			}
			if got := append([]int32{bos}, tok.Encode(want.Text)...); !slices.Equal(got, want.IDs) {
				t.Errorf("got %d, want %d", got, want.IDs)
			}
			if got := tok.Decode(want.IDs[1:]); got != want.Text {
				t.Errorf("decoded %q", got)
			}
		})
	}
}
