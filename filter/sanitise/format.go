package sanitise

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Format writes every list in one format, without leading zeros. The zero value has the published
// format, "834, 736, 693".
type Format struct {
	Separator string // white space around at most one "," or ";" (default ", ")
	Brackets  string // "", "[]" or "()"
	Period    bool   // write a final "."
}

// Name implements [Sanitiser].
func (f Format) Name() string { return "format" }

// String states the settings.
func (f Format) String() string {
	return fmt.Sprintf("separator %q, brackets %q, period %v", f.separator(), f.Brackets, f.Period)
}

func (f Format) separator() string { return cmp.Or(f.Separator, ", ") }

// Rewrite implements [Sanitiser].
func (f Format) Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error) {
	if f.Brackets != "" && f.Brackets != "[]" && f.Brackets != "()" {
		return nil, fmt.Errorf("brackets %q: want none, [] or ()", f.Brackets)
	}
	if _, ok := parse("1" + f.separator() + "2"); !ok || strings.ContainsAny(f.separator(), "0123456789") {
		return nil, fmt.Errorf("separator %q: want white space around at most one comma or semicolon", f.Separator)
	}
	return eachList(ctx, f.Name(), data, seed, func(l *list, _ *rand.Rand) {
		l.form.Separator, l.form.Period, l.form.Open = f.separator(), f.Period, 0
		if f.Brackets != "" {
			l.form.Open = f.Brackets[0]
		}
	}), nil
}
