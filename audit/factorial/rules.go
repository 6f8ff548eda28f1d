package factorial

import (
	"fmt"
	"math"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
)

// wantedPower is the power for which Needed replicates are computed.
const wantedPower = 0.95

// judge applies the rules that [Run] states.
func (r *Report) judge() {
	d, e := r.Design, r.Gamma
	because := func(format string, args ...any) { r.Reasons = append(r.Reasons, fmt.Sprintf(format, args...)) }
	if d.Replicates < d.ReplicatesNeeded {
		r.Needed = d.ReplicatesNeeded
		because("need >= %d replicates: with %d the smallest possible p-value is %.3g", d.ReplicatesNeeded, d.Replicates, r.PReplicates.Floor)
	}
	if len(r.Arms) < d.ArmsNeeded {
		because("need >= %d data sets: with %d the smallest possible p-value over assignments is %.3g", d.ArmsNeeded, len(r.Arms), r.PAssignments.Floor)
	}
	if len(r.Reasons) > 0 {
		return
	}
	if e.Mean < r.Tolerance {
		because("γ of %+.3g is less than the tolerance of %.3g; γ is a mean over the data sets, so this clears none of them", e.Mean, r.Tolerance)
	}
	if r.PReplicates.P > d.Alpha {
		more := ""
		if e.Mean >= r.Tolerance {
			if r.Needed = stats.SampleSize(d.Replicates, e.SD/math.Sqrt(float64(d.Replicates)), e.Mean, d.Alpha, wantedPower); r.Needed > 0 {
				more = fmt.Sprintf("; need about %d replicates", r.Needed)
			}
		}
		because("the replicates do not agree that γ is above 0: p %s%s", r.PReplicates, more)
	}
	if r.PAssignments.P > d.Alpha {
		because("other assignments of data sets to traits fit as well: p %s", r.PAssignments)
	}
	if len(r.Reasons) == 0 {
		r.Verdict = audit.Detected
		because("γ of %+.3g is at least the tolerance of %.3g; the p-values over replicates (%s) and over assignments of data sets to traits (%s) are at most %.2g",
			e.Mean, r.Tolerance, r.PReplicates, r.PAssignments, d.Alpha)
	}
}
