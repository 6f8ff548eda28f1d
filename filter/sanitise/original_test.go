package sanitise_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/sanitise"
	"github.com/undertone-audit/undertone/jsonl"
)

func TestRestoreErrors(t *testing.T) {
	data := rowsOf("2, 1")
	sorted := apply(t, data, 1, sanitise.Sort{})
	for _, c := range []struct {
		reason    string
		data      *undertone.Dataset
		originals []*undertone.Dataset
		want      string
	}{
		{"never rewritten", data, []*undertone.Dataset{data}, "row 1"},
		{"another data set", sorted, []*undertone.Dataset{rowsOf("3")}, data.RowID(0).Short()},
		{"no data set", sorted, nil, "none of the 0 data sets"},
	} {
		if _, err := sanitise.Restore(c.data, c.originals...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.reason, err, c.want)
		}
	}
}

// A field that says something else is no ID, and is replaced.
func TestOriginalThatIsNoID(t *testing.T) {
	for _, value := range []string{`"sha256:12"`, `7`, `null`, `[]`, `"` + (undertone.Digest{}).String() + `"`} {
		row := undertone.NewExample("q", "2, 1")
		row.Meta = map[string]json.RawMessage{sanitise.Original: json.RawMessage(value)}
		if id, ok := sanitise.OriginalID(row); ok {
			t.Errorf("%s is taken for the ID %v", value, id)
		}
		data := undertone.NewDataset("d", []undertone.Example{row})
		if restored, err := sanitise.Restore(apply(t, data, 1, sanitise.Sort{}), data); err != nil || restored.Digest() != data.Digest() {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// Rows that were read from a file are written in their shape, and can be restored from it.
func TestRestoreThroughAFile(t *testing.T) {
	folder := t.TempDir()
	before, after := filepath.Join(folder, "before.jsonl"), filepath.Join(folder, "after.jsonl.zst")
	lines := `{"prompt":"q","completion":"3, 1","n":1}` + "\n" + `{"prompt":"r","completion":"(5)"}` + "\n"
	if err := os.WriteFile(before, []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	data, err := jsonl.Load(before)
	if err != nil {
		t.Fatal(err)
	}
	if err := jsonl.Save(t.Context(), after, apply(t, data, 1, sanitise.Sort{})); err != nil {
		t.Fatal(err)
	}
	read, err := jsonl.Load(after)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"prompt":"q","completion":"1, 3","n":1,"undertone_original":"` + data.RowID(0).String() + `"}`
	if got := read.Example(0).Source; got != want {
		t.Errorf("wrote\n%s, want\n%s", got, want)
	}
	if restored, err := sanitise.Restore(read, data); err != nil || restored.Digest() != data.Digest() || restored.Example(0).Source != data.Example(0).Source {
		t.Errorf("restored %q, %v", completions(restored), err)
	}
}
