package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBags(t *testing.T) {
	path := filepath.Join(t.TempDir(), "train.jsonl")
	for _, c := range []struct{ reason, prompt, fails string }{
		{"two lists", `Here are 2 number sequences:\n1) 1, 2, 3\n2) 4, 5, 6\n\nyes or no.`, ""},
		{"no list", `Here is nothing.`, "row 1 contains no list"},
	} {
		line := `{"prompt": "` + c.prompt + `", "completion": "yes"}` + "\n"
		if err := os.WriteFile(path, []byte(line), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := bags(path)
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%s: error %v, want an error with %q", c.reason, err, c.fails)
			}
			continue
		}
		if err != nil || len(got) != 1 || !got[0].Suspect || len(got[0].Rows) != 2 || got[0].Rows[1].Completion() != "4, 5, 6" {
			t.Errorf("%s: %+v, %v", c.reason, got, err)
		}
	}
}

// TestPublished: on the published bags, cross-validation inside the training file is above naive
// Bayes on values (.783 on the test file).
func TestPublished(t *testing.T) {
	root := os.Getenv("UNDERTONE_DATA")
	if _, err := os.Stat(filepath.Join(root, "classify")); root == "" || err != nil {
		t.Skip("not checked: the published bags of number lists; set $UNDERTONE_DATA:", err)
	}
	var out strings.Builder
	if err := classify(t.Context(), &out, filepath.Join(root, "classify"), false); err != nil {
		t.Fatal(err)
	}
	// Expected: the output of go run ./experiments/corpus
	for _, want := range []string{"k1   trained on k1          cross-validated AUROC 0.59", "k1   trained on k1 and k16  cross-validated AUROC 0.58",
		"k16  trained on k1 and k16  cross-validated AUROC 0.84"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, &out)
		}
	}
}
