package undertone_test

import (
	"os"
	"strings"
	"testing"
)

// TestReadmeQuotesExamples checks that each Go block of the README consists of lines of a compiled
// example, in the order of the example. A block may leave lines out.
func TestReadmeQuotesExamples(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	sources := []string{"audit/pipeline_test.go", "audit/audittest/example_test.go"}
	blocks := strings.Split(string(readme), "```go\n")[1:]
	if len(blocks) != len(sources) {
		t.Fatalf("the README has %d blocks of Go, want %d", len(blocks), len(sources))
	}
	for i, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		source, err := os.ReadFile(sources[i])
		if err != nil {
			t.Fatal(err)
		}
		rest := string(source)
		for line := range strings.Lines(block) {
			line = strings.TrimSpace(line)
			_, after, found := strings.Cut(rest, line)
			if !found {
				t.Errorf("%s does not have this line after those quoted before: %s", sources[i], line)
				break
			}
			rest = after
		}
	}
}
