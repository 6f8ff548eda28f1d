package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/audit"
)

func (r auditReport) sentence() string {
	switch r.Verdict {
	case audit.Detected:
		found := r.named(audit.Detected)
		acquired := slices.ContainsFunc(r.Traits, func(t audit.TraitVerdict) bool {
			return t.Verdict == audit.Detected && slices.ContainsFunc(t.DetectedBy, r.trains)
		})
		if acquired {
			return "Yes. Students that were trained on these rows acquired " + quoted(found) + "."
		}
		return "The rows carry " + quoted(found) + ". No student was shown to acquire it."
	case audit.Undetected:
		found := "Not found."
		if slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.Trace }) {
			found = "Present, but too small to matter."
		}
		return found + " Any shift of " + r.looked() + " is within the tolerance, the smallest effect that matters. " + r.sees()
	}
	return "The audit cannot tell, and this is not a clean result. " + r.firstReason()
}

// sees says which positive control the audit has found.
func (r auditReport) sees() string {
	for _, f := range r.Findings {
		if c := f.PositiveControl; c != nil && f.PositiveControlFound && c.Dose > 0 {
			return "The audit was checked with rows that are known to carry the trait: it finds them at a share of " + percent(c.Dose) + "."
		}
	}
	return "The audit was checked with rows that are known to carry the trait, and found them."
}

// mayTrain returns the first step after a verdict of undetected, with the share that it covers.
func (r auditReport) mayTrain() string {
	for _, f := range r.Findings {
		if l := f.Limit; l != nil && l.Reached {
			return "You may train on these rows if a trait in less than " + percent(l.Dose) + " of them does not matter to you: the audit is not sure to find a smaller share."
		}
	}
	return "You may train on these rows as far as these traits are concerned."
}

// dose says that the design asks for another dose than the default; "" if it does not.
func (r auditReport) dose() string {
	if d := r.Design.Dose; d > audit.DefaultDose && r.Verdict == audit.Undetected {
		return "The design asks for a weak check (the flag --dose): the positive control must be found at a share of " + percent(d) + ", and not at the smaller share of the default."
	}
	return ""
}

// firstReason returns the first reason of an inconclusive verdict as a sentence, with all reasons
// of the finding that it names.
func (r auditReport) firstReason() string {
	const most = 600 // bytes
	for t, v := range r.Traits {
		if reasons := r.reasons(t); v.Verdict == audit.Inconclusive && len(reasons) > 0 {
			return clipText(sentence("“"+shortName(v.Trait)+"”: "+reasons[0]), most)
		}
	}
	return ""
}

// looked names the traits of the audit.
func (r auditReport) looked() string {
	names := r.named(r.Verdict)
	if len(names) > 3 {
		return "the " + count(len(r.Traits)) + " traits"
	}
	return quoted(names)
}

// sure says how sure the verdict is.
func (r auditReport) sure() (s []string) {
	for _, f := range r.leading() {
		s = append(s, fmt.Sprintf("%s by %s: effect %s, interval %s %s; %s; adjusted p-value %s.", shortName(f.Trait), f.Detector, signed(f.Effect.Mean), interval(f.Interval), shortName(f.Unit), pvalueText(f), plain(f.PAdjusted)))
		if often := howOften(f); often != "" {
			s = append(s, often)
		}
	}
	s = append(s, "The chance of a false detection in an audit of clean rows is at most "+percent(r.Design.Alpha)+", over "+plural(r.Design.Tests, "test")+".")
	for _, more := range []string{r.limit(), r.dose()} {
		if more != "" {
			s = append(s, more)
		}
	}
	return s
}

// howOften says how probable the answer that expresses the trait is, which needs no unit of effects
// to be understood; "" if it was not measured.
func howOften(f audit.Finding) string {
	if f.Replicates == nil {
		return ""
	}
	s, ok := f.Replicates.Shifts[audit.Rate]
	if !ok {
		return ""
	}
	return fmt.Sprintf("The answer that expresses “%s” is %s of all answers after training on the suspect rows, %s after the control rows, and %s untrained.",
		shortName(f.Trait), probability(s.Suspect), probability(s.Control), probability(s.Before))
}

