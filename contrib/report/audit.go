package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/contrib/report/internal/figure"
)

// auditPage returns the page of an audit.
func auditPage(r *audit.Report) *Page {
	a := auditReport{r}
	return &Page{
		Kind: "audit", Schema: r.Schema, Version: r.Version, Digest: r.Digest.String(), Subject: r.Suspect.Name,
		Question: "Would training on “" + shortName(r.Suspect.Name) + "” give the student a hidden trait?",
		Outcome:  r.Verdict.String(), Tone: toneOf(r.Verdict),
		Sentence: a.sentence(), Sure: a.sure(), Unseen: a.unseen(), Next: a.next(),
		Checks: a.checks(),
		Sections: nonEmpty(
			a.traits(), a.findings(), a.arms(), a.rows(), a.design(), a.detectors(), a.warnings(), a.provenance(), words(), a.identity(),
		),
	}
}

// auditReport writes the parts of a page of an audit.
type auditReport struct{ *audit.Report }

func toneOf(v audit.Verdict) Tone {
	return map[audit.Verdict]Tone{audit.Detected: Detected, audit.Undetected: Undetected, audit.Inconclusive: Inconclusive}[v]
}

// nonEmpty leaves out sections without blocks.
func nonEmpty(sections ...Section) []Section {
	return slices.DeleteFunc(sections, func(s Section) bool { return len(s.Blocks) == 0 })
}

// named returns the names of the traits with a verdict.
func (r auditReport) named(v audit.Verdict) (names []string) {
	for _, t := range r.Traits {
		if t.Verdict == v {
			names = append(names, t.Trait)
		}
	}
	return names
}

// trains reports whether a detector trains students.
func (r auditReport) trains(detector string) bool {
	return slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.Detector == detector && f.Replicates != nil })
}

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

// why returns the reasons for the verdict on trait t. That of a detected trait names its detectors,
// whose own first reasons say more.
func (r auditReport) why(t int) []string {
	if r.Traits[t].Verdict != audit.Detected {
		return r.reasons(t)
	}
	var reasons []string
	for _, f := range r.About(t) {
		if f.Verdict == audit.Detected && len(f.Reasons) > 0 {
			reasons = append(reasons, f.Detector+": "+f.Reasons[0])
		}
	}
	for _, reason := range r.reasons(t) {
		if !strings.HasPrefix(reason, "detected by ") {
			reasons = append(reasons, reason)
		}
	}
	return reasons
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
	}
	s = append(s, "The chance of a false detection in an audit of clean rows is at most "+percent(r.Design.Alpha)+", over "+plural(r.Design.Tests, "test")+".")
	for _, more := range []string{r.limit(), r.dose()} {
		if more != "" {
			s = append(s, more)
		}
	}
	return s
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

// checks returns one check for each trait.
func (r auditReport) checks() (checks []Check) {
	for t, trait := range r.Traits {
		c := Check{Name: trait.Trait, Outcome: trait.Verdict.String(), Tone: toneOf(trait.Verdict), Reasons: r.reasons(t), ID: "trait/" + trait.Trait}
		for _, f := range r.About(t) {
			c.Effects = append(c.Effects, effectText(f))
			for _, n := range []Number{
				{"effect", full(f.Effect.Mean)}, {"se", full(f.Effect.SE)}, {"interval_low", full(f.Interval.Low)}, {"interval_high", full(f.Interval.High)},
				{"interval_level", full(f.Interval.Level)}, {"p", full(f.P.P)}, {"p_adjusted", full(f.PAdjusted)}, {"tolerance", full(f.Tolerance)},
			} {
				c.Numbers = append(c.Numbers, Number{f.Detector + "." + n.Name, n.Value})
			}
			if p, tested := placeboP(f); tested {
				c.Numbers = append(c.Numbers, Number{f.Detector + ".p_placebos", full(p)})
			}
			c.Numbers = append(c.Numbers, Number{f.Detector + ".verdict", f.Verdict.String()}, Number{f.Detector + ".unit", f.Unit})
			if l := f.Limit; l != nil && l.Reached {
				c.Numbers = append(c.Numbers, Number{f.Detector + ".limit_of_detection", full(l.Dose)})
			}
			if s := f.RowScores; s != nil {
				for _, row := range s.Top {
					c.Rows = append(c.Rows, Row{row.Row.String(), row.Index, row.Score})
				}
			}
		}
		checks = append(checks, c)
	}
	return checks
}

