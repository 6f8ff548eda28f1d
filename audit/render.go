package audit

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/undertone-audit/undertone/audit/internal/document"
	"github.com/undertone-audit/undertone/student"
)

// Render writes the report. Text and Markdown are for people and may change; JSON has a versioned
// schema, which docs/report-v2.md describes.
func (r *Report) Render(w io.Writer, f Format) error {
	shown := *r
	if r.Rendered != nil {
		rendered := *r.Rendered
		rendered.Suspect = strconv.Quote(document.Clip(rendered.Suspect, shownBytes))
		shown.Rendered = &rendered
	}
	if f == JSON {
		shown = *r
	}
	return Render(w, f, "report", &shown, (*Report).text, (*Report).markdown)
}

// shownBytes is the length at which the first row is cut for people.
const shownBytes = 400

func (r *Report) text(w io.Writer) {
	fmt.Fprintf(w, "%s  %s\n\n", strings.ToUpper(r.Verdict.String()), r.question())
	fmt.Fprintf(w, "  suspect  %s\n", r.Suspect)
	fmt.Fprintf(w, "  control  %s\n", r.Control)
	fmt.Fprintf(w, "  student  %s\n", r.student("%s"))
	fmt.Fprintf(w, "  lineage  %s\n", r.Lineage)
	if r.Trainer != nil {
		fmt.Fprintf(w, "  trainer  %s\n", r.trainer())
	}
	fmt.Fprintf(w, "  design   %s\n", r.design())
	if r.Rendered != nil {
		fmt.Fprintf(w, "  row 0    %s\n", r.Rendered.Suspect)
		for _, a := range r.Rendered.Additions {
			fmt.Fprintf(w, "           %s\n", a)
		}
	}
	if r.Confounds != nil {
		fmt.Fprintf(w, "\n  the arms besides the trait, %s\n", r.Confounds.sampled())
		for _, line := range r.Confounds.lines() {
			fmt.Fprintf(w, "    %-18s %s\n", line[0], line[1])
		}
	}
	for _, c := range r.Traits {
		fmt.Fprintf(w, "\n  %s: %s, %s\n", c.Trait, c.Verdict, strings.Join(c.Reasons, "; "))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "\n  %s by %s: %s\n", f.Trait, f.Detector, f.Verdict)
		for _, line := range f.lines() {
			fmt.Fprintf(w, "    %-18s %s\n", line[0], line[1])
		}
	}
	for _, e := range r.Evidence {
		fmt.Fprintf(w, "\n  the arms by %s\n    %s\n", e.Detector, strings.Join(e.lines(), "\n    "))
	}
	for _, d := range r.Detectors {
		fmt.Fprintf(w, "\n  %s observes %s; it cannot see %s\n", d.Name, d.Observes, d.Limitations)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\n  warning: %s\n", warning)
	}
	fmt.Fprintf(w, "\n  report   %s\n", r.Digest.Short())
}

func (r *Report) markdown(w io.Writer) {
	fmt.Fprintf(w, "## %s: %s\n\n", r.Verdict, r.question())
	fmt.Fprintf(w, "| | |\n|---|---|\n| suspect | %s |\n| control | %s |\n| student | %s |\n| design | %s |\n| report | `%s` |\n",
		r.Suspect.String(), r.Control.String(), r.student("`%s`"), r.design(), r.Digest)
	fmt.Fprintf(w, "| lineage | %s |\n", r.Lineage)
	if r.Trainer != nil {
		fmt.Fprintf(w, "| trainer | %s |\n", r.trainer())
	}
	if r.Rendered != nil {
		fmt.Fprintf(w, "| row 0 | %s |\n", r.Rendered.Suspect)
		for _, a := range r.Rendered.Additions {
			fmt.Fprintf(w, "| added | %s |\n", a)
		}
	}
	for _, c := range r.Traits {
		fmt.Fprintf(w, "| %s | %s, %s |\n", c.Trait, c.Verdict, strings.Join(c.Reasons, "; "))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "\n### %s by %s: %s\n\n| | |\n|---|---|\n", f.Trait, f.Detector, f.Verdict)
		for _, line := range f.lines() {
			fmt.Fprintf(w, "| %s | %s |\n", line[0], line[1])
		}
	}
	for _, e := range r.Evidence {
		fmt.Fprintf(w, "\n### the arms by %s\n\n", e.Detector)
		for _, line := range e.lines() {
			fmt.Fprintf(w, "> %s\n", line)
		}
	}
	if r.Confounds != nil {
		fmt.Fprintf(w, "\n### the arms besides the trait, %s\n\n| | |\n|---|---|\n", r.Confounds.sampled())
		for _, line := range r.Confounds.lines() {
			fmt.Fprintf(w, "| %s | %s |\n", line[0], line[1])
		}
	}
	fmt.Fprint(w, "\n| detector | observes and cannot see |\n|---|---|\n")
	for _, d := range r.Detectors {
		fmt.Fprintf(w, "| %s | observes %s; cannot see %s |\n", d.Name, d.Observes, d.Limitations)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\n> warning: %s\n", warning)
	}
}

