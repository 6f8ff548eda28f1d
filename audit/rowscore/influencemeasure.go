package rowscore

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
)

// measure compares the arms by the centred scores of rows for the trait, and its effect with those
// of the placebos by the scores of groups.
func (i *influence) measure(ctx context.Context) (audit.Measurement, error) {
	of := i.scorer()
	overt := overtRows(i.trait, candidates(i.trait)[0], len(i.trait.Probes))
	data := []undertone.Text{i.pass.Suspect.(undertone.Text), i.pass.Control.(undertone.Text), overt}
	positive, ok := i.trait.PositiveControl.(undertone.Text)
	if ok {
		data = append(data, positive)
	}
	scores, err := of.scores(ctx, i.pass, data)
	if err != nil {
		return audit.Measurement{}, err
	}
	// The trait alone, whose scores are centred already.
	s := scoring{pass: i.pass, trait: i.trait}
	units := s.armUnits()
	suspect, control := scores[0], scores[1]
	own := units.compare(suspect, control, i.pass.Permutations, i.pass.Seed)
	sorted := ranked(i.pass.Suspect, suspect)
	differences := i.groups.differences(i.centring)
	effects, scale := sumsOf(differences), i.centring.scale[0]
	m := audit.Measurement{
		Unit: of.unit, Effect: estimate(own), P: own.P,
		Placebos: &audit.PlaceboRank{Rank: 1, Of: len(effects)},
		RowScores: &audit.RowMeasurement{
			Prompts: own.Strata, PPlacebo: stats.OutlierTest(effects[0], effects[1:]), Top: sorted[:min(topRows, len(sorted))],
			Suspect: summarise(suspect, suspect, units.suspect), Control: summarise(control, control, units.control),
			Clusters: own.Clusters, SmallestP: own.SmallestP,
			NullQuantiles: nullQuantiles(comparison{suspectBy: scores[:1], controlBy: scores[1:2]}, units, i.pass.Seed),
		},
		Warnings: []string{},
	}
	if own.Strata == 0 { // there is nothing to compare
		m.Effect, m.Placebos = audit.Estimate{}, nil
		return m, nil
	}
	for c, p := range i.trait.Placebos {
		m.Placebos.Effects = append(m.Placebos.Effects, audit.PlaceboEffect{Name: p.Name, Mean: effects[c+1] * scale})
		if effects[c+1] > effects[0] {
			m.Placebos.Rank++
		}
	}
	m.RowScores.OvertDose = overtDose(m.Effect, scores[2])
	if positive != nil {
		err = i.addPositiveControl(ctx, &m, s, scores[3], control, differences)
	}
	return m, err
}

// addPositiveControl compares the positive control with the control rows as measure does the
// suspect rows, and adds what the limit of detection is computed from.
func (i *influence) addPositiveControl(ctx context.Context, m *audit.Measurement, s scoring, positive, control []float64, differences [][]float64) error {
	against := armUnits{s.units(i.trait.PositiveControl), s.units(i.pass.Control)}
	own := against.compare(positive, control, i.pass.Permutations, i.pass.Seed)
	if own.Strata == 0 {
		return nil // no prompt in common: the positive control says nothing
	}
	groups, err := i.score(ctx, i.trait.PositiveControl, i.pass.Control)
	if err != nil {
		return fmt.Errorf("the positive control: %w", err)
	}
	m.PositiveControl = &audit.PositiveControl{
		Data: audit.DescribeData(i.trait.PositiveControl), Effect: estimate(own), P: own.P,
		Candidates: sumsOf(groups.differences(i.centring)), ScoreQuantiles: quantiles(positive, 1),
	}
	m.RowScores.Relabelled = relabelled(differences, limitDraws, i.pass.Seed)
	return nil
}

// rank orders the suspect rows by their centred scores, and scores the tokens of the first ones.
func (i *influence) rank(ctx context.Context, tokens int) (audit.Ranking, error) {
	of := i.scorer()
	suspect := i.pass.Suspect.(undertone.Text)
	scores, err := of.scores(ctx, i.pass, []undertone.Text{suspect})
	if err != nil {
		return audit.Ranking{}, err
	}
	r := audit.Ranking{Rows: ranked(suspect, scores[0])}
	if tokens == 0 {
		return r, nil
	}
	first := make([]int, min(tokens, len(r.Rows)))
	for j := range first {
		first[j] = r.Rows[j].Index
	}
	rows, ok := suspect.Select(first).(undertone.Text) // keeps encoded rows
	if !ok {
		return r, fmt.Errorf("data set %.80q: Select returns no rows of text", suspect.Name())
	}
	r.Tokens, err = attribution{i.pass, []scorer{of}, []float64{1}}.tokens(ctx, rows, i.finished)
	return r, err
}
