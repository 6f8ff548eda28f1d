package audit

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

// Scored is the evidence of a detector that gives each row a score for the
// trait and for each of its siblings. From a row's score for the trait is taken what its scores for
// the siblings say: their mean or, where scores are log-likelihood ratios, what a
// regression predicts. What all of them share, such as the drift of any fine-tuning, cancels.
type Scored struct {
	Unit    string  `json:"unit"`    // of the scores
	Prompts int     `json:"prompts"` // that both arms answer; rows of other prompts are left out
	Suspect Scores  `json:"suspect"`
	Control Scores  `json:"control"`
	Sibling float64 `json:"p_siblings"` // of the effect as one more draw from the siblings' effects

	// Dose is the number of overt trait rows, with the drift of the siblings taken off,
	// that pull as hard as the suspect rows do beyond the control's; absent where the detector has none.
	Dose *Effect `json:"overt_equivalent_dose,omitempty"`

	Top []RowScore `json:"top"` // the suspect rows with the largest centred scores, largest first
}

// Scores sums up one arm's scores for the trait.
type Scores struct {
	Rows     int     `json:"rows"`
	Raw      float64 `json:"raw"`      // mean before centring
	Centred  float64 `json:"centred"`  // mean
	Positive float64 `json:"positive"` // share of rows whose centred score is above 0
	Sign     Sign    `json:"sign"`     // of the scores before centring
}

// Sign is the sign test of an arm against zero, which needs no other arm. Rows by the base itself have a negative mean of
// log-likelihood ratios, −KL(base‖stand-in), and a mean influence of zero; rows by a teacher like the stand-in have a positive one. Filters
// and the drift that all fine-tuning shares move the zero, so no verdict rests on it. The unit is the prompt.
type Sign struct {
	Prompts  int `json:"prompts"`  // whose rows' mean score is not 0
	Positive int `json:"positive"` // of these, above 0
	P        P   `json:"p"`        // exact, one-sided: more of them are above than below
}

// RowScore is one row's centred score.
type RowScore struct {
	Row   undertone.Digest `json:"row"`
	Index int              `json:"index"` // in the data set, from 0
	Score float64          `json:"score"`
}

// topRows is the number of rows that a finding names.
const topRows = 10

// scorer gives each row a score for one candidate: a weighted sum of the row's log-likelihoods
// under several models.
type scorer struct {
	unit string
	key  undertone.Digest // of all that the scores depend on beside the base and the rows; zero: they are not kept

	// terms hands on each model with its weight; a model of nil is the untrained student.
	terms func(ctx context.Context, add addTerm) error

	// overt says that scores add up over rows as their pull on the student does, so that those of
	// overt rows are a measure for them.
	overt bool

	// partial says that scores are log-likelihood ratios, for which [partial] is the right contrast;
	// otherwise they are [centred].
	partial bool
}

// addTerm is told of one term of a scorer's sum.
type addTerm func(weight float64, model undertone.LogProber) error

// scoring is the scores of the rows of the arms for a trait and its siblings.
type scoring struct {
	trait            Trait
	scorers          []scorer    // of the candidates, the trait first
	suspect, control [][]float64 // [candidates][rows]
	planted, overt   [][]float64 // nil if there are none
}

// judgeRows scores the rows of both arms, and those of the positive control, for every trait
// and its siblings, and returns one finding for each trait.
func (p *Pass) judgeRows(ctx context.Context, detector string, of func(Trait, candidate) scorer) ([]Finding, error) {
	findings := make([]Finding, len(p.Traits))
	done, total := 0, 0
	for _, trait := range p.Traits {
		total += len(trait.candidates())
	}
	for t, trait := range p.Traits {
		arms := []undertone.Text{p.Suspect.(undertone.Text), p.Control.(undertone.Text), trait.overt(trait.candidates()[0], len(trait.Probes))}
		if planted, ok := trait.PositiveControl.(undertone.Text); ok {
			arms = append(arms, planted)
		}
		s := scoring{trait: trait}
		for _, c := range trait.candidates() {
			scorer := of(trait, c)
			s.scorers = append(s.scorers, scorer)
			scores, err := p.lab.scores(ctx, scorer, arms)
			if err != nil {
				return nil, fmt.Errorf("scores for %.40q: %w", c.name, err)
			}
			s.suspect, s.control = append(s.suspect, scores[0]), append(s.control, scores[1])
			if scorer.overt {
				s.overt = append(s.overt, scores[2])
			}
			if len(scores) > 3 {
				s.planted = append(s.planted, scores[3])
			}
			p.lab.advance(detector, &done, total)
		}
		findings[t] = s.find(p, detector)
		findings[t].settle = func(_ context.Context, f *Finding) error {
			f.judgeScores(p.Alpha/float64(p.Tests), p.Alpha)
			return nil
		}
	}
	return findings, nil
}

