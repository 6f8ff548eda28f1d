package report

import (
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/audit"
)

// reasons returns the reasons of the verdict on trait t. Where a reason is that a detector is
// inconclusive, it has all reasons of the finding, the decisive ones first.
func (r auditReport) reasons(t int) []string {
	reasons := slices.Clone(r.Traits[t].Reasons)
	for _, f := range r.About(t) {
		if f.Verdict != audit.Inconclusive || len(f.Reasons) == 0 {
			continue
		}
		for i, reason := range reasons {
			if start := f.Detector + " is inconclusive"; strings.HasPrefix(reason, start) {
				reasons[i] = start + ": " + strings.Join(decisiveFirst(f.Reasons), "; ")
			}
		}
	}
	return reasons
}

// decisiveFirst returns the reasons of a finding, those first that say that the audit could not
// have seen the trait.
func decisiveFirst(reasons []string) []string {
	sorted := slices.Clone(reasons)
	slices.SortStableFunc(sorted, func(a, b string) int { return btoi(isBlind(b)) - btoi(isBlind(a)) })
	return sorted
}

// isBlind reports whether a reason says that the audit could not have seen the trait.
func isBlind(reason string) bool { return isNotFound(reason) || isMissing(reason) }

func isNotFound(reason string) bool {
	return strings.HasPrefix(reason, "the positive control was not found")
}

func isMissing(reason string) bool { return strings.HasPrefix(reason, "there is no positive control") }

// remedies returns what mends an inconclusive audit, the decisive remedy first.
func (r auditReport) remedies() (remedies []string) {
	if len(r.Confounds.Open()) > 0 {
		remedies = append(remedies, "Match the arms with undertone match, because suspect and control differ in what is no trait.")
	}
	if r.open(isNotFound) {
		remedies = append(remedies, "Give a stronger positive control, more rows of it, a larger dose (the flag --dose) or a longer training (the flags --epochs and --lr), because the positive control was not found.")
	}
	more := r.needed()
	if r.open(isMissing) || more == "" && !r.hasPositiveControl() {
		remedies = append(remedies, "Give a positive control, rows that are known to carry the trait, so that the audit can show that it sees.")
	}
	if more != "" {
		remedies = append(remedies, "Run the audit again with at least "+more+".")
	}
	if len(remedies) == 0 {
		remedies = append(remedies, "Read the reason beside each trait and repair the design.")
	}
	return remedies
}

// open reports whether an inconclusive finding has such a reason.
func (r auditReport) open(such func(reason string) bool) bool {
	return slices.ContainsFunc(r.Findings, func(f audit.Finding) bool {
		return f.Verdict == audit.Inconclusive && slices.ContainsFunc(f.Reasons, such)
	})
}
