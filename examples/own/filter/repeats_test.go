package filter

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/filtertest"
)

// TestConformance also tries the filter on rows without messages, on long rows and on invalid
// UTF-8.
func TestConformance(t *testing.T) {
	loop := undertone.NewExample("continue", strings.Repeat("1, 2\n", 5))
	if err := filtertest.TestFilter(Repeats{}, loop); err != nil {
		t.Error(err)
	}
}

func TestRepeats(t *testing.T) {
	for _, c := range []struct {
		reason, completion string
		filter             Repeats
		keep               bool
	}{
		{"as often as the default allows", strings.Repeat("1, 2\n", 3), Repeats{}, true},
		{"more often", strings.Repeat("1, 2\n", 4), Repeats{}, false},
		{"more often, with other white space", "1, 2\n 1, 2\n1, 2 \n1, 2", Repeats{}, false},
		{"another limit", "1, 2\n1, 2", Repeats{Max: 1}, false},
		{"different lines", "1\n2\n3\n4\n5", Repeats{}, true},
		{"empty lines", "1\n\n\n\n\n2", Repeats{}, true},
		{"no text", "", Repeats{}, true},
	} {
		reasons := c.filter.Reasons(undertone.NewExample("continue", c.completion))
		if (reasons == nil) != c.keep {
			t.Errorf("%s: reasons %q, want the row kept: %v", c.reason, reasons, c.keep)
		}
	}
}