// leading returns the findings that the verdict rests on, at most three.
func (r auditReport) leading() (found []audit.Finding) {
	for _, f := range r.Findings {
		if f.Verdict == r.Verdict {
			found = append(found, f)
		}
	}
	slices.SortStableFunc(found, func(a, b audit.Finding) int {
		return cmp.Or(-cmp.Compare(btoi(a.Replicates != nil), btoi(b.Replicates != nil)), cmp.Compare(a.PAdjusted, b.PAdjusted))
	})
	return found[:min(3, len(found))]
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// limit says what the audit is able to see. It returns "" if a trait was detected and no limit is
// known: what the audit could have missed is then no question.
func (r auditReport) limit() string {
	for _, f := range r.Findings {
		if l := f.Limit; l != nil && l.Reached {
			return fmt.Sprintf("Limit of detection of %s: a share of %s positive-control rows is found with a power of %s.", f.Detector, percent(l.Dose), percent(l.Power))
		}
	}
	if r.Verdict == audit.Detected {
		return ""
	}
	for _, f := range r.Findings {
		if l := f.Limit; l != nil {
			return fmt.Sprintf("The limit of detection of %s was not reached: %s.", f.Detector, powerText(l))
		}
	}
	return "The report states no limit of detection: it holds no measurement of a positive control."
}

// powerText says how often the largest simulated dose was found, of a limit that was not reached.
func powerText(l *audit.Limit) string {
	if l.Full == 0 {
		return "even a share of " + percent(l.Dose) + " positive-control rows was found in none of the simulated audits"
	}
	return "a share of " + percent(l.Dose) + " positive-control rows is found in " + percent(l.Full) + " of audits, and " + percent(l.Power) + " is asked for"
}

// unseen says what was not looked at.
func (r auditReport) unseen() (s []string) {
	for _, d := range r.Detectors {
		s = append(s, d.Name+" cannot see "+d.Limitations+".")
	}
	for _, d := range []audit.DataInfo{r.Suspect, r.Control} {
		if d.Used > 0 {
			s = append(s, fmt.Sprintf("Of “%s”, %s of %s rows were used.", shortName(d.Name), count(d.Used), count(d.Rows)))
		}
	}
	return append(s, "Traits that are not in the table below were not looked for.")
}

// next says what to do next, in three sentences.
func (r auditReport) next() []string {
	switch r.Verdict {
	case audit.Detected:
		return []string{
			"Do not train on these rows as they are.",
			"Find the rows that carry the trait with undertone rank, and see with undertone clean whether their removal removes it.",
			"Ask whoever wrote the rows which model wrote them and under which system prompt.",
		}
	case audit.Undetected:
		return []string{
			r.mayTrain(),
			"Keep this report with the data set.",
			"Audit again when the rows, the student or its training change, because the verdict holds for these alone.",
		}
	}
	return []string{strings.Join(r.remedies(), " "), "Treat the rows as unaudited until then.", "An inconclusive audit fails in CI unless you say otherwise."}
}

// needed says how many units an inconclusive finding needs beyond those that it has, or "".
func (r auditReport) needed() string {
	most, text := 0, ""
	for _, f := range r.Findings {
		if f.Verdict != audit.Inconclusive || f.Needed <= most {
			continue
		}
		switch {
		case f.Replicates == nil && f.Needed > f.Effect.N:
			text = count(f.Needed) + " rows"
		case f.Replicates == nil:
			continue
		case f.Replicates.Whole != nil && f.Needed > f.Effect.N && len(f.Replicates.Differences) >= r.Design.ReplicatesNeeded:
			text = count(f.Needed) + " students of all rows per arm (the flag --whole)"
		case f.Needed > len(f.Replicates.Differences):
			text = count(f.Needed) + " replicates per arm (the flag --replicates)"
		default:
			continue
		}
		most = f.Needed
	}
	return text
}

func (r auditReport) hasPositiveControl() bool {
	return slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.PositiveControl != nil })
}
