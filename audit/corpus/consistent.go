package corpus

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

// consistent returns an error if no comparison can have written the result: the outcome does not
// follow from the numbers by the rules of [Result.judge], or a number is out of range. The digest
// of a result cannot show this, because anybody can compute it. Warnings, the reasons of the
// positive control, and the reasons of a result by another version of the library are text of the
// writer and are not checked.
func (r *Result) consistent() error {
	d := r.Design
	settings, err := d.Settings.withDefaults()
	if err != nil {
		return fmt.Errorf("its settings: %w", err)
	}
	switch {
	case !reflect.DeepEqual(settings, d.Settings):
		return errors.New("its settings hold no values for fields that have defaults")
	case d.SuspectRows < 0 || d.ControlRows < 0 || d.TestedRows < 0 || d.TestedRows > d.SuspectRows+d.ControlRows:
		return fmt.Errorf("it has %d suspect, %d control and %d tested rows", d.SuspectRows, d.ControlRows, d.TestedRows)
	case d.SharedPrompts < 0 || d.Components < 0 || d.SharedPrompts > min(d.SuspectRows, d.ControlRows) || d.Components > d.SuspectRows+d.ControlRows:
		return fmt.Errorf("it has %d shared prompts and %d components of %d and %d rows", d.SharedPrompts, d.Components, d.SuspectRows, d.ControlRows)
	case d.SuspectUnits < 0 || d.ControlUnits < 0 || d.SuspectUnits+d.ControlUnits > d.UnitRows || d.UnitRows > d.SuspectRows+d.ControlRows:
		return fmt.Errorf("it has %d suspect and %d control clusters of %d rows, want at most as many clusters as rows", d.SuspectUnits, d.ControlUnits, d.UnitRows)
	case len(r.Rows) > d.Settings.Top || len(r.Features) > d.Settings.Top:
		return fmt.Errorf("it has %d rows and %d features, want at most %d", len(r.Rows), len(r.Features), d.Settings.Top)
	case len(r.Reasons) == 0:
		return errors.New("its outcome has no reasons")
	}
	for i, row := range r.Rows {
		if row.Index < 0 || i > 0 && row.Score > r.Rows[i-1].Score {
			return fmt.Errorf("row %d of the highest scores has the index %d and the score %v, want an index >= 0 and falling scores", i, row.Index, row.Score)
		}
	}
	for _, f := range r.Features {
		if !(f.Suspect >= 0 && f.Suspect <= 1 && f.Control >= 0 && f.Control <= 1) {
			return fmt.Errorf("feature %.40q has the shares %v and %v, want numbers in [0, 1]", f.Feature, f.Suspect, f.Control)
		}
	}
	if r.Content == nil || r.Layout == nil || r.Beyond == nil {
		return r.unmeasured()
	}
	if err := r.measured(); err != nil {
		return err
	}
	judged := *r
	judged.Outcome, judged.By, judged.Reasons, judged.Warnings = Inconclusive, nil, nil, nil
	judged.judge()
	switch {
	case r.Outcome != judged.Outcome:
		return fmt.Errorf("it contradicts itself: the outcome is %s, but by its numbers %s", r.Outcome, judged.Outcome)
	case !slices.Equal(r.By, judged.By):
		return fmt.Errorf("it contradicts itself: the arms are told apart by %.80q, but by its numbers by %.80q", r.By, judged.By)
	case math.Abs(r.P.P-judged.P.P) > rounding || math.Abs(r.P.Floor-judged.P.Floor) > rounding:
		return fmt.Errorf("it contradicts itself: the p-value is %v with the floor %v, but by those of content and layout %v with %v", r.P.P, r.P.Floor, judged.P.P, judged.P.Floor)
	case r.Version == undertone.Version && !slices.Equal(r.Reasons, judged.Reasons):
		return fmt.Errorf("it contradicts itself: its reasons are %.200q, but by its numbers %.200q", r.Reasons, judged.Reasons)
	}
	return nil
}

