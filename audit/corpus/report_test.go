package corpus

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
)

// A result that was written and read is the same, and a changed one is refused. The names of
// the data sets are not part of its digest.
func TestReadResult(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 20))
	suspect, control := writer{tilt: .1}.write("a", 0, 40, 1, rng), writer{}.write("b", 0, 40, 1, rng)
	r := compare(t, suspect, control, fast(1))
	if r.Schema != Schema || r.Design.SuspectName != suspect.Name() || !r.Verify() {
		t.Errorf("schema %q, name %q, verified %v", r.Schema, r.Design.SuspectName, r.Verify())
	}
	var b bytes.Buffer
	if err := r.Render(&b, audit.JSON); err != nil {
		t.Fatal(err)
	}
	got, err := ReadResult(bytes.NewReader(b.Bytes()))
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%v; the result that was read differs", err)
	}
	for _, c := range []struct {
		reason, old, new string
		ok               bool
	}{
		{"another name", `"suspect_name": "a"`, `"suspect_name": "c"`, true},
		{"another number", `"tested_rows": 80`, `"tested_rows": 81`, false},
		{"another schema", Schema, "undertone.corpus/9", false},
		{"a field more", `"by":`, `"more": 1, "by":`, false},
	} {
		text := strings.Replace(b.String(), c.old, c.new, 1)
		if text == b.String() {
			t.Fatalf("%s: the text has no %s", c.reason, c.old)
		}
		if _, err := ReadResult(strings.NewReader(text)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
}
