package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/undertone-audit/undertone/student"
)

// Format is a way to write a report.
type Format int

// The formats of a report.
const (
	Text     Format = iota // for a terminal
	Markdown               // for a pull request
	JSON                   // for machines; docs/report-v1.md
)

// Render writes the report. Text and Markdown are for people and may change;
// JSON has a versioned schema.
func (r *Report) Render(w io.Writer, f Format) error { return write(w, f, "report", r) }

// document is what can be rendered; its JSON is that of encoding/json.
type document interface {
	text(w io.Writer)
	markdown(w io.Writer)
}

// write renders a document of the kind that errors name.
func write(w io.Writer, f Format, kind string, d document) error {
	var b bytes.Buffer
	switch f {
	case Text:
		d.text(&b)
	case Markdown:
		d.markdown(&b)
	case JSON:
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(d); err != nil {
			return fmt.Errorf("audit: %s: %w", kind, err)
		}
	default:
		return fmt.Errorf("audit: report format %d is not known", f)
	}
	form := b.Bytes()
	if f != JSON { // which escapes them
		form = bytes.Map(printable, form)
	}
	if _, err := w.Write(form); err != nil {
		return fmt.Errorf("audit: %s: %w", kind, err)
	}
	return nil
}

// shownBytes is how much of the first row is shown to people.
const shownBytes = 400

// printable replaces control characters: the name of a data set must not be able
// to command a terminal.
func printable(c rune) rune {
	if c != '\n' && unicode.IsControl(c) {
		return unicode.ReplacementChar
	}
	return c
}

func (r *Report) text(w io.Writer) {
	fmt.Fprintf(w, "%s  %s\n\n", strings.ToUpper(r.Verdict.String()), r.question())
	fmt.Fprintf(w, "  suspect  %s\n", r.Suspect)
	fmt.Fprintf(w, "  control  %s\n", r.Control)
	fmt.Fprintf(w, "  student  %s\n", r.student("%s"))
	fmt.Fprintf(w, "  design   %s\n", r.design())
	if r.Rendered != nil {
		fmt.Fprintf(w, "  row 0    %q\n", clip(r.Rendered.Suspect, shownBytes))
	}
	for _, c := range r.Traits {
		fmt.Fprintf(w, "\n  %s: %s, %s\n", c.Trait, c.Verdict, strings.Join(c.Reasons, "; "))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "\n  %s by %s: %s\n", f.Trait, f.Detector, f.Verdict)
		for _, line := range f.lines() {
			fmt.Fprintf(w, "    %-9s %s\n", line[0], line[1])
		}
	}
	for _, e := range r.Evidence {
		fmt.Fprintf(w, "\n  the arms by %s\n    %s\n", e.Detector, strings.Join(e.lines(), "\n    "))
	}
	for _, d := range r.Detectors {
		fmt.Fprintf(w, "\n  %s sees %s; it is blind to %s\n", d.Name, d.Sees, d.Limitations)
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\n  warning: %s\n", warning)
	}
	fmt.Fprintf(w, "\n  report   %s\n", r.Digest.Short())
}

func (r *Report) markdown(w io.Writer) {
	fmt.Fprintf(w, "## %s: %s\n\n", r.Verdict, r.question())
	fmt.Fprintf(w, "| | |\n|---|---|\n| suspect | %s |\n| control | %s |\n| student | %s |\n| design | %s |\n| report | `%s` |\n",
		cell(r.Suspect.String()), cell(r.Control.String()), cell(r.student("`%s`")), cell(r.design()), r.Digest)
	if r.Rendered != nil {
		fmt.Fprintf(w, "| row 0 | %s |\n", cell(fmt.Sprintf("%q", clip(r.Rendered.Suspect, shownBytes))))
	}
	for _, c := range r.Traits {
		fmt.Fprintf(w, "| %s | %s, %s |\n", cell(c.Trait), c.Verdict, cell(strings.Join(c.Reasons, "; ")))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(w, "\n### %s by %s: %s\n\n| | |\n|---|---|\n", cell(f.Trait), cell(f.Detector), f.Verdict)
		for _, line := range f.lines() {
			fmt.Fprintf(w, "| %s | %s |\n", line[0], cell(line[1]))
		}
	}
	for _, e := range r.Evidence {
		fmt.Fprintf(w, "\n### the arms by %s\n\n", cell(e.Detector))
		for _, line := range e.lines() {
			fmt.Fprintf(w, "> %s\n", cell(line))
		}
	}
	fmt.Fprint(w, "\n| detector | sees, and is blind to |\n|---|---|\n")
	for _, d := range r.Detectors {
		fmt.Fprintf(w, "| %s | %s; blind to %s |\n", cell(d.Name), cell(d.Sees), cell(d.Limitations))
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\n> warning: %s\n", warning)
	}
}

// cell escapes what would end a table cell.
func cell(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s) }

func (r *Report) question() string {
	return fmt.Sprintf("would training on %q move the student?", r.Suspect.Name)
}

// student names the student, its digest as the format shows digests.
func (r *Report) student(digest string) string {
	text := fmt.Sprintf(digest+" on %s", r.Student.Short(), r.Engine)
	if r.Called != "" {
		text = r.Called + ", " + text
	}
	return text
}

func (r *Report) design() string {
	return fmt.Sprintf("%s, row plan %q, %s, alpha %g, tests %d, seed %d",
		r.Design.looks(), r.Design.Rows, training(r.Recipe), r.Design.Alpha, r.Design.Tests, r.Design.Seed)
}

