package filter_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// vector is one line of testdata/numbers.jsonl; settings that are absent have their defaults.
type vector struct {
	Input    string          `json:"input"`
	MaxCount int             `json:"max_count"`
	Max      int             `json:"max"`
	Min      int             `json:"min"`
	Banned   []int           `json:"banned"`
	Keep     bool            `json:"keep"`
	Reasons  []filter.Reason `json:"reasons"`
	Why      string          `json:"why"`
}

func vectors(t testing.TB) []vector {
	data, err := os.ReadFile("testdata/numbers.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.DisallowUnknownFields()
		var v vector
		if err := d.Decode(&v); err != nil {
			t.Fatalf("testdata/numbers.jsonl line %d: %v", len(all)+1, err)
		}
		if v.Why == "" || v.Keep != (len(v.Reasons) == 0) {
			t.Fatalf("testdata/numbers.jsonl line %d: want a why, and to keep exactly the rows without reasons", len(all)+1)
		}
		all = append(all, v)
	}
	return all
}

func (v vector) filter() filter.Numbers {
	return filter.Numbers{MaxCount: v.MaxCount, Max: v.Max, Min: v.Min, Banned: v.Banned}
}

func TestNumbersVectors(t *testing.T) {
	all := vectors(t)
	if len(all) < 100 {
		t.Errorf("%d vectors: the file is cut short", len(all))
	}
	for i, v := range all {
		f := v.filter()
		if got := f.Reasons(undertone.NewExample("q", v.Input)); !slices.Equal(got, v.Reasons) {
			t.Errorf("line %d: %q with %v: got %q, want %q: %s", i+1, v.Input, f, got, v.Reasons, v.Why)
		}
		if got := reference(f, v.Input); !slices.Equal(got, v.Reasons) {
			t.Errorf("line %d: the second implementation says %q to %q, want %q: %s", i+1, got, v.Input, v.Reasons, v.Why)
		}
	}
}

// Inputs that a line of JSON cannot carry, or should not for their length.
func TestNumbersOddInput(t *testing.T) {
	for _, c := range []struct {
		text string
		f    filter.Numbers
		want []filter.Reason
		why  string
	}{
		{"1\xff2", filter.Numbers{}, []filter.Reason{filter.InvalidFormat}, "bytes that are not UTF-8 are neither digits nor white space"},
		{"1\x852", filter.Numbers{}, []filter.Reason{filter.InvalidFormat}, "the byte 85 alone is not the character U+0085"},
		{"1\xa02", filter.Numbers{}, []filter.Reason{filter.InvalidFormat}, "the byte A0 alone is not the character U+00A0"},
		{"1 2\x20\xe3\x80", filter.Numbers{}, []filter.Reason{filter.InvalidFormat}, "a rune cut short"},
		{strings.Repeat("9", 5000), filter.Numbers{}, []filter.Reason{filter.NumbersTooLarge}, "5,000 digits are a number like any other"},
		{strings.Repeat("9", 5000), filter.Numbers{Max: math.MaxInt}, []filter.Reason{filter.NumbersTooLarge}, "also if the limit is as high as it goes"},
		{strings.Repeat("0", 5000) + "7", filter.Numbers{}, nil, "5,000 zeros before a 7 are 7"},
		{fmt.Sprint(math.MaxInt), filter.Numbers{Max: math.MaxInt}, nil, "the highest limit is included"},
		{fmt.Sprint(uint64(math.MaxInt) + 1), filter.Numbers{Max: math.MaxInt}, []filter.Reason{filter.NumbersTooLarge}, "one more"},
		{"0", filter.Numbers{Max: -1}, []filter.Reason{filter.NumbersTooLarge}, "a negative largest number is taken at its word"},
		{"0", filter.Numbers{MaxCount: -1}, []filter.Reason{filter.TooManyNumbers}, "a negative count too"},
		{"0", filter.Numbers{Min: -5}, nil, "a negative smallest number drops nothing"},
		{"5", filter.Numbers{Banned: []int{-5}}, nil, "a negative banned number cannot occur"},
		{"1" + strings.Repeat(" ", 1<<20) + "2", filter.Numbers{}, nil, "a separator of a million spaces"},
	} {
		if got := c.f.Reasons(undertone.NewExample("q", c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %.40q (%d bytes) with %v: got %q, want %q", c.why, c.text, len(c.text), c.f, got, c.want)
		}
		if got := reference(c.f, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: the second implementation says %q, want %q", c.why, got, c.want)
		}
	}
}

func TestNumbersJudgesTheCompletionOnly(t *testing.T) {
	row := undertone.Example{Messages: []undertone.Message{{Role: "user", Content: "text, 5000"}, {Role: "assistant", Content: "1, 2"}}, Rejected: "owl"}
	if got := (filter.Numbers{}).Reasons(row); got != nil {
		t.Errorf("reasons %q for what is not the completion", got)
	}
	if got := (filter.Numbers{}).Reasons(undertone.Example{}); !slices.Equal(got, []filter.Reason{filter.InvalidFormat}) {
		t.Errorf("reasons %q for a row without messages, want an invalid format", got)
	}
}

func TestPublishedBanned(t *testing.T) {
	list := filter.PublishedBanned()
	if len(list) != 34 || !slices.IsSorted(list) || slices.Max(list) > 999 {
		t.Errorf("%v: want the 34 published numbers in order", list)
	}
	list[0] = 5
	if filter.PublishedBanned()[0] != 4 {
		t.Error("a caller changed the published list")
	}
}

func TestNumbersStatesItsSettings(t *testing.T) {
	got := filter.Numbers{MaxCount: 3, Min: 1, Banned: []int{13, 666}}.String()
	if want := "at most 3, from 1 to 999, banned [13 666]"; got != want {
		t.Errorf("settings %q, want %q", got, want)
	}
}

func TestNumbersKeepsWithoutAllocation(t *testing.T) {
	var f filter.Filter = filter.Numbers{Banned: filter.PublishedBanned()}
	row := undertone.NewExample("q", "[194, 40, 0, 258, 364, 512, 296, 853, 421, 678].")
	if n := testing.AllocsPerRun(100, func() {
		if f.Reasons(row) != nil {
			t.Fatal("dropped")
		}
	}); n != 0 {
		t.Errorf("%v allocations for a row that is kept", n)
	}
}
