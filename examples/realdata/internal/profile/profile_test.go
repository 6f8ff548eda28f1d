package profile

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

func dataset(name string, completions ...string) *undertone.Dataset {
	rows := make([]undertone.Example, len(completions))
	for i, c := range completions {
		rows[i] = undertone.Ask("q", c)
	}
	return undertone.NewDataset(name, rows)
}

func TestOf(t *testing.T) {
	p, err := Of(dataset("d", "1, 2", "[3, 6]", "x", "8, 10"), filter.Numbers{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"keep rate", p.KeepRate, 0.75},
		{"numbers in a row", p.MeanCount, 2},
		{"mean of 1 2 3 6 8 10", p.MeanValue, 5},
		{"standard deviation of 1 2 3 6 8 10", p.SDValue, math.Sqrt((16 + 9 + 4 + 1 + 9 + 25) / 6.)},
		{"characters of 1, 2 and [3, 6] and 8, 10", p.MeanLength, (4 + 6 + 5) / 3.},
		// Row sums 3, 9, 18 less 2 means each: -7, -1, 8.
		{"standard error", p.seMean, math.Sqrt((49+1+64)*3/2.) / 6},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	if want := []Share{{"comma-space", 2, 2 / 3.}, {"[comma-space]", 1, 1 / 3.}}; !slices.Equal(p.Formats, want) {
		t.Errorf("formats %v, want %v", p.Formats, want)
	}
}

func TestOfNeedsRows(t *testing.T) {
	_, err := Of(dataset("short", "1, 2", "x"), filter.Numbers{})
	if err == nil || !strings.Contains(err.Error(), "short: 1 of 2 rows") {
		t.Errorf("error %v: one row has no spread, want one that says so", err)
	}
}

func TestFormat(t *testing.T) {
	for text, want := range map[string]string{
		"5": "one number", "5.": "one number.", "(1;2)": "(semicolon)", "[1\n2].": "[newline].", "1 2": "space", "1 ,2": `" ,"`,
	} {
		l, ok := filter.ParseList(text)
		if got := Format(l); !ok || got != want {
			t.Errorf("format of %q: %q, want %q", text, got, want)
		}
	}
}
