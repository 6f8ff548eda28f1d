package audit

import (
	"fmt"

	"github.com/undertone-audit/undertone/audit/stats"
)

// DistributionShift describes how the whole distribution of answers moved, whichever outcome it favours.
type DistributionShift struct {
	BeforeSuspect  Divergences `json:"before_suspect"`  // means over replicates
	BeforeControl  Divergences `json:"before_control"`  //
	ControlSuspect Divergences `json:"control_suspect"` // within pairs

	// TotalVariation is that between the mean answers of the two arms, with the
	// sign-flip p-value of the null that the arms are exchangeable within pairs.
	TotalVariation float64 `json:"total_variation"`
	P              P       `json:"p"`
}

// moved compares the distributions of answers before and after, and between the arms.
func (e *experiment) moved(before, suspect, control []answers) *DistributionShift {
	m := &DistributionShift{}
	n := len(suspect)
	rows := make([][]float64, n) // differences between the arms, all probes' outcomes in one vector
	for r := range n {
		m.BeforeSuspect.add(diverge(before[r], suspect[r]), 1/float64(n))
		m.BeforeControl.add(diverge(before[r], control[r]), 1/float64(n))
		m.ControlSuspect.add(diverge(control[r], suspect[r]), 1/float64(n))
		for i := range suspect[r] {
			p, q := suspect[r].distribution(i), control[r].distribution(i)
			for j := range p {
				rows[r] = append(rows[r], p[j]-q[j])
			}
		}
	}
	scale := 0.5 / float64(n*len(suspect[0]))
	variation := func(sum []float64) float64 {
		var total float64
		for _, d := range sum {
			total += max(d, -d)
		}
		return scale * total
	}
	sum := make([]float64, len(rows[0]))
	for _, row := range rows {
		for j, d := range row {
			sum[j] += d
		}
	}
	m.TotalVariation = variation(sum)
	m.P = P(stats.SignFlipVector(rows, variation, stats.DefaultPermutations, e.Seed))
	return m
}

// drift warns of answers to indirect probes that moved apart. Of each trait's warning alpha is
// the chance where nothing differs; it is not corrected for several traits or looks, as no verdict rests on it.
func (f *Finding) drift(alpha float64) {
	if m := f.Indirect; m.P.P <= alpha {
		f.Warnings = append(f.Warnings, fmt.Sprintf("indirect: answers to probes that do not ask for the trait moved further from the control students' than chance would have it, total variation %.3f, p %s: the rows change the student in a way that probes for the trait need not show", m.TotalVariation, m.P))
	}
}

// lines returns the movement of the answers that the heading names; none if they were not asked for.
func (m *DistributionShift) lines(heading string) [][2]string {
	if m == nil {
		return nil
	}
	return [][2]string{
		{heading, fmt.Sprintf("total variation between the arms %.3f, p %s", m.TotalVariation, m.P)},
		{"", "before → suspect  " + m.BeforeSuspect.String()},
		{"", "before → control  " + m.BeforeControl.String()},
		{"", "control → suspect " + m.ControlSuspect.String()},
	}
}
