package corpus

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// saved returns a result that was saved, without checks.
func saved(t *testing.T) *Result {
	t.Helper()
	text, err := os.ReadFile("../../contrib/report/testdata/corpus.json")
	if err != nil {
		t.Fatal(err)
	}
	r := new(Result)
	if err := json.Unmarshal(text, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// A result whose digest is that of its content is refused if its outcome does not follow from its
// numbers.
func TestReadResultRefusesContradictions(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(*Result)
		want   string
	}{
		{"nothing", func(*Result) {}, ""},
		{"another outcome", func(r *Result) { r.Outcome, r.By = NotDistinguishable, nil }, "the outcome is not distinguishable, but by its numbers distinguishable"},
		{"inconclusive", func(r *Result) { r.Outcome, r.By = Inconclusive, nil }, "the outcome is inconclusive, but by its numbers distinguishable"},
		{"told apart by less", func(r *Result) { r.By = r.By[:1] }, "the arms are told apart by"},
		{"another p-value", func(r *Result) { r.P.P = 0.04 }, "the p-value is 0.04"},
		{"a p-value of content that gives nothing", func(r *Result) { r.Content.P.P = 0.9 }, "but by its numbers"},
		{"a p-value above 1", func(r *Result) { r.Layout.P.P = 2 }, "the p-value is 2"},
		{"an area above 1", func(r *Result) { r.Content.Bag.Area = 1.5 }, "the AUROC is 1.5"},
		{"an interval that is turned", func(r *Result) { r.Beyond.Row.Low = r.Beyond.Row.High + 0.01 }, "the AUROC is"},
		{"an area outside its interval", func(r *Result) { r.Content.Bag.Area = 0.1 }, "which is not the middle of"},
		{"an area that is not the middle", func(r *Result) { r.Content.Bag.Area += 0.01 }, "which is not the middle of"},
		{"a floor above the p-value", func(r *Result) { r.Content.P.Floor = 0.9 }, "with the floor 0.9"},
		{"another floor", func(r *Result) { r.P.Floor = 0 }, "with the floor 0"},
		{"an overlap above 1", func(r *Result) { r.Beyond.Overlap = 3 }, "the overlap is 3"},
		{"other reasons", func(r *Result) { r.Reasons[0] = "no difference" }, "its reasons are"},
		{"a share above 1", func(r *Result) { r.Features[0].Suspect = 2.5 }, "has the shares 2.5"},
		{"more shared prompts than rows", func(r *Result) { r.Design.SharedPrompts = 1 << 40 }, "shared prompts"},
		{"a negative number of components", func(r *Result) { r.Design.Components = -1 }, "-1 components"},
		{"more clusters than rows", func(r *Result) { r.Design.SuspectUnits = 1 << 40 }, "as many clusters as rows"},
		{"more rows than the settings allow", func(r *Result) { r.Design.Settings.Top = 1 }, "want at most 1"},
		{"a discrepancy above that of any kernel", func(r *Result) { r.MMD.Squared = 9 }, "the discrepancy is 9"},
		{"a discrepancy of fewer rows than clusters", func(r *Result) { r.MMD.Rows = -1 }, "the discrepancy is that of -1 rows"},
		{"bags of another size", func(r *Result) { r.Content.Bag.Bag = 3 }, "its bags have 1 and 3 rows"},
		{"a channel out of range", func(r *Result) { r.Channels[0].P.P = -1 }, "the p-value is -1"},
		{"a discrepancy out of range", func(r *Result) { r.MMD.P.P = 0 }, "the discrepancy has the p-value 0"},
		{"alpha of 2", func(r *Result) { r.Design.Settings.Alpha = 2 }, "alpha 2"},
		{"no alpha", func(r *Result) { r.Design.Settings.Alpha = 0 }, "no values for fields that have defaults"},
		{"no reasons", func(r *Result) { r.Reasons = nil }, "no reasons"},
		{"more tested rows than rows", func(r *Result) { r.Design.TestedRows = 1 << 40 }, "tested rows"},
		{"rows in another order", func(r *Result) { r.Rows[0], r.Rows[1] = r.Rows[1], r.Rows[0] }, "falling scores"},
		{"a negative index", func(r *Result) { r.Rows[0].Index = -1 }, "index -1"},
		{"one of the tests is missing", func(r *Result) { r.Layout = nil }, "was not measured, and others were"},
		{"nothing was measured", func(r *Result) {
			r.Content, r.Layout, r.Beyond, r.MMD, r.Channels, r.PositiveControl = nil, nil, nil, nil, nil, nil
		}, "but nothing was measured"},
		{"a positive control that was found without a measurement", func(r *Result) { r.PositiveControl = &PositiveControl{Found: true} }, "the positive control was found, but nothing was measured"},
		{"a positive control that was found by chance", func(r *Result) {
			weak := *r.Content
			weak.P.P = 0.5
			r.PositiveControl = &PositiveControl{Found: true, Outcome: Distinguishable, Content: &weak}
		}, "the positive control was found, but it is distinguishable with p 0.5"},
	} {
		r := saved(t)
		c.change(r)
		if err := r.setDigest(); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadResult(bytes.NewReader(text))
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.reason, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v; want %q", c.reason, err, c.want)
		}
	}
}

// A result without measurements is read, and so is a result that finds no difference.
func TestReadResultReadsEveryOutcome(t *testing.T) {
	r := saved(t)
	r.Content, r.Layout, r.Beyond, r.MMD, r.Channels, r.PositiveControl = nil, nil, nil, nil, nil, nil
	r.Outcome, r.By, r.Reasons = Inconclusive, nil, []string{"needs more rows"}
	if err := r.consistent(); err != nil {
		t.Error(err)
	}
	r = saved(t)
	for _, c := range []*ChannelResult{r.Content, r.Layout, r.Beyond} {
		c.P.P, c.Bag = 0.7, AUROC{Bag: 16, Area: 0.5, Low: 0.48, High: 0.52}
	}
	found := *saved(t).Content
	r.PositiveControl = &PositiveControl{Found: true, Outcome: Distinguishable, Content: &found}
	r.Outcome, r.By, r.P.P = NotDistinguishable, nil, 1
	r.Reasons = []string{"any difference that the channels observe has an AUROC of at most 0.520 for bags of 16, and the positive control was found"}
	if err := r.consistent(); err != nil {
		t.Error(err)
	}
}
