package jsonl

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// documentedLayout matches a line of the table of layouts in docs/rows.md.
var documentedLayout = regexp.MustCompile("(?m)^\\| `(\\{.*\\})` \\| .* \\| ([^|]*) \\|$")

// Every layout of docs/rows.md is read, with the learnt messages of the table.
func TestDocumentedLayouts(t *testing.T) {
	lines := documentedLayout.FindAllStringSubmatch(content(t, "../docs/rows.md"), -1)
	if len(lines) < 20 {
		t.Errorf("%d layouts, want at least 20", len(lines))
	}
	seen := map[Shape]bool{}
	for _, line := range lines {
		for row, err := range NewReader("", strings.NewReader(line[1]), Detokenise(digits)).Rows() {
			if err != nil {
				t.Errorf("%s: %v", line[1], err)
				continue
			}
			seen[row.Shape] = true
			var learnt []string
			for _, i := range row.Learnt() {
				learnt = append(learnt, fmt.Sprint(i+1))
			}
			got := "none"
			if len(learnt) > 0 {
				got = strings.Join(learnt, " and ")
			}
			if got += fmt.Sprintf(" of %d", len(row.Messages)); got != line[2] {
				t.Errorf("%s: learnt are %s, want %s", line[1], got, line[2])
			}
		}
	}
	for _, shape := range Shapes() {
		if !seen[shape] {
			t.Errorf("no layout has the shape %s", shape)
		}
	}
}
