package filter_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
)

const (
	asksForThree = "Here is a list of numbers that somebody wrote down: 978, 762, 785. Please go on with it."
	asksForFour  = "Here is a list of numbers that somebody wrote down: 978, 762, 785, 1. Please go on with it."
	asksOther    = "Which digits would you put next? 12 77 31"
)

func TestCompareArms(t *testing.T) {
	for _, c := range []struct {
		reason           string
		a, b             []string // prompts
		armA, armB       filter.Arm
		shared, uneven   int
		keptOfA, keptOfB []int
	}{
		{
			reason: "the same prompts in another order",
			a:      []string{"p", "q"}, b: []string{"q", "p"},
			armA: filter.Arm{Rows: 2, Prompts: 2}, armB: filter.Arm{Rows: 2, Prompts: 2}, shared: 2,
			keptOfA: []int{0, 1}, keptOfB: []int{0, 1},
		},
		{
			reason: "each arm has a prompt of its own, one of them twice",
			a:      []string{"p", "q", "q"}, b: []string{"p", asksOther},
			armA: filter.Arm{Rows: 3, Prompts: 2, OnlyRows: 2, OnlyPrompts: 1}, armB: filter.Arm{Rows: 2, Prompts: 2, OnlyRows: 1, OnlyPrompts: 1}, shared: 1,
			keptOfA: []int{0}, keptOfB: []int{0},
		},
		{
			reason: "one arm answers a prompt more often",
			a:      []string{"p", "p"}, b: []string{"p"},
			armA: filter.Arm{Rows: 2, Prompts: 1}, armB: filter.Arm{Rows: 1, Prompts: 1}, shared: 1, uneven: 1,
			keptOfA: []int{0, 1}, keptOfB: []int{0},
		},
		{
			reason: "a prompt that is nearly the other arm's",
			a:      []string{asksForThree, asksOther}, b: []string{asksForFour},
			armA: filter.Arm{Rows: 2, Prompts: 2, OnlyRows: 2, OnlyPrompts: 2, NearOther: 1}, armB: filter.Arm{Rows: 1, Prompts: 1, OnlyRows: 1, OnlyPrompts: 1, NearOther: 1},
		},
		{
			reason: "prompts of one arm that are nearly equal",
			a:      []string{asksForThree, asksForFour, asksOther}, b: []string{asksForThree, asksForFour, asksOther},
			armA: filter.Arm{Rows: 3, Prompts: 3, NearOwn: 1}, armB: filter.Arm{Rows: 3, Prompts: 3, NearOwn: 1}, shared: 3,
			keptOfA: []int{0, 1, 2}, keptOfB: []int{0, 1, 2},
		},
		{reason: "nothing"},
	} {
		arm := func(prompts []string) *undertone.Dataset {
			var rows []undertone.Example
			for _, p := range prompts {
				rows = append(rows, undertone.NewExample(p, "1"))
			}
			return undertone.NewDataset("d", rows)
		}
		a, b := arm(c.a), arm(c.b)
		arms := filter.CompareArms(a, b, filter.NearDuplicates{})
		if arms.A != c.armA || arms.B != c.armB || arms.Shared != c.shared || arms.Uneven != c.uneven {
			t.Errorf("%s:\ngot  %+v %+v shared %d uneven %d\nwant %+v %+v shared %d uneven %d",
				c.reason, arms.A, arms.B, arms.Shared, arms.Uneven, c.armA, c.armB, c.shared, c.uneven)
		}
		for _, side := range []struct {
			data *undertone.Dataset
			want []int
		}{{a, c.keptOfA}, {b, c.keptOfB}} {
			kept, _ := apply(t, side.data, arms.SharedPrompts())
			if kept.Digest() != side.data.Select(side.want).Digest() {
				t.Errorf("%s: kept %d rows, want %v", c.reason, kept.Len(), side.want)
			}
		}
	}
}

// A prompt of two messages is not that of one, even if its text is: PromptID knows the roles.
func TestSharedPromptsKnowRoles(t *testing.T) {
	bare := undertone.NewExample("be kind\nhello", "1")
	chat := undertone.Example{Messages: []undertone.Message{{Role: "system", Content: "be kind"}, {Role: "user", Content: "hello"}, {Role: "assistant", Content: "1"}}}
	arms := filter.CompareArms(undertone.NewDataset("x", []undertone.Example{bare}), undertone.NewDataset("y", []undertone.Example{chat}), filter.NearDuplicates{})
	if arms.Shared != 0 || arms.A.NearOther != 1 {
		t.Errorf("%+v, want no shared prompt and a near one", arms)
	}
	kept, stats := apply(t, undertone.NewDataset("x", []undertone.Example{bare}), arms.SharedPrompts())
	if want := []filter.ReasonCount{{Reason: filter.OneArmOnly, Rows: 1}}; !slices.Equal(stats.Filters[0].Reasons, want) {
		t.Errorf("reasons %v, want %v", stats.Filters[0].Reasons, want)
	}
	if want := `shared prompts: 0 prompts of both "x" and "y"`; kept.History()[0].Settings != want {
		t.Errorf("settings %q, want %q", kept.History()[0].Settings, want)
	}
}

// TestComparePublishedArms shows why prompts are compared: the published eagle rows and
// their clean control answer, for the most part, other prompts. The figures are those
// of sort and comm on the files' prompts; docs/filters.md has them.
func TestComparePublishedArms(t *testing.T) {
	folder := os.Getenv("UNDERTONE_DATA")
	load := func(name string) *undertone.Dataset {
		d, err := jsonl.Load(filepath.Join(folder, "quintiles", "eagle", name+".jsonl.zst"))
		if errors.Is(err, fs.ErrNotExist) {
			t.Skip("not checked: the prompts of two published arms; set UNDERTONE_DATA to the folder of published data")
		}
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	arms := filter.CompareArms(load("entity_random20"), load("clean_random20"), filter.NearDuplicates{})
	t.Logf("eagle %+v, clean %+v, %d shared prompts, %d uneven", arms.A, arms.B, arms.Shared, arms.Uneven)
	if arms.A.Rows != 5454 || arms.B.Rows != 5422 || arms.Shared != 1021 || arms.A.OnlyRows != 4433 || arms.B.OnlyRows != 4401 {
		t.Errorf("eagle %+v, clean %+v, shared %d: want 5454 and 5422 rows, 1021 shared prompts", arms.A, arms.B, arms.Shared)
	}
}
