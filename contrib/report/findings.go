package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/contrib/report/internal/figure"
)

// findings returns each finding in detail, what was detected first.
func (r auditReport) findings() Section {
	s := Section{ID: "findings", Title: "Findings"}
	all := r.ordered()
	slices.SortStableFunc(all, func(a, b audit.Finding) int {
		return cmp.Or(btoi(b.Verdict == audit.Detected)-btoi(a.Verdict == audit.Detected), btoi(b.Replicates != nil)-btoi(a.Replicates != nil))
	})
	for i, f := range all[:min(shownFindings, len(all))] {
		s.Blocks = append(s.Blocks, Block{Detail: &Detail{
			ID: fmt.Sprintf("finding-%d", i), Title: f.Trait + " by " + f.Detector, Outcome: f.Verdict.String(), Tone: toneOf(f.Verdict), Open: i == 0,
			Blocks: finding{f}.blocks(),
		}})
	}
	if left := len(all) - shownFindings; left > 0 {
		s.Blocks = append(s.Blocks, Block{Left: fmt.Sprintf("%d further findings are left out, so that the page stays small; the report holds all of them.", left)})
	}
	return s
}

// shownFindings is the largest number of findings that a page shows in detail.
const shownFindings = 120

// finding writes what a detector says about a trait.
type finding struct{ audit.Finding }

func (f finding) detected() bool { return f.Verdict == audit.Detected }

func (f finding) blocks() []Block {
	blocks := []Block{{Items: sentences(f.Reasons)}, f.numbers()}
	blocks = append(blocks, f.replicates()...)
	blocks = append(blocks, f.rowScores()...)
	blocks = append(blocks, f.placebos()...)
	if notes := slices.Concat(f.Caveats, f.Warnings); len(notes) > 0 {
		blocks = append(blocks, texts("What limits this finding:"), Block{Items: sentences(notes)})
	}
	return blocks
}

func sentences(reasons []string) []string {
	s := make([]string, len(reasons))
	for i, r := range reasons {
		s[i] = sentence(r)
	}
	return s
}

// effectOf names the students that give the effect where others give the p-value.
func (f finding) effectOf() string {
	if f.Replicates == nil || f.Replicates.Whole == nil {
		return ""
	}
	return ", " + f.sized()
}

// numbers returns the numbers of the verdict.
func (f finding) numbers() Block {
	of := [][2]string{
		{"effect", signed(f.Effect.Mean) + " " + f.Unit + f.effectOf()},
		{"interval", interval(f.Interval) + ", level " + percent(f.Interval.Level)},
	}
	of = append(of, pvalueRows(f.Finding)...)
	if f.Tolerance > 0 {
		of = append(of, [2]string{"tolerance", "±" + plain(f.Tolerance) + ", the smallest effect that matters"})
	}
	if p := f.Placebos; p != nil {
		of = append(of, [2]string{"placebos", fmt.Sprintf("the trait ranks %d of %d values", p.Rank, p.Of)})
	}
	if c := f.PositiveControl; c != nil {
		found := "not found"
		if f.PositiveControlFound {
			found = "found"
		}
		text := fmt.Sprintf("%s: effect %s", found, signed(c.Effect.Mean))
		if f.PositiveControlInterval != nil {
			text += " " + interval(*f.PositiveControlInterval)
		}
		if c.Dose > 0 {
			text += ", " + percent(c.Dose) + " of its rows"
		}
		of = append(of, [2]string{"positive control", text + ", " + dataText(c.Data)})
	}
	if l := f.Limit; l != nil {
		text := "not reached: " + powerText(l)
		if l.Reached {
			text = "a share of " + percent(l.Dose) + " positive-control rows is found with a power of " + percent(l.Power)
		}
		of = append(of, [2]string{"limit of detection", text + " (" + l.Method + ")"})
	}
	if r := f.Replicates; r != nil && r.Judge != nil {
		of = append(of, [2]string{"judge", r.Judge.Describe(f.Effect, f.Interval.Level)})
	}
	if f.Needed > 0 {
		unit := " rows"
		if f.Replicates != nil {
			unit = " students per arm"
		}
		of = append(of, [2]string{"needed", "at least " + count(f.Needed) + unit})
	}
	return pairs("Numbers of the verdict", of...)
}