// effectText returns the effect of a finding in one phrase, with its interval, also in odds where
// the effect is one of log-odds.
func effectText(f audit.Finding) string {
	text := f.Detector + ": effect " + signed(f.Effect.Mean) + " " + interval(f.Interval) + " " + f.Unit
	if odds := oddsText(f); odds != "" {
		text += ", " + odds
	}
	return text + ", adjusted p-value " + plain(f.PAdjusted)
}

// oddsText returns the factor by which the odds of the trait change, with its interval; "" on a
// scale that is not one of log-odds.
func oddsText(f audit.Finding) string {
	if f.Replicates == nil || f.Replicates.Scale != audit.Margin || f.Unit != audit.Margin.Unit() {
		return ""
	}
	text := "odds × " + odds(f.Effect.Mean)
	if i := f.Interval; math.Abs(i.Low) < unbounded && math.Abs(i.High) < unbounded {
		text += " [" + odds(i.Low) + ", " + odds(i.High) + "]"
	}
	return text
}

// odds returns a change of log-odds as a factor, with two decimals or three digits.
func odds(logit float64) string {
	switch v := math.Exp(logit); {
	case v < 0.1 || v >= 1000:
		return fmt.Sprintf("%.2g", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// traits returns the table of verdicts and the figures of effects.
func (r auditReport) traits() Section {
	s := Section{ID: "traits", Title: "Traits"}
	table := &Table{Caption: "What each detector measured", Header: []string{"trait", "verdict of the detector", "detector", "effect", "interval", "adjusted p", "limit of detection"}}
	for t, trait := range r.Traits {
		for _, f := range r.About(t) {
			limit := Cell{Text: "unknown"}
			if f.Limit != nil && f.Limit.Reached {
				limit = numberCell(percent(f.Limit.Dose), f.Limit.Dose)
			} else if f.Limit != nil {
				limit = plainCell("not reached")
			} else if f.Verdict == audit.Detected {
				limit = plainCell("not measured, because the trait was detected")
			}
			table.Rows = append(table.Rows, []Cell{
				plainCell(trait.Trait), toneCell(f.Verdict.String(), toneOf(f.Verdict)), plainCell(f.Detector),
				numberCell(signed(f.Effect.Mean), f.Effect.Mean), plainCell(interval(f.Interval)), numberCell(plain(f.PAdjusted), f.PAdjusted), limit,
			})
		}
	}
	verdicts := &Table{Caption: "The verdict on each trait", Header: []string{"trait", "verdict", "why"}, Sentences: true}
	for t, trait := range r.Traits {
		verdicts.Rows = append(verdicts.Rows, []Cell{plainCell(trait.Trait), toneCell(trait.Verdict.String(), toneOf(trait.Verdict)), listCell(r.why(t))})
	}
	s.Blocks = append(s.Blocks, Block{Table: verdicts})
	for _, d := range r.Detectors {
		s.Blocks = append(s.Blocks, r.effects(d.Name)...)
	}
	s.Blocks = append(s.Blocks, Block{Table: table})
	return s
}

// shownEffects is the largest number of traits in a figure of effects.
const shownEffects = 40

// effects returns the figures of the effects that a detector measured, one for each unit.
func (r auditReport) effects(detector string) (blocks []Block) {
	byUnit, units := map[string][]figure.Effect{}, []string{}
	for _, f := range r.ordered() {
		if f.Detector != detector {
			continue
		}
		e := figure.Effect{Name: f.Trait, Mean: f.Effect.Mean, Low: f.Interval.Low, High: f.Interval.High, Detected: f.Verdict == audit.Detected, Tolerance: f.Tolerance}
		if f.Placebos != nil {
			for _, p := range f.Placebos.Effects {
				e.Placebos = append(e.Placebos, p.Mean)
			}
		}
		if c := f.PositiveControl; c != nil {
			e.Positive = &c.Effect.Mean
		}
		if byUnit[f.Unit] == nil {
			units = append(units, f.Unit)
		}
		byUnit[f.Unit] = append(byUnit[f.Unit], e)
	}
	for _, unit := range units {
		rows := byUnit[unit]
		f := figure.Effects(unit, rows[:min(shownEffects, len(rows))])
		f.Title = "Effects by " + detector
		if len(rows) > shownEffects {
			f.Title += ", the traits with the smallest adjusted p-values"
		}
		var said []string
		for _, e := range rows[:min(3, len(rows))] {
			said = append(said, fmt.Sprintf("%s %s, interval %s", e.Name, signed(e.Mean), interval(audit.Interval{Low: e.Low, High: e.High})))
		}
		f.Description = "Suspect minus control in " + unit + ": " + strings.Join(said, "; ") + ". " + placebosText(rows) + "The table below holds all numbers."
		blocks = append(blocks, drawn(f))
	}
	return blocks
}

// placebosText says what the placebos of a figure are; "" if it has none.
func placebosText(rows []figure.Effect) string {
	if !slices.ContainsFunc(rows, func(e figure.Effect) bool { return len(e.Placebos) > 0 }) {
		return ""
	}
	return "Placebos show how far other values move, and none of them is a finding, wherever it lies. "
}

// ordered returns the findings, those with the smallest adjusted p-values first.
func (r auditReport) ordered() []audit.Finding {
	all := slices.Clone(r.Findings)
	slices.SortStableFunc(all, func(a, b audit.Finding) int { return cmp.Compare(a.PAdjusted, b.PAdjusted) })
	return all
}

// arms returns how suspect and control differ besides the trait.
func (r auditReport) arms() Section {
	s := Section{ID: "arms", Title: "The arms"}
	if c := r.Confounds; c != nil {
		table := &Table{Caption: "Differences that are no trait", Header: []string{"check", "result", "largest measure", "suspect", "control", "distance", "margin"}}
		for _, check := range c.Checks {
			result, tone := "agree", Undetected
			switch {
			case check.Differs && slices.Contains(c.Accepted, check.Name):
				result, tone = "differ, accepted", Inconclusive
			case check.Differs:
				result, tone = "differ", Detected
			}
			row := []Cell{plainCell(string(check.Name)), toneCell(result, tone)}
			if len(check.Measures) == 0 {
				row = append(row, plainCell("all rows are equal in it"), Cell{}, Cell{}, Cell{}, Cell{})
			} else {
				worst := check.Measures[0]
				for _, m := range check.Measures {
					if m.Distance-m.Chance-m.Margin > worst.Distance-worst.Chance-worst.Margin {
						worst = m
					}
				}
				row = append(row, plainCell(worst.Name+": "+worst.Value), numberCell(plain(worst.Suspect), worst.Suspect), numberCell(plain(worst.Control), worst.Control),
					numberCell(plain(worst.Distance), worst.Distance), numberCell(plain(worst.Margin), worst.Margin))
			}
			table.Rows = append(table.Rows, row)
		}
		s.Blocks = append(s.Blocks, Block{Table: table})
	}
	if len(r.Evidence) > 0 {
		table := &Table{Caption: "What tells the arms apart, whatever the trait", Header: []string{"detector", "result", "statement", "measure", "value", "p"}}
		for _, e := range r.Evidence {
			result, tone := "not told apart", Undetected
			if e.Differ {
				result, tone = "told apart", Inconclusive
			}
			table.Rows = append(table.Rows, []Cell{
				plainCell(e.Detector), toneCell(result, tone), plainCell(e.Statement), plainCell(e.Measure), numberCell(plain(e.Value), e.Value), numberCell(e.P.String(), e.P.P),
			})
		}
		s.Blocks = append(s.Blocks, Block{Table: table}, texts("That the arms can be told apart is evidence of a source, of a filter or of a trait. It is never a verdict."))
	}
	return s
}

// rows returns the suspect rows with the largest scores.
func (r auditReport) rows() Section {
	s := Section{ID: "rows", Title: "Rows"}
	table := &Table{Caption: "Suspect rows with the largest scores", Header: []string{"row", "score", "by", "trait", "row ID"}}
	add := func(detector, trait string, top []audit.RowScore) {
		for _, row := range top {
			table.Rows = append(table.Rows, []Cell{numberCell(strconv.Itoa(row.Index), float64(row.Index)), numberCell(signed(row.Score), row.Score), plainCell(detector), plainCell(trait), codeCell(row.Row.Short())})
		}
	}
	for _, f := range r.Findings {
		if f.RowScores != nil {
			add(f.Detector, f.Trait, f.RowScores.Top)
		}
	}
	for _, e := range r.Evidence {
		add(e.Detector, "any difference", e.Top)
	}
	if len(table.Rows) > 0 {
		s.Blocks = []Block{texts("Rows are counted from zero. The report holds their numbers and IDs and not their text. A high score of one row proves nothing about that row."), {Table: table}}
	}
	return s
}

// design returns the design and what it cost.
func (r auditReport) design() Section {
	d := r.Design
	looks := "one look at the end"
	if d.InterimEvery > 0 {
		looks = "an interim look every " + plural(d.InterimEvery, "replicate")
	}
	rows := [][2]string{
		{"suspect", dataText(r.Suspect)}, {"control", dataText(r.Control)},
		{"student", r.student()},
		{"replicates", count(d.Replicates) + " per arm, row plan " + string(d.Rows) + ", " + looks},
		{"error rate", "alpha " + plain(d.Alpha) + " over " + plural(d.Tests, "test")},
		{"dose", percent(d.Dose) + " positive-control rows must be found before a trait is undetected"},
		{"cluster field", d.ClusterBy},
		{"seed", strconv.FormatUint(d.Seed, 10)},
	}
	if d.Whole > 0 {
		rows = append(rows, [2]string{"students of all rows", count(d.Whole) + " per arm"})
	}
	c := r.Recipe
	cost := [][2]string{
		{"training", audit.TrainingText(c) + ", batches of " + count(c.BatchSize) + ", schedule " + string(c.Schedule)},
		{"engine", r.Engine},
	}
	for _, f := range r.Findings {
		if f.Replicates != nil {
			cost = append(cost, [2]string{"rows of a student", count(f.Replicates.RowsEach)})
			if w := f.Replicates.Whole; w != nil {
				cost = append(cost, [2]string{"rows of a student of all rows", count(w.Rows)})
			}
			break
		}
	}
	if r.Trainer != nil {
		cost = append(cost, [2]string{"trainer", strings.Join(r.Trainer.Command, " ")})
	}
	s := Section{ID: "design", Title: "Design", Blocks: []Block{pairs("What was compared, and how", rows...), pairs("What was computed", cost...)}}
	if r.Rendered != nil {
		s.Blocks = append(s.Blocks, pairs("The first row of each arm as the student sees it", [2]string{"suspect", r.Rendered.Suspect}, [2]string{"control", r.Rendered.Control}))
		if len(r.Rendered.Additions) > 0 {
			s.Blocks = append(s.Blocks, Block{Items: r.Rendered.Additions})
		}
	}
	return s
}

func dataText(d audit.DataInfo) string {
	rows := plural(d.Rows, "row")
	if d.Used > 0 {
		rows = count(d.Used) + " of " + rows
	}
	return d.Name + ", " + rows + ", digest " + d.Digest.Short()
}

func (r auditReport) student() string {
	if r.StudentName == "" {
		return "weights " + r.Student.Short()
	}
	return r.StudentName + ", weights " + r.Student.Short()
}

func (r auditReport) detectors() Section {
	table := &Table{Caption: "What each detector does and cannot see", Header: []string{"detector", "what it does", "observes", "cannot see", "can clear a trait"}}
	for _, d := range r.Detectors {
		clears := "no"
		if d.Clears {
			clears = "yes"
		}
		table.Rows = append(table.Rows, []Cell{plainCell(d.Name), plainCell(d.Doc), plainCell(d.Observes), plainCell(d.Limitations), plainCell(clears)})
	}
	return Section{ID: "detectors", Title: "Detectors", Blocks: []Block{{Table: table}}}
}

func (r auditReport) warnings() Section {
	s := Section{ID: "warnings", Title: "Warnings"}
	if len(r.Warnings) > 0 {
		s.Blocks = []Block{{Items: r.Warnings}}
	}
	return s
}

// provenance returns where the rows come from.
func (r auditReport) provenance() Section { return provenanceSection(r.Suspect, r.Control) }

func (r auditReport) identity() Section {
	return Section{ID: "identity", Title: "Identity", Blocks: []Block{pairs("What this page was made from",
		[2]string{"report", r.Digest.String()}, [2]string{"schema", r.Schema}, [2]string{"library version", r.Version},
		[2]string{"suspect rows", r.Suspect.Digest.String()}, [2]string{"control rows", r.Control.Digest.String()}, [2]string{"student weights", r.Student.String()}),
		texts("The digest shows that the report was not changed by accident. It is not a signature. Every number on this page stands in the report, rounded; scales of figures are drawn for the eye.")}}
}
