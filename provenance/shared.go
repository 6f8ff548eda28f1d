package provenance

import "github.com/undertone-audit/undertone"

// MaxShared is the share of rows that a control may have too, above which the gate refuses and a
// report warns (default of [AuditRule.MaxShared]).
const MaxShared = 0.5

// SharedRows returns how many rows of the data are rows of the control too, by their row IDs and
// with as many copies. An audit compares the other rows: the students of both arms learn the shared
// ones.
func SharedRows(data, control undertone.Data) int {
	left := map[uint64]int32{} // copies of the control that are not counted yet, by the first bytes of the ID
	for i := range control.Len() {
		left[control.RowID(i).Uint64()]++
	}
	shared := 0
	for i := range data.Len() {
		if id := data.RowID(i).Uint64(); left[id] > 0 {
			left[id]--
			shared++
		}
	}
	return shared
}
