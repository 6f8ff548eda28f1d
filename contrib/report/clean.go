package report

import (
	"fmt"
	"strconv"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/clean"
	"github.com/undertone-audit/undertone/contrib/report/internal/figure"
)

// cleanPage returns the page of a dose–response table.
func cleanPage(r *clean.DoseResponse) *Page {
	c := cleanReport{r}
	return &Page{
		Kind: "clean", Schema: r.Schema, Version: r.Version, Digest: r.Digest.String(), Subject: r.Suspect.Name,
		Question: "Does “" + shortName(r.Suspect.Name) + "” lose the trait “" + shortName(r.Trait) + "” when the most suspicious " + r.Unit + " are removed?",
		Outcome:  c.last().Verdict.String(), Tone: toneOf(c.last().Verdict), Sentence: c.sentence(), Sure: c.sure(),
		Unseen: []string{
			"Each step is one audit of several, and its verdict promises nothing about the rows that remain.",
			"The effect of the detector that chose what to remove falls in any case; the transfer detector shows whether the trait falls.",
			"Other traits were not looked at.",
		},
		Next: c.next(), Traits: []string{r.Trait}, Checks: c.checks(),
		Sections: nonEmpty(c.steps(), c.top(), c.design()),
	}
}

type cleanReport struct{ *clean.DoseResponse }

// last returns the step with the most removed.
func (r cleanReport) last() clean.Step {
	if len(r.Steps) == 0 {
		return clean.Step{}
	}
	return r.Steps[len(r.Steps)-1]
}

func (r cleanReport) sentence() string {
	for _, s := range r.Steps {
		if s.Verdict == audit.Undetected {
			if s.Share == 0 {
				return "The trait was not detected in the rows as they are."
			}
			return "Without " + percent(s.Share) + " of the " + r.Unit + ", the trait is undetected."
		}
	}
	if r.last().Verdict == audit.Detected {
		return "No. The trait is detected even without " + percent(r.last().Share) + " of the " + r.Unit + "."
	}
	return "The audits cannot tell whether the trait is gone."
}

func (r cleanReport) sure() (s []string) {
	for _, step := range r.Steps[:min(1, len(r.Steps))] {
		s = append(s, r.effects("As it is", step))
	}
	if len(r.Steps) > 1 {
		s = append(s, r.effects("Without "+percent(r.last().Share), r.last()))
	}
	return s
}

func (r cleanReport) effects(when string, step clean.Step) string {
	text := when + ": " + step.Verdict.String()
	for _, f := range step.Findings {
		text += "; " + f.Detector + " " + signed(f.Effect.Mean) + " " + interval(f.Interval) + " " + f.Unit
	}
	return text + "."
}

func (r cleanReport) next() []string {
	if r.last().Verdict == audit.Detected {
		return []string{"Do not train on the rows, whatever was removed.", "Remove a larger share, or replace the source of the rows.", "Compare with a removal at random (undertone clean --random) before you read a fall of the effect as a cure."}
	}
	return []string{"Compare with a removal at random (undertone clean --random) before you read a fall of the effect as a cure.", "Audit the rows that remain with another seed before you train on them.", "Keep both reports with the data set."}
}

func (r cleanReport) checks() (checks []Check) {
	for _, s := range r.Steps {
		c := Check{Name: r.Trait + " without " + percent(s.Share) + " of the " + r.Unit, Outcome: s.Verdict.String(), Tone: toneOf(s.Verdict), ID: "share/" + full(s.Share)}
		c.Numbers = []Number{{"share", full(s.Share)}, {"removed", strconv.Itoa(s.Removed)}, {"replaced", strconv.Itoa(s.Replaced)}}
		for _, f := range s.Findings {
			c.Reasons = append(c.Reasons, f.Detector+" is "+f.Verdict.String())
			c.Effects = append(c.Effects, f.Detector+": effect "+signed(f.Effect.Mean)+" "+interval(f.Interval)+" "+f.Unit+", adjusted p-value "+plain(f.PAdjusted))
			c.Numbers = append(c.Numbers, Number{f.Detector + ".effect", full(f.Effect.Mean)}, Number{f.Detector + ".interval_low", full(f.Interval.Low)},
				Number{f.Detector + ".interval_high", full(f.Interval.High)}, Number{f.Detector + ".p_adjusted", full(f.PAdjusted)})
		}
		checks = append(checks, c)
	}
	return checks
}

func (r cleanReport) steps() Section {
	table := &Table{Caption: "The audit after each removal", Header: []string{"share removed", r.Unit + " removed", r.Unit + " replaced", "verdict", "detector", "effect", "interval", "adjusted p"}}
	type key struct{ detector, unit string }
	byDetector, order, tolerance := map[key][]figure.Dose{}, []key{}, map[key]float64{}
	for _, s := range r.Steps {
		for _, f := range s.Findings {
			table.Rows = append(table.Rows, []Cell{
				numberCell(percent(s.Share), s.Share), numberCell(count(s.Removed), float64(s.Removed)), numberCell(count(s.Replaced), float64(s.Replaced)),
				toneCell(f.Verdict.String(), toneOf(f.Verdict)), plainCell(f.Detector), numberCell(signed(f.Effect.Mean), f.Effect.Mean), plainCell(interval(f.Interval)), numberCell(plain(f.PAdjusted), f.PAdjusted),
			})
			k := key{f.Detector, f.Unit}
			if byDetector[k] == nil {
				order = append(order, k)
			}
			tolerance[k] = f.Tolerance
			byDetector[k] = append(byDetector[k], figure.Dose{Share: s.Share, Mean: f.Effect.Mean, Low: f.Interval.Low, High: f.Interval.High, Detected: f.Verdict == audit.Detected})
		}
	}
	s := Section{ID: "steps", Title: "Dose and response"}
	for _, k := range order {
		f := figure.DoseResponse(k.unit, tolerance[k], byDetector[k])
		f.Title = "Effect by " + k.detector + " after removal"
		f.Description = fmt.Sprintf("The effect at each share of the %s that was removed, with its interval. The table holds the numbers.", r.Unit)
		s.Blocks = append(s.Blocks, drawn(f))
	}
	s.Blocks = append(s.Blocks, Block{Table: table})
	for _, k := range order {
		if of := tolerance[k]; of > 0 {
			s.Blocks = append(s.Blocks, texts(fmt.Sprintf("The detector %s detects an effect of at least the tolerance, %s, whose adjusted p-value is at most alpha. It calls the trait undetected if the whole interval is within ±%s and a positive control was found. Everything else is inconclusive.", k.detector, plain(of), plain(of))))
		}
	}
	return s
}

func (r cleanReport) top() Section {
	s := Section{ID: "rows", Title: "Rows"}
	table := &Table{Caption: "Rows with the largest scores", Header: []string{"row", "score", "row ID"}}
	for _, row := range r.Top {
		table.Rows = append(table.Rows, []Cell{numberCell(strconv.Itoa(row.Index), float64(row.Index)), numberCell(signed(row.Score), row.Score), codeCell(row.Row.Short())})
	}
	if len(table.Rows) > 0 {
		s.Blocks = []Block{{Table: table}}
	}
	return s
}

func (r cleanReport) design() Section {
	return Section{ID: "design", Title: "Design", Blocks: []Block{pairs("What was removed",
		[2]string{"suspect", dataText(r.Suspect)}, [2]string{"control", dataText(r.Control)}, [2]string{"chosen by", r.By}, [2]string{"action", r.Action + " " + r.Unit},
		[2]string{"report", r.Digest.String()})}}
}
