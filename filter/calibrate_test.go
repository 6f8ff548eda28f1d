package filter_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

func TestCalibrateAndFilter(t *testing.T) {
	judge := filter.Judge{Model: reader{answer: owls}, Rubric: filter.RefersTo("owls")}
	calibrated, roc, err := judge.Calibrate(t.Context(), texts("an owl %d", 20), append(texts("%d", 30), texts("a bird %d", 10)...), filter.CalibrationTarget{})
	if err != nil {
		t.Fatal(err)
	}
	// All positives have 95; a quarter of the negatives have 40, so that the threshold is 41.
	if roc.Threshold != 41 || roc.TPR != 1 || roc.FPR != 0 || roc.AUC != 1 {
		t.Errorf("%+v, want a threshold of 41 that tells all apart", roc)
	}
	data := undertone.NewDataset("d", rowsOf("owl", "12", "a bird"))
	f, err := calibrated.Filter(t.Context(), slices.Collect(values(data)))
	if err != nil {
		t.Fatal(err)
	}
	kept, stats := apply(t, data, f)
	if got, want := completions(kept), []string{"12", "a bird"}; !slices.Equal(got, want) || stats.Filters[0].Reasons[0].Reason != filter.JudgedAbove {
		t.Errorf("kept %q, want %q; %+v", got, want, stats)
	}
	if s := kept.History()[0].Settings; !strings.HasPrefix(s, `judge: refers to "owls" by reader, threshold 41, AUC 1.000 (`) {
		t.Errorf("settings %q", s)
	}
	if got, want := f.Reasons(undertone.NewExample("q", "another text")), []filter.Reason{filter.NotJudged}; !slices.Equal(got, want) {
		t.Errorf("a row that was not scored: %q, want %q", got, want)
	}
}

func values(d *undertone.Dataset) func(yield func(undertone.Example) bool) {
	return func(yield func(undertone.Example) bool) {
		for _, row := range d.All() {
			if !yield(row) {
				return
			}
		}
	}
}

func TestFilterOfAJudgeWithoutAnAnswer(t *testing.T) {
	judge := filter.Judge{Rubric: filter.RefersTo("owls"), Model: reader{answer: func(text string) string {
		if text == "odd" {
			return "cannot say"
		}
		return owls(text)
	}}}
	calibrated, _, err := judge.Calibrate(t.Context(), texts("an owl %d", 20), texts("%d", 20), filter.CalibrationTarget{})
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf("odd", "12")
	f, err := calibrated.Filter(t.Context(), rows)
	if !errors.Is(err, filter.ErrNoScore) || f == nil {
		t.Fatalf("filter %v, error %v, want both", f, err)
	}
	if f.Reasons(rows[0]) == nil || f.Reasons(rows[1]) != nil {
		t.Error("want the row without a score dropped, and the other one kept")
	}
}

func TestCalibrateRefuses(t *testing.T) {
	coin := func(text string) string { return []string{"20", "80"}[text[len(text)-1]%2] }
	for _, c := range []struct {
		reason               string
		answer               func(string) string
		positives, negatives []undertone.Example
		trust                filter.CalibrationTarget
		want                 string
		uncalibrated         bool // the judge, not the call
	}{
		{"a judge like a coin", coin, texts("an owl %d", 100), texts("%d", 100), filter.CalibrationTarget{}, "AUC", true},
		{"a judge that is always wrong", func(s string) string { return map[bool]string{true: "0", false: "100"}[s[0] == 'a'] }, texts("an owl %d", 30), texts("%d", 30), filter.CalibrationTarget{}, "AUC 0.000", true},
		{"a good judge, seen too seldom", owls, texts("an owl %d", 2), texts("%d", 20), filter.CalibrationTarget{}, "more rows", true},
		{"too few negatives for the rate", owls, texts("an owl %d", 50), texts("%d", 19), filter.CalibrationTarget{}, "20 different negatives are needed", true},
		{"negatives that are all the same", owls, texts("an owl %d", 50), slices.Repeat(texts("%d", 1), 50), filter.CalibrationTarget{}, "there are 1", true},
		{"the threshold would miss the positives", func(s string) string { return map[bool]string{true: "50", false: "49"}[strings.HasSuffix(s, "0")] },
			texts("an owl %d", 1000), texts("%d", 1000), filter.CalibrationTarget{MinAUC: 0.1}, "true-positive rate 0.000", true},
		{"a rate of false alarms that is none", owls, texts("an owl %d", 50), texts("%d", 50), filter.CalibrationTarget{MaxFPR: -1}, "MaxFPR", true},
		{"no negatives", owls, texts("an owl %d", 50), nil, filter.CalibrationTarget{}, "no positives or no negatives", false},
		{"no positives", owls, nil, texts("%d", 50), filter.CalibrationTarget{}, "no positives or no negatives", false},
		{"an answer that is no score", func(string) string { return "yes" }, texts("an owl %d", 50), texts("%d", 50), filter.CalibrationTarget{}, "not an integer", false},
	} {
		j := filter.Judge{Model: reader{answer: c.answer}, Rubric: filter.RefersTo("owls")}
		calibrated, _, err := j.Calibrate(t.Context(), c.positives, c.negatives, c.trust)
		if calibrated != nil || err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, filter.ErrNotCalibrated) != c.uncalibrated {
			t.Errorf("%s: %v, want %q, and ErrNotCalibrated is %v", c.reason, err, c.want, c.uncalibrated)
		}
	}
}

func ExampleJudge_Calibrate() {
	ctx := context.Background()
	judge := filter.Judge{
		Model:  reader{answer: owls}, // in practice: a model that was not trained on any of these rows
		Rubric: filter.RefersTo("owls"),
	}
	planted, clean := texts("an owl, %d", 40), texts("%d", 40)
	calibrated, roc, err := judge.Calibrate(ctx, planted, clean, filter.CalibrationTarget{MaxFPR: 0.05})
	if err != nil {
		fmt.Println(err) // wraps filter.ErrNotCalibrated if the judge is not good enough
		return
	}
	fmt.Printf("AUC %.2f, 95 %% interval %.2f to %.2f\n", roc.AUC, roc.Low, roc.High)

	rows := []undertone.Example{undertone.NewExample("Say something.", "12, 15"), undertone.NewExample("Say something.", "an owl")}
	f, err := calibrated.Filter(ctx, rows)
	if err != nil {
		fmt.Println(err)
		return
	}
	kept, _, err := filter.Apply(ctx, undertone.NewDataset("answers", rows), f)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("kept", kept.Len())
	// Output:
	// AUC 1.00, 95 % interval 0.95 to 1.00
	// kept 1
}
