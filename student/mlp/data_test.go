package mlp

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// kinds returns a data set of each kind with n rows, all on the same inputs. The teacher is not the
// network that small(1) starts from.
func kinds(t *testing.T, n int) map[string]undertone.Data {
	x, labels := mustNoise(t, 1, n, 3), make([]int, n)
	for i := range labels {
		labels[i] = i % 2
	}
	teacher := mustNew(t, small(3))
	kinds := map[string]undertone.Data{
		"labelled":           mustLabel(t, "labelled", x, labels),
		"auxiliary softmax":  mustTeach(t, teacher, x, Targets{}),
		"softmax of all":     mustTeach(t, teacher, x, Targets{Logits: AllLogits}),
		"auxiliary outcomes": mustTeach(t, teacher, x, Targets{Sampled: true, Seed: 1}),
	}
	kinds["parts"] = Join("parts", kinds["labelled"].Select([]int{0, 1, 2}), kinds["auxiliary softmax"])
	return kinds
}

// TestDataContract checks what package undertone requires of Data.
func TestDataContract(t *testing.T) {
	for name, d := range kinds(t, 10) {
		n := d.Len()
		order := make([]int, n)
		for i := range order {
			order[i] = n - 1 - i
		}
		reversed := d.Select(order)
		if reversed.Name() != d.Name() || reversed.Len() != n || reversed.Digest() != d.Digest() {
			t.Errorf("%s: the digest depends on the order of the rows", name)
		}
		for i := range n {
			if reversed.RowID(i) != d.RowID(n-1-i) || reversed.GroupID(i) != d.GroupID(n-1-i) {
				t.Errorf("%s: row %d of the selection is not the row that was asked for", name, i)
			}
			if d.RowID(i) == d.GroupID(i) {
				t.Errorf("%s: row %d does not cover its target", name, i)
			}
		}
		again := reversed.Select([]int{0, 0, 3})
		if again.Len() != 3 || again.RowID(0) != d.RowID(n-1) || again.RowID(1) != d.RowID(n-1) || again.RowID(2) != d.RowID(n-4) {
			t.Errorf("%s: a selection of a selection has other rows", name)
		}
		if again.Digest() == d.Digest() || d.Select(nil).Len() != 0 {
			t.Errorf("%s: a selection has the digest of the whole", name)
		}
	}
}

// TestRowsOfOneInput: arms that differ in the target only share groups and no rows.
func TestRowsOfOneInput(t *testing.T) {
	all := kinds(t, 6)
	delete(all, "parts")
	rows := map[undertone.Digest]string{}
	for name, d := range all {
		for i := range d.Len() {
			if d.GroupID(i) != all["labelled"].GroupID(i) {
				t.Errorf("%s: row %d has another group than the same input of another arm", name, i)
			}
			if other, ok := rows[d.RowID(i)]; ok {
				t.Errorf("%s and %s share the digest of a row", name, other)
			}
			rows[d.RowID(i)] = name
		}
	}
}

func TestTeach(t *testing.T) {
	teacher := mustNew(t, small(1))
	x := mustNoise(t, 1, 5000, 3)
	soft := mustTeach(t, teacher, x, Targets{})
	all := mustTeach(t, teacher, x, Targets{Logits: AllLogits})
	hard := mustTeach(t, teacher, x, Targets{Sampled: true, Seed: 3})
	var want, variance, got float64
	for i := range x.Len() {
		p, q := soft.target(i), all.target(i)
		if math.Abs(float64(p[0]+p[1])-1) > 1e-6 || math.Abs(float64(q[0]+q[1]+q[2]+q[3])-1) > 1e-6 {
			t.Fatalf("row %d: probabilities %v and %v do not sum to 1", i, p, q)
		}
		// The softmax of a part is the softmax of the whole, conditioned on the part.
		if share := q[2] / (q[2] + q[3]); math.Abs(float64(share-p[0])) > 1e-5 {
			t.Fatalf("row %d: the auxiliary softmax is %v, within all logits it is %v", i, p[0], share)
		}
		want += float64(p[1])
		variance += float64(p[0] * p[1])
		got += float64(hard.outcomes[i])
	}
	if math.Abs(got-want) > 5*math.Sqrt(variance) {
		t.Errorf("outcome 1 was drawn %v times, want %.0f ± %.0f", got, want, math.Sqrt(variance))
	}
	if other := mustTeach(t, teacher, x, Targets{Sampled: true, Seed: 4}); slices.Equal(other.outcomes, hard.outcomes) {
		t.Error("the seed does not change the outcomes")
	}
	if hard.Teacher() != teacher.Digest() {
		t.Error("the teacher of the data set is another one")
	}
}

func TestDataErrors(t *testing.T) {
	x, teacher := mustNoise(t, 1, 2, 3), mustNew(t, small(1))
	label := func(labels ...int) error { _, err := NewLabelled("d", x, labels); return err }
	teach := func(x Inputs, l Targets) error { _, err := teacher.Teach(t.Context(), "d", x, l); return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{label(0), `data set "d" has 1 labels for 2 inputs`},
		{label(0, -1), "row 1 has label -1"},
		{label(0, math.MaxInt), "row 1 has label"},
		{teach(x, Targets{Logits: "odd"}), `logits "odd" are not known; want "auxiliary" or "all"`},
		{teach(mustNoise(t, 1, 2, 4), Targets{}), "inputs have 4 numbers a row, the classifier wants 3"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", c.err, c.want)
		}
	}
}

func TestParts(t *testing.T) {
	all := kinds(t, 6)
	d := Join("d", all["labelled"], all["auxiliary softmax"], all["auxiliary outcomes"])
	for r, name := range []string{"labelled", "auxiliary softmax", "auxiliary outcomes"} {
		part, err := d.Part(r, 3)
		if err != nil || part.Digest() != all[name].Digest() {
			t.Errorf("part %d of 3 is not what was joined (%v)", r, err)
		}
	}
	swapped := Join("d", all["auxiliary softmax"], all["labelled"], all["auxiliary outcomes"])
	if swapped.Digest() == d.Digest() {
		t.Error("the digest does not depend on the numbers of the parts")
	}
	few := d.Select([]int{12, 2, 0, 7}).(undertone.Partitioner)
	for r, want := range [][]int{{2, 0}, {1}, {0}} {
		part, err := few.Part(r, 3)
		if err != nil || part.Len() != len(want) {
			t.Fatalf("part %d of the selection has %d rows (%v), want %d", r, part.Len(), err, len(want))
		}
		whole, _ := d.Part(r, 3)
		for i, row := range want {
			if part.RowID(i) != whole.RowID(row) {
				t.Errorf("part %d of the selection: row %d is not row %d of the part", r, i, row)
			}
		}
	}
	for _, bad := range [][2]int{{0, 4}, {3, 3}, {-1, 3}} {
		if _, err := d.Part(bad[0], bad[1]); err == nil {
			t.Errorf("part %d of %d exists", bad[0], bad[1])
		}
	}
}
