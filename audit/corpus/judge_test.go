package corpus

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit/stats"
)

func TestJudge(t *testing.T) {
	wide, narrow := AUROC{16, .6, .5, .7}, AUROC{16, .49, .46, .52}
	below := AUROC{16, .3, .28, .32} // the interval is below one half
	channel := func(p float64, bag AUROC) *ChannelResult {
		return &ChannelResult{Bag: bag, P: stats.PValue{P: p, Floor: .001}, Overlap: 1}
	}
	found := &PositiveControl{Found: true}
	for _, c := range []struct {
		reason                  string
		content, layout, beyond *ChannelResult
		unmatched               bool
		positive                *PositiveControl
		want                    Outcome
		by                      string
		says                    string
	}{
		{"content, also given the layout", channel(.01, wide), channel(.5, wide), channel(.02, wide), false, nil, Distinguishable, "content, content given layout", "beyond the layout, too"},
		{"content that the layout explains", channel(.01, wide), channel(.01, wide), channel(.3, wide), false, nil, Distinguishable, "content, layout", "no difference of the content beyond the layout was shown"},
		{"content alone, and not given the layout", channel(.01, wide), channel(.5, wide), channel(.3, wide), false, nil, Distinguishable, "content", "no difference of the content beyond the layout was shown"},
		{"no overlap", channel(.01, wide), channel(.01, wide), &ChannelResult{P: stats.PValue{P: 1}, Overlap: .01}, false, nil, Distinguishable, "content, layout", "no difference beyond it can be tested"},
		{"layout alone", channel(.5, wide), channel(.01, wide), channel(.01, wide), false, nil, Distinguishable, "layout", "the layout tells bags of 16 rows apart"},
		{"Holm: .03 and .5 is no difference", channel(.03, wide), channel(.5, wide), channel(.01, wide), false, found, Inconclusive, "", "may be as high as 0.700"},
		{"Holm: .03 and .02 are two differences", channel(.03, wide), channel(.02, wide), channel(.5, wide), false, nil, Distinguishable, "content, layout", ""},
		{"other prompts", channel(.01, wide), channel(.01, wide), channel(.01, wide), true, found, Inconclusive, "", "so do the prompts"},
		{"layout and other prompts", channel(.5, wide), channel(.01, wide), channel(.5, wide), true, found, Inconclusive, "", "so do the prompts"},
		{"a difference within the margin", channel(.001, narrow), channel(.5, narrow), channel(.001, narrow), false, found, NotDistinguishable, "", "at most 0.530"},
		{"an estimate below one half is no evidence of equality", channel(.5, below), channel(.5, below), channel(.5, below), false, found, NotDistinguishable, "", "at most 0.520"},
		{"a wide layout forbids clearance", channel(.5, narrow), channel(.5, wide), channel(.5, narrow), false, found, Inconclusive, "", "may be as high as 0.700"},
		{"no positive control", channel(.5, narrow), channel(.5, narrow), channel(.5, narrow), false, nil, Inconclusive, "", "needs a positive control"},
		{"the positive control was not found", channel(.5, narrow), channel(.5, narrow), channel(.5, narrow), false, &PositiveControl{}, Inconclusive, "", "the positive control was not found"},
		{"no shared prompts", channel(.5, narrow), channel(.5, narrow), channel(.5, narrow), true, found, Inconclusive, "", "share too few prompts"},
	} {
		r := &Result{Content: c.content, Layout: c.layout, Beyond: c.beyond, PositiveControl: c.positive}
		r.Design.Matched = !c.unmatched
		r.Design.Settings = Config{Alpha: .05, Margin: .05}
		r.judge()
		reasons := strings.Join(r.Reasons, "; ")
		if r.Outcome != c.want || strings.Join(r.By, ", ") != c.by || !strings.Contains(reasons, c.says) {
			t.Errorf("%s: %s by %q: %s; want %s by %q: %s", c.reason, r.Outcome, r.By, reasons, c.want, c.by, c.says)
		}
		for _, word := range []string{"detected", "0.500"} {
			if strings.Contains(reasons, word) {
				t.Errorf("%s: %q in %q", c.reason, word, reasons)
			}
		}
		if layout := slices.ContainsFunc(r.Warnings, func(w string) bool { return strings.Contains(w, "differ in layout") }); layout != (c.layout.P.P < .05 && c.layout.Bag == wide) {
			t.Errorf("%s: warnings %q", c.reason, r.Warnings)
		}
	}
	few := &Result{Content: channel(.5, wide), Layout: channel(.5, wide), Beyond: channel(.5, wide)}
	few.Content.P.Floor = .04
	few.Design.Settings = Config{Alpha: .05, Margin: .05}
	if few.judge(); few.Outcome != Inconclusive || !strings.Contains(fmt.Sprint(few.Reasons), "at least 39 permutations") {
		t.Errorf("few permutations: %s %q", few.Outcome, few.Reasons)
	}
}

// The quantile of an interval follows alpha.
func TestIntervalFollowsAlpha(t *testing.T) {
	for alpha, want := range map[float64]string{.05: "0.600 [0.502, 0.698]", .01: "0.600 [0.471, 0.729]", .32: "0.600 [0.550, 0.650]"} {
		if got := aurocOf(1, .6, .05, alpha).String(); got != want {
			t.Errorf("alpha %v: %s, want %s", alpha, got, want)
		}
	}
}
