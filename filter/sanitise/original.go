package sanitise

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/undertone-audit/undertone"
)

// Original is the metadata field that holds the ID of a row before the first sanitiser.
const Original = "undertone_original"

// OriginalID returns the ID that a row had before the first sanitiser, or false if no sanitiser was
// applied.
func OriginalID(row undertone.Example) (id undertone.Digest, ok bool) {
	err := json.Unmarshal(row.Meta[Original], &id)
	return id, err == nil && !id.IsZero()
}

// mark returns a row with its ID in the metadata, unless the metadata has an original ID already.
func mark(row undertone.Example, id undertone.Digest) undertone.Example {
	if _, ok := OriginalID(row); ok {
		return row
	}
	meta := maps.Clone(row.Meta)
	if meta == nil {
		meta = map[string]json.RawMessage{}
	}
	meta[Original] = json.RawMessage(`"` + id.String() + `"`)
	row.Meta = meta
	return row
}

// Restore returns the original rows of a sanitised data set, in the order of data. It takes them
// from originals by their [OriginalID]. Dropped rows are not restored. A row without an original
// ID, or whose original is missing, is an error.
func Restore(data *undertone.Dataset, originals ...*undertone.Dataset) (*undertone.Dataset, error) {
	type place struct{ data, row int }
	known := map[undertone.Digest]place{}
	for k, d := range originals {
		for i := range d.Len() {
			known[d.RowID(i)] = place{k, i}
		}
	}
	var rows undertone.Builder
	for i, row := range data.All() {
		id, ok := OriginalID(row)
		if !ok {
			return nil, fmt.Errorf("sanitise: restore: row %d (%s) has no field %s", i+1, data.RowID(i).Short(), Original)
		}
		original, ok := known[id]
		if !ok {
			return nil, fmt.Errorf("sanitise: restore: row %d was made from %s, which is in none of the %d data sets given", i+1, id.Short(), len(originals))
		}
		rows.AddRow(originals[original.data], original.row)
	}
	return rows.Dataset(data.Name(), append(data.History(), undertone.Step{Name: "restore", Kept: rows.Len()})...), nil
}
