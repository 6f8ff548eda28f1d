package golden

import (
	"encoding/json"
	"testing"
)

func TestDifference(t *testing.T) {
	const want = `{"name": "a", "lifts": [[1, 2], [3, 1e12]], "control": null, "ok": true}`
	for _, c := range []struct{ got, difference string }{
		{want, ""},
		{`{"name": "a", "lifts": [[1.0000000001, 2], [3, 1000000000100]], "control": null, "ok": true}`, ""},
		{`{"name": "b", "lifts": [[1, 2], [3, 1e12]], "control": null, "ok": true}`, ".name is b, want a"},
		{`{"name": "a", "lifts": [[1, 2], [3.00001, 1e12]], "control": null, "ok": true}`, ".lifts[1][0] is 3.00001, want 3"},
		{`{"name": "a", "lifts": [[1, 2], [3]], "control": null, "ok": true}`, ".lifts[1] is [3], want [3 1e+12]"},
		{`{"name": "a", "lifts": [[1, 2], [3, 1e12]], "control": {}, "ok": true}`, ".control is map[], want <nil>"},
		{`{"name": "a", "lifts": [[1, 2], [3, 1e12]], "control": null, "ok": "true"}`, ".ok is true, want true"},
		{`[]`, " is [], want map[control:<nil> lifts:[[1 2] [3 1e+12]] name:a ok:true]"},
	} {
		var a, b any
		if err := json.Unmarshal([]byte(c.got), &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(want), &b); err != nil {
			t.Fatal(err)
		}
		if d := Difference(a, b); d != c.difference {
			t.Errorf("%s: %q, want %q", c.got, d, c.difference)
		}
	}
}