// unmeasured returns an error if a result without measurements says more than that it cannot tell.
func (r *Result) unmeasured() error {
	if r.Content != nil || r.Layout != nil || r.Beyond != nil || r.MMD != nil || len(r.Channels) > 0 || r.PositiveControl != nil {
		return errors.New("it contradicts itself: one of content, layout and content given the layout was not measured, and others were")
	}
	if r.Outcome != Inconclusive || len(r.By) > 0 {
		return fmt.Errorf("it contradicts itself: the outcome is %s by %.80q, but nothing was measured", r.Outcome, r.By)
	}
	return nil
}

// measured returns an error if a measurement has numbers that none can have.
func (r *Result) measured() error {
	bag := r.Design.Settings.Bag
	for _, c := range r.allChannels() {
		if err := c.check(bag); err != nil {
			return fmt.Errorf("channel %.40q: %w", c.Channel, err)
		}
	}
	if m := r.MMD; m != nil {
		switch {
		case !validP(m.P):
			return fmt.Errorf("the discrepancy has the p-value %v, want a number in (0, 1]", m.P.P)
		case !(math.Abs(m.Squared) <= 2) || !(m.Bandwidth >= 0 && m.Bandwidth <= 2):
			return fmt.Errorf("the discrepancy is %v with the bandwidth %v, want numbers in [-2, 2] and [0, 2]", m.Squared, m.Bandwidth)
		case m.Units < 0 || m.Rows < m.Units:
			return fmt.Errorf("the discrepancy is that of %d rows in %d clusters", m.Rows, m.Units)
		}
	}
	c := r.PositiveControl
	if c == nil || c.Content == nil {
		if c != nil && c.Found {
			return errors.New("it contradicts itself: the positive control was found, but nothing was measured")
		}
		return nil
	}
	if err := c.Content.check(bag); err != nil {
		return fmt.Errorf("the positive control: %w", err)
	}
	s := r.Design.Settings
	if found := c.Content.P.P <= s.Alpha && c.Content.Bag.bound() > .5+s.Margin; c.Found && (!found || c.Outcome != Distinguishable) {
		return fmt.Errorf("it contradicts itself: the positive control was found, but it is %s with p %v", c.Outcome, c.Content.P.P)
	}
	return nil
}

// check returns an error if no comparison with bags of a size gives the result.
func (c ChannelResult) check(bag int) error {
	for _, a := range []AUROC{c.Row, c.Bag} {
		if err := a.check(); err != nil {
			return err
		}
	}
	switch {
	case c.Row.Bag != 1 || c.Bag.Bag != bag:
		return fmt.Errorf("its bags have %d and %d rows, want 1 and %d", c.Row.Bag, c.Bag.Bag, bag)
	case !validP(c.P):
		return fmt.Errorf("the p-value is %v with the floor %v, want 0 <= floor <= p <= 1", c.P.P, c.P.Floor)
	case !(c.Overlap >= 0 && c.Overlap <= 1):
		return fmt.Errorf("the overlap is %v, want a number in [0, 1]", c.Overlap)
	}
	return nil
}

// check returns an error if the area is not in [0, 1], or not in the middle of its interval where
// neither end of [0, 1] cuts that.
func (a AUROC) check() error {
	below, above := a.Area-a.Low, a.High-a.Area
	switch {
	case !(a.Area >= 0 && a.Area <= 1 && a.Low >= 0 && a.Low <= a.High && a.High <= 1):
		return fmt.Errorf("the AUROC is %v in [%v, %v], want shares", a.Area, a.Low, a.High)
	case below < 0 || above < 0, a.Low > 0 && below < above-rounding, a.High < 1 && above < below-rounding:
		return fmt.Errorf("the AUROC is %v, which is not the middle of [%v, %v]", a.Area, a.Low, a.High)
	}
	return nil
}

// rounding is the largest difference of equal numbers that were computed on two processors.
const rounding = 1e-9

func validP(p stats.PValue) bool {
	return p.P > 0 && p.P <= 1 && p.Floor >= 0 && p.Floor <= p.P+rounding
}
