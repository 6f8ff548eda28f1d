package audit

import (
	"fmt"

	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/audit/stats"
)

// distributionShift compares the answer distributions of the students before and after training,
// and between the arms. The arguments hold the answers of the same replicates to the same probes.
func distributionShift(before, suspect, control []replicate.Answers, seed uint64) *DistributionShift {
	m := &DistributionShift{}
	n := len(suspect)
	rows := make([][]float64, n) // [replicate][all outcomes of all probes]: suspect minus control
	for r := range n {
		m.BeforeSuspect.Add(replicate.Diverge(before[r], suspect[r]), 1/float64(n))
		m.BeforeControl.Add(replicate.Diverge(before[r], control[r]), 1/float64(n))
		m.ControlSuspect.Add(replicate.Diverge(control[r], suspect[r]), 1/float64(n))
		for i := range suspect[r] {
			p, q := suspect[r].Distribution(i), control[r].Distribution(i)
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
	m.P = stats.SignFlipVector(rows, variation, stats.DefaultPermutations, seed)
	return m
}

// indirectAlpha is the level at which a shift of the answers to indirect probes gives a warning. No
// verdict rests on it, so it is not adjusted for several traits.
const indirectAlpha = 0.05

// indirectWarning returns the warning of a shift of indirect probes, or "".
func (m *DistributionShift) indirectWarning() string {
	if m.P.P > indirectAlpha {
		return ""
	}
	return fmt.Sprintf("indirect probes shifted (total variation %.3f, p %s): the rows change the student in a way that the direct probes may not show", m.TotalVariation, m.P)
}

// lines returns the shift for people, under a heading; nil if there is none.
func (m *DistributionShift) lines(heading string) [][2]string {
	if m == nil {
		return nil
	}
	return [][2]string{
		{heading, fmt.Sprintf("total variation between the arms %.3f, p %s", m.TotalVariation, m.P)},
		{"", "untrained → suspect " + divergenceText(m.BeforeSuspect)},
		{"", "untrained → control " + divergenceText(m.BeforeControl)},
		{"", "control → suspect   " + divergenceText(m.ControlSuspect)},
	}
}

func divergenceText(d stats.Divergences) string {
	return fmt.Sprintf("KL %.4f, JS %.4f, TV %.4f, Hellinger %.4f", d.KL, d.JensenShannon, d.TotalVariation, d.Hellinger)
}