// replicates returns what was measured on students.
func (f finding) replicates() []Block {
	r := f.Replicates
	if r == nil {
		return nil
	}
	blocks := append(f.chance(), f.placeboFigure()...)
	blocks = append(blocks, f.sight()...)
	series := []figure.Series{{Name: "part of the rows", Class: "effect", Values: r.Differences}}
	if len(r.Exchanged) > 0 || r.Whole == nil {
		series[0].Name = "students"
	}
	if r.Whole != nil {
		series = append(series, figure.Series{Name: "all rows", Class: "effect", Values: r.Whole.Differences})
	}
	if len(r.Exchanged) > 0 {
		series = append(series, figure.Series{Name: "exchanged rows", Class: "chance", Values: r.Exchanged})
	}
	if c := f.PositiveControl; c != nil && len(c.Differences) > 0 {
		series = append(series, figure.Series{Name: "positive control", Class: "positive", Values: c.Differences})
	}
	pairsOf := figure.Pairs("suspect minus control, "+f.Unit, f.Tolerance, series)
	pairsOf.Title = "Effect of each pair of students on " + f.Trait
	pairsOf.Description = "Each dot is one pair: the answer of a student that was trained on suspect rows minus that of its twin, which was trained on control rows."
	if r.Whole != nil {
		pairsOf.Description += " The effect is the mean over students of all rows; the p-value against chance is of students of a part of the rows."
	}
	if len(r.Exchanged) > 0 {
		pairsOf.Description += " Exchanged rows: rows of the arms were exchanged at random before the training, so that only chance is left."
	}
	blocks = append(blocks, drawn(pairsOf))
	return append(blocks, f.shifts()...)
}

// tested names the students that give the p-value.
func (f finding) tested() string {
	r := f.Replicates
	if r.Whole != nil || r.PartOnly {
		return "students of a part of the rows (" + count(r.RowsEach) + " each)"
	}
	return "students of all rows (" + count(r.RowsEach) + ")"
}

// sized names the students that give the effect.
func (f finding) sized() string {
	if w := f.Replicates.Whole; w != nil {
		return "students of all rows (" + count(w.Rows) + ")"
	}
	return f.tested()
}

// otherSize says that the effect of the verdict is not the mean of the students that give the
// p-value; "" if it is.
func (f finding) otherSize() string {
	if f.Replicates.Whole == nil {
		return ""
	}
	return "The effect of the verdict is that of " + f.sized() + ", and not the mean that is shown here. "
}

// ofPart says in a title that its numbers are not of the students that give the effect; "" if they
// are.
func (f finding) ofPart() string {
	if f.Replicates.Whole == nil {
		return ""
	}
	return ": " + f.tested()
}

// ofWhole names in a title the students that give the effect, where others give the p-value; "" if
// all numbers are of the same students.
func (f finding) ofWhole() string {
	if f.Replicates == nil || f.Replicates.Whole == nil {
		return ""
	}
	return ": " + f.sized()
}

// chance returns the null distribution of the statistic that the p-value tests.
func (f finding) chance() []Block {
	r := f.Replicates
	switch {
	case r.Interim:
		return []Block{texts("The design looks at its pairs while it trains. Its p-value is one over an e-value of " + plain(r.EValue) + ", which has no null distribution to draw.")}
	case len(r.Exchanged) > 0:
		c := figure.ChanceCurve("mean of the pairs, "+f.Unit, figure.Curve{SE: rootMeanSquare(r.Exchanged), DF: float64(len(r.Exchanged))}, mean(r.Differences), f.detected())
		c.Title = "What chance alone gives for " + f.Trait + f.ofPart()
		c.Description = f.otherSize() + "Student's t distribution of the mean over " + f.tested() + " after random exchanges of rows between the arms, and the observed mean. " + chanceP(f.Finding) + "."
		return []Block{drawn(c)}
	}
	c := figure.Chance("mean of the pairs, "+f.Unit, figure.SignFlips(r.Differences), mean(r.Differences), f.detected())
	c.Title = "What chance alone gives for " + f.Trait + f.ofPart()
	c.Description = f.otherSize() + "Histogram of the mean over pairs of " + f.tested() + " after their signs are flipped at random, and the observed mean: the share of the histogram at or above the observed mean is the p-value against chance. " + chanceP(f.Finding) + "."
	return []Block{drawn(c)}
}

