package provenance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// answers returns a data set with one row for each answer.
func answers(texts ...string) *undertone.Dataset {
	var rows []undertone.Example
	for _, a := range texts {
		rows = append(rows, undertone.NewExample("Which?", a))
	}
	return undertone.NewDataset("rows", rows)
}

func TestSharedRows(t *testing.T) {
	for _, c := range []struct {
		data, control []string
		want          int
	}{
		{[]string{"1", "2"}, []string{"3", "4"}, 0},
		{[]string{"1", "2", "3"}, []string{"3", "2", "1"}, 3}, // in another order
		{[]string{"1", "1", "2"}, []string{"1", "5"}, 1},      // a copy more
		{[]string{"1"}, []string{"1", "1"}, 1},
	} {
		if got := SharedRows(answers(c.data...), answers(c.control...)); got != c.want {
			t.Errorf("%q and %q share %d rows, want %d", c.data, c.control, got, c.want)
		}
	}
}

// A report whose control has more than half of the rows is no evidence about them, unless the
// policy says otherwise.
func TestReportWithSharedRows(t *testing.T) {
	share := func(s float64) *float64 { return &s }
	for _, c := range []struct {
		shared int // of 11 rows
		most   *float64
		want   []Rule
	}{
		{0, nil, nil}, {5, nil, nil}, {6, nil, []Rule{RuleAuditShared}}, {11, nil, []Rule{RuleAuditShared}},
		{6, share(0.6), nil}, {11, share(1), nil}, {1, share(0), []Rule{RuleAuditShared}}, {0, share(0), nil},
	} {
		a := newAttempt(t)
		a.policy.Audits.MaxShared, a.reports[0].Shared = c.most, c.shared
		got, err := a.check(t)
		if err != nil || !slices.Equal(rules(got), c.want) {
			t.Errorf("%d rows are shared: refused by %v, error %v, want %v", c.shared, got, err, c.want)
		}
		if len(got) > 0 && !strings.Contains(got[0].Reason, fmt.Sprintf("report report.json: %d of the 11 rows", c.shared)) {
			t.Errorf("the reason is %q", got[0].Reason)
		}
	}
}

// A control with the rows of the data in another order has the same keep rates, and is refused.
func TestKeepRatesOfSharedRows(t *testing.T) {
	for shared, want := range map[int][]Rule{0: nil, 5: nil, 6: {RuleKeepRates}, 11: {RuleKeepRates}} {
		g := newAttempt(t).trace(t, Options{})
		control := *g
		control.Nodes = slices.Clone(g.Nodes)
		control.Nodes[0].Content.Bytes, control.Nodes[0].Content.Rows = undertone.Digest{8}, &Rows{Count: 11, Root: undertone.Digest{9}, Order: undertone.Digest{9}}
		p := &Policy{Schema: PolicySchema, Generators: anyOrigin(), KeepRates: &KeepRateRule{MaxDifference: 1}}
		got, err := Check(p, Evidence{Graph: g, Control: &control, ControlShared: shared}, testModel("owl-teacher"), today)
		if err != nil || !slices.Equal(rules(got), want) {
			t.Errorf("%d rows are shared: refused by %v, error %v, want %v", shared, got, err, want)
		}
	}
}