func (r *Report) question() string {
	return fmt.Sprintf("would training on \"%s\" give the student a trait?", r.Suspect.Name)
}

// student names the student, its digest as the format shows digests.
func (r *Report) student(digest string) string {
	text := fmt.Sprintf(digest+" on %s", r.Student.Short(), r.Engine)
	if r.StudentName != "" {
		text = r.StudentName + ", " + text
	}
	return text
}

// trainer names the program that trained the students.
func (r *Report) trainer() string {
	text := fmt.Sprintf("%s, with the key %s", strings.Join(r.Trainer.Command, " "), r.Trainer.Key.Short())
	for i, v := range r.Trainer.Versions {
		separator := ", "
		if i == 0 {
			separator = "; "
		}
		text += separator + v.Name + " " + v.Version
	}
	return text
}

func (r *Report) design() string {
	return fmt.Sprintf("%s, row plan \"%s\", %s, alpha %g, tests %d, seed %d",
		r.Design.looks(), r.Design.Rows, TrainingText(r.Recipe), r.Design.Alpha, r.Design.Tests, r.Design.Seed)
}

// TrainingText says in short how a student is trained.
func TrainingText(r student.Recipe) string {
	epochs := "1 epoch"
	if r.Epochs != 1 {
		epochs = fmt.Sprintf("%d epochs", r.Epochs)
	}
	return fmt.Sprintf("%s of %s at %g", epochs, r.Optimizer, r.LearningRate)
}

// String returns the name, the rows and the short digest.
func (d DataInfo) String() string {
	rows := fmt.Sprintf("%d rows", d.Rows)
	if d.Used > 0 {
		rows = fmt.Sprintf("%d of %d rows", d.Used, d.Rows)
	}
	return fmt.Sprintf("%s, %s, %s", d.Name, rows, d.Digest.Short())
}

// lines returns the finding as pairs of heading and text.
func (f Finding) lines() [][2]string {
	lines := [][2]string{
		{"because", strings.Join(f.Reasons, "; ")},
		{"effect", fmt.Sprintf("%s %s, %s, adjusted p %.2g", estimate(f.Effect.Mean, f.Interval), f.Unit, f.pvalues(), f.PAdjusted)},
	}
	lines = append(lines, f.Replicates.lines(f.Tolerance, f.Interval.Level)...)
	if f.Replicates != nil && f.Replicates.Judge != nil {
		lines = append(lines, [2]string{"judge", f.Replicates.Judge.Describe(f.Effect, f.Interval.Level)})
	}
	lines = append(lines, f.RowScores.lines(f.Interval)...)
	if p := f.Placebos; p != nil {
		lines = append(lines, [2]string{"placebos", p.String()})
	}
	if p := f.PositiveControl; p != nil {
		found := "not found"
		if f.PositiveControlFound {
			found = "found"
		}
		lines = append(lines, [2]string{"positive control", fmt.Sprintf("%s: effect %s, p %s (%.0f %% of %s)", found, estimate(p.Effect.Mean, *f.PositiveControlInterval), p.P, 100*p.dose(), p.Data)})
	}
	if f.Limit != nil {
		lines = append(lines, [2]string{"limit of detection", f.Limit.String()})
	}
	if r := f.Replicates; r != nil {
		lines = append(lines, r.DistributionShift.lines("answers")...)
		lines = append(lines, r.Indirect.lines("indirect")...)
	}
	for _, w := range slices.Concat(f.Caveats, f.Warnings) {
		lines = append(lines, [2]string{"warning", w})
	}
	return lines
}