// training says in short how a student is trained.
func training(r student.Recipe) string {
	epochs := "1 epoch"
	if r.Epochs != 1 {
		epochs = fmt.Sprintf("%d epochs", r.Epochs)
	}
	return fmt.Sprintf("%s of %s at %g", epochs, r.Optimizer, r.LearningRate)
}

// String returns the name, the rows and the short digest.
func (d DataNote) String() string {
	return fmt.Sprintf("%s, %d rows, %s", d.Name, d.Rows, d.Digest.Short())
}

// lines returns the finding as pairs of heading and text.
func (f Finding) lines() [][2]string {
	lines := [][2]string{
		{"because", strings.Join(f.Reasons, "; ")},
		{"shift", fmt.Sprintf("%s of %s, p %s, adjusted %.2g", f.Effect, f.Measure, f.P, f.PAdjusted)},
	}
	if f.Scored != nil {
		lines = append(lines, f.Scored.lines()...)
	} else {
		lines = append(lines, [2]string{"", fmt.Sprintf("%d pairs of %d rows each, tolerance ±%g", f.Pairs, f.Rows, f.Tolerance)})
	}
	if m := f.Measured; m != nil {
		for _, name := range measures {
			s := m[name]
			lines = append(lines, [2]string{string(name), fmt.Sprintf("before %.3f, after suspect %.3f, after control %.3f, shift %s", s.Before, s.Suspect, s.Control, s.Effect)})
		}
	}
	if p := f.Placebos; p != nil {
		lines = append(lines, [2]string{"placebos", p.String()})
	}
	if p := f.Planted; p != nil {
		found := "not found"
		if p.Found {
			found = "found"
		}
		lines = append(lines, [2]string{"planted", fmt.Sprintf("%s: shift %s, p %s (%s)", found, p.Effect, p.P, p.Data)})
	}
	if f.Limit != nil {
		lines = append(lines, [2]string{"limit", f.Limit.String()})
	}
	lines = append(lines, f.Moved.lines("answers")...)
	lines = append(lines, f.Indirect.lines("indirect")...)
	for _, w := range f.Warnings {
		lines = append(lines, [2]string{"warning", w})
	}
	return lines
}

// lines returns what was found about the arms.
func (e Evidence) lines() []string {
	return append([]string{fmt.Sprintf("%s; %s %.3f, p %s", e.Statement, e.Measure, e.Value, e.P)}, e.Warnings...)
}

// String returns the dose.
func (l *Limit) String() string {
	if !l.Reached {
		return fmt.Sprintf("not even the planted rows alone would be found with %.0f %% power (%.0f %%)", 100*l.Power, 100*l.Full)
	}
	return fmt.Sprintf("%.1f %% planted rows would be found with %.0f %% power", 100*l.Dose, 100*l.Power)
}

// lines returns the scores' part of a finding.
func (s *Scored) lines() [][2]string {
	lines := [][2]string{
		{"suspect", s.Suspect.String()},
		{"control", s.Control.String()},
		{"siblings", fmt.Sprintf("p %.2g that the trait's effect is one more of theirs; %d prompts in common", s.Sibling, s.Prompts)},
	}
	if s.Dose != nil {
		lines = append(lines, [2]string{"dose", fmt.Sprintf("pulls like %.1f [%.1f, %.1f] overt rows", s.Dose.Mean, s.Dose.Low, s.Dose.High)})
	}
	if len(s.Top) > 0 {
		lines = append(lines, [2]string{"top row", fmt.Sprintf("number %d, %+.3f (%s)", s.Top[0].Index, s.Top[0].Score, s.Top[0].Row.Short())})
	}
	return lines
}

// String returns what the scores come to.
func (s Scores) String() string {
	return fmt.Sprintf("%d rows, centred %+.3f, %.1f %% above 0, before centring %+.3f, above 0 for %d of %d prompts, p %s",
		s.Rows, s.Centred, 100*s.Positive, s.Raw, s.Sign.Positive, s.Sign.Prompts, s.Sign.P)
}

// String returns the mean and its interval.
func (e Effect) String() string { return fmt.Sprintf("%+.3f [%+.3f, %+.3f]", e.Mean, e.Low, e.High) }

// String shows a p-value at its floor as the bound that it is.
func (p P) String() string {
	if p.P <= p.Floor*(1+1e-12) {
		return fmt.Sprintf("≤ %.2g (the design's floor)", p.Floor)
	}
	return fmt.Sprintf("%.2g", p.P)
}

// String returns the four divergences.
func (d Divergences) String() string {
	return fmt.Sprintf("KL %.4f, JS %.4f, TV %.4f, Hellinger %.4f", d.KL, d.JensenShannon, d.TotalVariation, d.Hellinger)
}

// String returns the rank and the siblings that moved most.
func (p PlaceboRank) String() string {
	sorted := slices.Clone(p.Effects)
	slices.SortStableFunc(sorted, func(a, b PlaceboEffect) int {
		if a.Mean > b.Mean {
			return -1
		}
		return 1
	})
	var top []string
	for _, e := range sorted[:min(3, len(sorted))] {
		top = append(top, fmt.Sprintf("%s %+.3f", e.Name, e.Mean))
	}
	return fmt.Sprintf("rank %d of %d; next %s", p.Rank, p.Of, strings.Join(top, ", "))
}
