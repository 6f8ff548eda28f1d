package audit

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// A report counts the suspect rows that the control has too, in any order, and warns if they are
// more than half. The verdict stays.
func TestSharedRows(t *testing.T) {
	for shared, warns := range map[int]bool{0: false, 120: false, 121: true, 239: true} {
		cfg := world()
		suspect := cfg.Suspect.(*undertone.Dataset)
		rows := make([]undertone.Example, suspect.Len())
		for i := range rows {
			if rows[i] = suspect.Example(i); i >= shared {
				rows[i].Messages = []undertone.Message{{Role: "assistant", Content: "another " + rows[i].Completion()}}
			}
		}
		slices.Reverse(rows)
		cfg.Control = undertone.NewDataset("control", rows)
		r := run(t, cfg)
		warned := slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.HasPrefix(w, "the control has ") })
		if r.Suspect.Shared != shared || r.Control.Shared != 0 || warned != warns {
			t.Errorf("%d rows are shared: %+v, warnings %q", shared, r.Suspect, r.Warnings)
		}
		text := new(bytes.Buffer)
		if err := r.Render(text, JSON); err != nil {
			t.Fatal(err)
		}
		if read, err := ReadReport(text); err != nil || read.Suspect.Shared != shared {
			t.Errorf("%d rows are shared: read as %+v, error %v", shared, read, err)
		}
	}
}