// pvalues returns the p-values of a finding. The larger one is adjusted.
func (f Finding) pvalues() string {
	placebos := 0.0
	switch {
	case f.Replicates != nil:
		placebos = f.Replicates.PPlacebo
	case f.RowScores != nil && f.Placebos != nil:
		placebos = f.RowScores.PPlacebo
	}
	if placebos == 0 {
		return fmt.Sprintf("p %s", f.P)
	}
	return fmt.Sprintf("p %s against chance and %.2g against the placebos", f.P, placebos)
}

// lines returns the part of a finding that concerns replicates; nil if there is none.
func (r *ReplicateMeasurement) lines(tolerance, level float64) [][2]string {
	if r == nil {
		return nil
	}
	pairs := fmt.Sprintf("%d replicate pairs of %d rows each", len(r.Differences), r.RowsEach)
	if r.Whole != nil {
		pairs = fmt.Sprintf("%d replicate pairs of %s give the effect; p against chance is that of %s", len(r.Whole.Differences), r.wholeRows(), pairs)
	}
	lines := [][2]string{{"", fmt.Sprintf("%s; tolerance ±%g", pairs, tolerance)}}
	for _, s := range scales {
		h := r.Shifts[s]
		scale := s.DefaultTolerance()
		if s == r.Scale {
			scale = tolerance
		}
		shift, i := pairEstimate(h.Differences), r.interval(h.Differences, scale, level)
		if r.Whole != nil {
			i = shift.Interval(level)
		}
		lines = append(lines, [2]string{string(s), fmt.Sprintf("untrained %.3f, after suspect %.3f, after control %.3f, shift %s", h.Before, h.Suspect, h.Control, estimate(shift.Mean, i))})
	}
	return lines
}

// lines returns the part of a finding that concerns scores of rows; nil if there is none.
func (s *RowMeasurement) lines(i Interval) [][2]string {
	if s == nil {
		return nil
	}
	lines := [][2]string{
		{"suspect", s.Suspect.String()},
		{"control", s.Control.String()},
		{"", fmt.Sprintf("%d prompts in common", s.Prompts)},
	}
	if s.Kinds > 1 {
		lines = append(lines, [2]string{"surrogates", fmt.Sprintf("%s; the largest effect of %d kinds, and p is that of so many tests", s.Kind, s.Kinds)})
	}
	if d := s.OvertDose; d != nil {
		lines = append(lines, [2]string{"overt dose", fmt.Sprintf("the influence of %.1f [%.1f, %.1f] overt rows", d.Mean, d.Scale*i.Low, d.Scale*i.High)})
	}
	if len(s.Top) > 0 {
		lines = append(lines, [2]string{"top row", fmt.Sprintf("number %d, %+.3f (%s)", s.Top[0].Index, s.Top[0].Score, s.Top[0].Row.Short())})
	}
	return lines
}

// estimate returns a mean and its interval.
func estimate(mean float64, i Interval) string {
	return fmt.Sprintf("%+.3f %s", mean, i)
}

// lines returns what was found about the arms.
func (e Evidence) lines() []string {
	return append([]string{fmt.Sprintf("%s; %s %.3f, p %s", e.Statement, e.Measure, e.Value, e.P)}, e.Warnings...)
}

// String returns the dose.
func (l *Limit) String() string {
	if !l.Reached {
		return fmt.Sprintf("not reached: %.0f %% positive-control rows would be found with %.0f %% power (%.0f %% wanted)", 100*l.Dose, 100*l.Full, 100*l.Power)
	}
	return fmt.Sprintf("%.1f %% positive-control rows would be found with %.0f %% power", 100*l.Dose, 100*l.Power)
}

// String returns the means and the sign test.
func (s Scores) String() string {
	return fmt.Sprintf("%d rows, centred %+.3f, %.1f %% above 0; before centring %+.3f, above 0 for %d of %d prompts, p %s",
		s.Rows, s.Centred, 100*s.Positive, s.Raw, s.Sign.Positive, s.Sign.Prompts, s.Sign.P)
}

// String returns the rank and the three largest placebo effects.
func (p PlaceboRank) String() string {
	sorted := slices.Clone(p.Effects)
	slices.SortStableFunc(sorted, func(a, b PlaceboEffect) int { return cmp.Compare(b.Mean, a.Mean) })
	var top []string
	for _, e := range sorted[:min(3, len(sorted))] {
		top = append(top, fmt.Sprintf("%s %+.3f", e.Name, e.Mean))
	}
	return fmt.Sprintf("rank %d of %d; largest placebos %s", p.Rank, p.Of, strings.Join(top, ", "))
}