// sight returns what the audit is able to see, if the report states a limit of detection.
func (f finding) sight() []Block {
	c, l := f.PositiveControl, f.Limit
	if c == nil || l == nil || len(c.Differences) < 2 {
		return nil
	}
	dose := c.Dose
	if dose == 0 {
		dose = 1
	}
	n := float64(len(c.Differences))
	se, df := deviation(c.Differences)/math.Sqrt(n), n-1
	if !(se > 0) {
		return nil
	}
	s := figure.Sight("effect, "+f.Unit, figure.Curve{SE: se, DF: df}, figure.Curve{Mean: l.Dose / dose * c.Effect.Mean, SE: se, DF: df}, f.Tolerance, f.Effect.Mean, f.detected())
	s.Title = "What the audit is able to see of " + f.Trait
	s.Description = "The effect that students of the positive control would show without the trait and at the limit of detection, by the spread of their pairs. At the limit, a share of " + percent(l.Dose) + " positive-control rows, " + f.Detector + " finds the trait with a power of "
	switch {
	case l.Reached:
		s.Description += percent(l.Power) + "."
	default:
		s.Description += percent(l.Full) + ", less than the " + percent(l.Power) + " that is asked for."
	}
	return []Block{drawn(s)}
}

// shifts returns the answers before and after training.
func (f finding) shifts() []Block {
	r := f.Replicates
	table := &Table{Caption: "The trait in the answers, before and after training: " + f.sized(), Header: []string{"scale", "untrained", "after suspect", "after control"}}
	var probabilities []figure.Answer
	for _, s := range []audit.Scale{audit.Margin, audit.Share, audit.Rate} {
		h, ok := r.Shifts[s]
		if !ok {
			continue
		}
		table.Rows = append(table.Rows, []Cell{plainCell(scaleText[s]), numberCell(measured(h.Before), h.Before), numberCell(measured(h.Suspect), h.Suspect), numberCell(measured(h.Control), h.Control)})
		if s != audit.Margin {
			probabilities = append(probabilities, figure.Answer{Name: scaleText[s], Before: h.Before, Suspect: h.Suspect, Control: h.Control})
		}
	}
	if len(table.Rows) == 0 {
		return nil
	}
	blocks := []Block{{Table: table}}
	if d := r.DistributionShift; d != nil && len(d.Answers) > 1 {
		blocks = append(blocks, f.answers(d.Answers)...)
	} else if len(probabilities) > 0 {
		a := figure.Answers("probability of the answer that expresses the trait", probabilities)
		a.Title = "The answer that expresses " + f.Trait + ", before and after training"
		a.Description = "Means over " + f.sized() + "; the table above holds the numbers."
		blocks = append(blocks, drawn(a))
	}
	shift := &Table{Caption: "Change of the whole answer distribution: " + f.tested(), Header: []string{"probes", "total variation between the arms", "p", "KL, untrained to suspect", "KL, untrained to control", "KL, control to suspect"}}
	for _, d := range []struct {
		name string
		of   *audit.DistributionShift
	}{{"of the trait", r.DistributionShift}, {"indirect", r.Indirect}} {
		if d.of != nil {
			kl := func(v float64) Cell { return numberCell(plain(v)+" nats", v) }
			shift.Rows = append(shift.Rows, []Cell{
				plainCell(d.name), numberCell(plain(d.of.TotalVariation), d.of.TotalVariation), numberCell(pvalue(d.of.P), d.of.P.P),
				kl(d.of.BeforeSuspect.KL), kl(d.of.BeforeControl.KL), kl(d.of.ControlSuspect.KL),
			})
		}
	}
	if len(shift.Rows) > 0 {
		blocks = append(blocks, Block{Table: shift})
	}
	return blocks
}

// answers returns the probability of each answer before and after training.
func (f finding) answers(of []audit.AnswerShift) []Block {
	table := &Table{Caption: "How probable each answer is: " + f.tested(), Header: []string{"answer", "untrained", "after suspect", "after control"}}
	var all []figure.Answer
	for _, a := range of {
		table.Rows = append(table.Rows, []Cell{plainCell(a.Outcome), numberCell(probability(a.Before), a.Before), numberCell(probability(a.Suspect), a.Suspect), numberCell(probability(a.Control), a.Control)})
		all = append(all, figure.Answer{Name: a.Outcome, Before: a.Before, Suspect: a.Suspect, Control: a.Control})
	}
	g := figure.Answers("probability among all answers", all)
	g.Title = "Answers to the probes of " + f.Trait + ", before and after training" + f.ofPart()
	g.Description = "Means over probes and replicates of " + f.tested() + ", which give the p-value against chance; the table below holds the numbers."
	if f.Replicates.Whole != nil {
		g.Description += " The table above is of " + f.sized() + ", so its shares differ."
	}
	return []Block{drawn(g), {Table: table}}
}