// find turns scores into a finding without verdict.
func (s scoring) find(pass *Pass, detector string) Finding {
	apart, unit := centred(len(s.suspect)), s.scorers[0].unit
	if s.scorers[0].partial {
		apart = partial(s.suspect, s.control)
	}
	suspect, control := apart.of(s.suspect), apart.of(s.control)
	promptsS, promptsC := prompts(pass.Suspect), prompts(pass.Control)
	compare := func(c int, draws int) stats.Comparison {
		return stats.CompareStratified(suspect[c], control[c], promptsS, promptsC, 1-pass.Alpha, draws, pass.Seed)
	}
	own := compare(0, pass.permutations())
	sorted := ranked(pass.Suspect, suspect[0])
	pass.rankings = append(pass.rankings, Ranking{Detector: detector, Trait: s.trait.Name, Rows: sorted, by: attribution{s.scorers, apart.weights[0]}})
	f := Finding{
		Detector: detector, Trait: s.trait.Name, Measure: Measure(unit),
		Rows:     own.First,
		Effect:   Effect{own.Mean, own.SE, own.Low, own.High, 1 - pass.Alpha},
		P:        P(own.P),
		Placebos: &PlaceboRank{Rank: 1, Of: len(suspect)},
		Warnings: []string{},
	}
	f.Scored = &Scored{
		Unit: unit, Prompts: own.Strata,
		Suspect: scoresOf(s.suspect[0], suspect[0], promptsS), Control: scoresOf(s.control[0], control[0], promptsC),
		Sibling: 1, Top: sorted[:min(topRows, len(sorted))],
	}
	if own.Strata == 0 { // there is nothing to compare
		f.Effect, f.Placebos = Effect{Level: 1 - pass.Alpha}, nil
		return f
	}
	var siblings []float64
	for c, name := range s.trait.Placebos {
		e := compare(c+1, 0).Mean
		siblings = append(siblings, e/apart.unit[c+1])
		f.Placebos.Effects = append(f.Placebos.Effects, PlaceboEffect{name.Name, e})
		if e/apart.unit[c+1] > own.Mean/apart.unit[0] {
			f.Placebos.Rank++
		}
	}
	if s.planted != nil {
		f.Planted, f.Limit = s.plant(pass, apart, suspect, control)
	}
	f.Scored.Sibling = stats.PredictionTest(own.Mean/apart.unit[0], siblings)
	if s.overt != nil {
		f.Scored.Dose = dose(f.Effect, own.First, apart.of(s.overt)[0])
	}
	return f
}

// dose returns how many overt rows pull as hard as the given number of rows with an effect each.
func dose(e Effect, rows int, overt []float64) *Effect {
	mean := 0.0
	for _, v := range overt {
		mean += v / float64(len(overt))
	}
	scale := float64(rows) / mean
	if !(mean > 0) || math.IsInf(scale, 0) {
		return nil // overt rows do not pull towards the trait more than towards its siblings
	}
	return &Effect{scale * e.Mean, scale * e.SD, scale * e.Low, scale * e.High, e.Level}
}

// plant compares the planted rows with the control as find does the suspect's, and says how few of
// them would be found.
func (s scoring) plant(pass *Pass, apart contrast, suspect, control [][]float64) (*Planted, *Limit) {
	planted, effects := apart.of(s.planted), make([]float64, len(s.planted))
	promptsP, promptsS, promptsC := prompts(s.trait.PositiveControl), prompts(pass.Suspect), prompts(pass.Control)
	for c := range planted {
		effects[c] = stats.CompareStratified(planted[c], control[c], promptsP, promptsC, 1-pass.Alpha, 0, 0).Mean / apart.unit[c]
	}
	c := stats.CompareStratified(planted[0], control[0], promptsP, promptsC, 1-pass.Alpha, pass.permutations(), pass.Seed)
	if c.Strata == 0 {
		return nil, nil // no prompt in common: nothing is known
	}
	noise := stats.StratifiedNull(suspect, control, promptsS, promptsC, limitDraws, pass.Seed)
	for _, e := range noise {
		for c := range e {
			e[c] /= apart.unit[c]
		}
	}
	p := &Planted{
		Data:   note(s.trait.PositiveControl),
		Effect: Effect{c.Mean, c.SE, c.Low, c.High, 1 - pass.Alpha},
		P:      P(c.P),
		Found:  c.P.P*float64(pass.Tests) <= pass.Alpha && c.Mean > 0,
	}
	if len(noise) == 0 {
		return p, nil
	}
	return p, s.limit(pass, effects, noise)
}

// permutations is the number of random labellings of the test of scores: enough for the
// smallest p to be a tenth of the strictest level that Holm's adjustment can ask for, up to a million.
func (p *Pass) permutations() int {
	return int(min(stats.MaxPermutations, max(1999, math.Ceil(10*float64(p.Tests)/p.Alpha))))
}

// prompts returns a key of each row's prompt.
func prompts(data undertone.Data) []uint64 {
	keys := make([]uint64, data.Len())
	for i := range keys {
		keys[i] = data.GroupID(i).Uint64()
	}
	return keys
}

func scoresOf(raw, centred []float64, prompts []uint64) Scores {
	s := Scores{Rows: len(raw), Sign: signOf(raw, prompts)}
	for i := range raw {
		s.Raw += raw[i] / float64(len(raw))
		s.Centred += centred[i] / float64(len(raw))
		if centred[i] > 0 {
			s.Positive += 1 / float64(len(raw))
		}
	}
	return s
}

func signOf(scores []float64, prompts []uint64) Sign {
	sums := make(map[uint64]float64, len(scores))
	for i, score := range scores {
		sums[prompts[i]] += score
	}
	var s Sign
	for _, sum := range sums {
		if sum != 0 {
			s.Prompts++
		}
		if sum > 0 {
			s.Positive++
		}
	}
	s.P = P(stats.SignTest(s.Positive, s.Prompts))
	return s
}