var scaleText = map[audit.Scale]string{
	audit.Margin: "log-probability minus the mean of those of the other answers, nats", audit.Share: "share among the outcomes", audit.Rate: "share among all answers",
}

// rowScores returns what was measured on rows.
func (f finding) rowScores() []Block {
	s := f.RowScores
	if s == nil {
		return nil
	}
	arms := &Table{Caption: "Scores of the rows", Header: []string{"arm", "rows", "mean, centred", "above zero", "mean before centring", "prompts above zero", "p of the sign test"}}
	for _, a := range []struct {
		name string
		of   audit.Scores
	}{{"suspect", s.Suspect}, {"control", s.Control}} {
		arms.Rows = append(arms.Rows, []Cell{
			plainCell(a.name), numberCell(count(a.of.Rows), float64(a.of.Rows)), numberCell(signed(a.of.Centred), a.of.Centred), numberCell(percent(a.of.Positive), a.of.Positive),
			numberCell(signed(a.of.Raw), a.of.Raw), plainCell(count(a.of.Sign.Positive) + " of " + count(a.of.Sign.Prompts)), numberCell(pvalue(a.of.Sign.P), a.of.Sign.P.P),
		})
	}
	more := []string{fmt.Sprintf("The arms share %s.", plural(s.Prompts, "prompt"))}
	if s.Kinds > 1 {
		more = append(more, fmt.Sprintf("The effect is the largest of %d kinds of surrogates: %s.", s.Kinds, s.Kind))
	}
	if d := s.OvertDose; d != nil {
		more = append(more, "The suspect rows have the influence of "+plain(d.Mean)+" overt rows.")
	}
	return append(f.histograms(), Block{Table: arms}, texts(strings.Join(more, " ")))
}

// histograms returns the null distribution of the effect and the scores of the arms.
func (f finding) histograms() (blocks []Block) {
	s := f.RowScores
	if len(s.NullQuantiles) > 1 {
		c := figure.ChanceQuantiles("effect, "+f.Unit, s.NullQuantiles, f.Effect.Mean, f.detected())
		c.Title = "What chance alone gives for " + f.Trait
		c.Description = "The effect after the arms are relabelled at random within prompts, each bar one twentieth of the relabellings, and the observed effect. " + chanceP(f.Finding) + "."
		blocks = append(blocks, drawn(c))
	}
	blocks = append(blocks, f.placeboFigure()...)
	arms := []figure.Series{{Name: "suspect", Class: "suspect", Values: s.Suspect.Quantiles}, {Name: "control", Class: "control", Values: s.Control.Quantiles}}
	if c := f.PositiveControl; c != nil {
		arms = append(arms, figure.Series{Name: "positive control", Class: "positive", Values: c.ScoreQuantiles})
	}
	arms = slices.DeleteFunc(arms, func(a figure.Series) bool { return len(a.Values) < 2 })
	if len(arms) > 0 {
		h := figure.Shares("centred score of a row", arms)
		h.Title = "Scores of single rows for " + f.Trait
		h.Description = "Each bar holds one twentieth of the rows; the outermost twentieths are left out. Where the arms overlap, a single row decides nothing: the verdict rests on their means."
		blocks = append(blocks, drawn(h))
	}
	return blocks
}

// placebos returns the effects of the placebos.
func (f finding) placebos() []Block {
	if f.Placebos == nil || len(f.Placebos.Effects) == 0 {
		return nil
	}
	table := &Table{Caption: "Placebos: the same measurement for other values of the kind" + f.ofWhole(), Header: []string{"value", "effect, " + f.Unit}}
	for _, p := range f.Placebos.Effects {
		table.Rows = append(table.Rows, []Cell{plainCell(p.Name), numberCell(signed(p.Mean), p.Mean)})
	}
	return []Block{{Table: table}}
}

func mean(x []float64) (m float64) {
	for _, v := range x {
		m += v / float64(len(x))
	}
	return m
}

func rootMeanSquare(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v * v / float64(len(x))
	}
	return math.Sqrt(s)
}

// deviation returns the standard deviation of a sample.
func deviation(x []float64) float64 {
	m, s := mean(x), 0.0
	for _, v := range x {
		s += (v - m) * (v - m) / float64(len(x)-1)
	}
	return math.Sqrt(s)
}
