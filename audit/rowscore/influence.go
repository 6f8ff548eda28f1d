package rowscore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
)

// Influence returns the detector that computes for each row how far a small gradient step on it
// moves the student towards a surrogate teacher that has the trait: ⟨Δ, ∇ℓ(row)⟩. Δ is the
// displacement of the weights from the untrained student to the surrogate, and ℓ the log-likelihood
// of the row at the untrained student. If the teacher of the rows is at Δ, the mean over its rows
// is not negative (Cloud et al. 2025, theorem 1). The score is the first-order part of the
// log-likelihood ratio of the surrogate ([LikelihoodRatio]), which is its mean over the path from
// the student to the surrogate times the length of the path. Therefore scores are centred by
// regression on the scores for the placebos, as there.
//
// Scores are linear in Δ. One gradient for the rows of a group of prompts, in each arm, gives the
// scores of the group for all candidates: one backward pass over the rows, however many candidates
// there are. The effects of the trait and of its placebos, and the centring, are those of groups.
// The centred score of the trait is the derivative along one direction, a sum of displacements, and
// its central difference gives it for every row: two more scores per row. The test, the interval
// and the scores of rows are those of rows.
//
// Rows and Recipe of s say how surrogates are trained, one for each candidate, of the kind
// [Trained]. A student that has LoRA is taken as one without, if it has no more than 2·10⁷ weights.
// The student must implement [undertone.LogProber] and [student.Differentiable].
func Influence(s Surrogates) audit.Detector {
	const name = "influence"
	return audit.Detector{
		Name:        name,
		Doc:         "computes how far small gradient steps on the suspect and on the control rows go towards surrogate teachers with the trait, and with its placebos",
		Observes:    "rows that push the weights of this student towards those of a teacher with the trait, whoever wrote them",
		Limitations: "what training does beyond its first small steps, and teachers unlike the surrogates",
		Requires: func(c audit.Config) error {
			if _, err := s.withDefaults(); err != nil {
				return err
			}
			base, err := untrainedProber(c)
			if err != nil {
				return err
			}
			if _, ok := base.(student.Differentiable); !ok {
				return fmt.Errorf("student %T does not implement Differentiable", base)
			}
			return requireTextAndPlacebos(c)
		},
		Measure: func(ctx context.Context, pass *audit.Pass) ([]audit.Measurement, error) {
			measurements := make([]audit.Measurement, len(pass.Traits))
			err := eachInfluence(ctx, pass, name, s, func(t int, i *influence) error {
				var err error
				measurements[t], err = i.measure(ctx)
				return err
			})
			return measurements, err
		},
		Judge: audit.JudgeRows,
		Rank: func(ctx context.Context, pass *audit.Pass, tokens int) ([]audit.Ranking, error) {
			rankings := make([]audit.Ranking, len(pass.Traits))
			err := eachInfluence(ctx, pass, name, s, func(t int, i *influence) error {
				var err error
				rankings[t], err = i.rank(ctx, tokens)
				return err
			})
			return rankings, err
		},
	}
}

// influence scores rows for one trait.
type influence struct {
	pass       *audit.Pass
	trait      audit.Trait
	surrogates Surrogates // with defaults
	base       student.Student
	origin     differentiable
	key        undertone.Digest // of what the displacements depend on besides the untrained student
	finished   func()           // a part of the work

	displacements [][][]float32 // [candidate][tensor][weight]; nil until they are needed
	groups        groupScores   // of the suspect and the control rows
	centring      centring
}

// differentiable is a student at whose weights gradients are taken.
type differentiable interface {
	undertone.LogProber
	student.Student
	student.Differentiable
}

// maxWhole is the number of weights above which displacements are those of the weights that
// training changes: they are held for all candidates.
const maxWhole = 20_000_000

// eachInfluence passes the scores of the groups for each trait to use.
func eachInfluence(ctx context.Context, pass *audit.Pass, detector string, s Surrogates, use func(t int, i *influence) error) error {
	s, err := s.withDefaults()
	if err != nil {
		return err
	}
	base, err := pass.Untrained()
	if err != nil {
		return err
	}
	origin, err := inAllWeights(base)
	if err != nil {
		return err
	}
	total := 0
	for _, t := range pass.Traits {
		total += len(candidates(t)) + 1
	}
	finished := pass.Stage(detector, total)
	for t, trait := range pass.Traits {
		i := &influence{pass: pass, trait: trait, surrogates: s, base: base, origin: origin, finished: finished}
		i.surrogates.Recipe.Seed = undertone.NewHasher("stand-in seed").Uint(pass.Seed).Uint(0).Sum().Uint64()
		h := undertone.NewHasher("displacements").Digest(i.surrogates.Recipe.Digest())
		for _, c := range candidates(trait) {
			h.Digest(i.overt(c).Digest())
		}
		i.key = h.Sum()
		if i.groups, err = i.score(ctx, pass.Suspect, pass.Control); err == nil {
			i.centring = i.groups.centring()
			err = use(t, i)
		}
		if err != nil {
			return fmt.Errorf("trait %.40q: %w", trait.Name, err)
		}
		finished()
	}
	return nil
}

// overt returns the rows that the surrogate of a candidate is trained on.
func (i *influence) overt(c candidate) *undertone.Dataset {
	return overtRows(i.trait, c, i.surrogates.Rows)
}

// inAllWeights returns the student whose weights are displaced: without LoRA if it is small.
func inAllWeights(m student.Student) (differentiable, error) {
	sized, ok := m.(interface{ Parameters() int64 })
	if !ok || sized.Parameters() <= maxWhole {
		whole, err := unadapted(m)
		if err != nil {
			return nil, err
		}
		if whole != nil {
			m = whole
		}
	}
	d, ok := m.(differentiable)
	if !ok {
		return nil, fmt.Errorf("student %T does not implement LogProber and Differentiable", m)
	}
	return d, nil
}

// displaced returns the displacements of the candidates. It trains the surrogates when it is first
// called.
func (i *influence) displaced(ctx context.Context) ([][][]float32, error) {
	if i.displacements != nil {
		return i.displacements, nil
	}
	origin := i.origin.Weights()
	var all [][][]float32
	for _, c := range candidates(i.trait) {
		d, err := displacement(ctx, i.base, origin, i.overt(c), i.surrogates.Recipe)
		if err != nil {
			return nil, fmt.Errorf("surrogate for %.40q: %w", c.name, err)
		}
		all = append(all, d)
		i.finished()
	}
	i.displacements = all
	return all, nil
}

// displacement returns the weights of the base trained on overt rows, minus origin.
func displacement(ctx context.Context, base student.Student, origin [][]float32, overt *undertone.Dataset, recipe student.Recipe) ([][]float32, error) {
	trained, err := base.Train(ctx, overt, recipe)
	if err != nil {
		return nil, err
	}
	d, ok := trained.(student.Differentiable)
	if !ok {
		return nil, fmt.Errorf("student %T does not implement Differentiable after training", trained)
	}
	weights := d.Weights()
	if !sameShape(weights, origin) {
		whole, err := unadapted(trained)
		if err != nil {
			return nil, err
		}
		if d, ok := whole.(student.Differentiable); ok {
			weights = d.Weights()
		}
	}
	if !sameShape(weights, origin) {
		return nil, fmt.Errorf("student %T has other weights after training", trained)
	}
	for t := range weights {
		for j := range weights[t] {
			weights[t][j] -= origin[t][j]
		}
	}
	return weights, nil
}

func sameShape(a, b [][]float32) bool {
	return slices.EqualFunc(a, b, func(a, b []float32) bool { return len(a) == len(b) })
}

// score returns the scores of the groups of two arms. It takes them from the store if they are
// there.
func (i *influence) score(ctx context.Context, first, second undertone.Data) (groupScores, error) {
	of, against := pairedGroups(first, second, len(candidates(i.trait)))
	other, err := rowKey(i.pass, "rows of the other arm", second.(undertone.Text))
	if err != nil {
		return groupScores{}, err
	}
	key, err := rowKey(i.pass, "group scores", first.(undertone.Text), i.key, other)
	if err != nil {
		return groupScores{}, err
	}
	validate := func(g groupScores) error { return g.check(len(candidates(i.trait)), len(of)) }
	return audit.Cached(i.pass, key, "scores of these groups", validate, func() (g groupScores, err error) {
		directions, err := i.displaced(ctx)
		if err != nil {
			return g, err
		}
		for _, group := range of {
			g.Pairs = append(g.Pairs, len(group))
		}
		if g.Suspect, err = derivatives(ctx, i.origin, first, of, directions); err == nil {
			g.Control, err = derivatives(ctx, i.origin, second, against, directions)
		}
		return g, err
	})
}

// stepShare is the length of the step of the central difference as a share of the displacement of
// the trait.
const stepShare = 0.1

// scorer returns the scorer of rows for the trait, whose scores are centred.
func (i *influence) scorer() scorer {
	key := undertone.NewHasher("centred influence").Digest(i.key)
	for _, w := range i.centring.weights[0] {
		key.Float(w)
	}
	return scorer{
		unit: "nats per row, to first order", key: key.Sum(), measuresOvert: true,
		terms: func(ctx context.Context, add addTerm) error {
			direction, step, err := i.direction(ctx)
			if err != nil {
				return err
			}
			for _, sign := range []float64{1, -1} {
				delta := make([][]float32, len(direction))
				for t, weights := range direction {
					delta[t] = make([]float32, len(weights))
					for j, v := range weights {
						delta[t][j] = float32(sign * step * float64(v))
					}
				}
				stepped, err := i.origin.Add(delta)
				if err != nil {
					return err
				}
				model, ok := stepped.(undertone.LogProber)
				if !ok {
					return fmt.Errorf("student %T does not implement LogProber after a step", stepped)
				}
				if err := add(sign/(2*step), model); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// direction returns the displacement of the trait minus what those of the placebos predict, and the
// step along it.
func (i *influence) direction(ctx context.Context) (direction [][]float32, step float64, err error) {
	all, err := i.displaced(ctx)
	if err != nil {
		return nil, 0, err
	}
	along, own := 0.0, 0.0 // squared lengths
	for t, weights := range all[0] {
		d := make([]float32, len(weights))
		for j, v := range weights {
			sum := 0.0
			for c := range all {
				sum += i.centring.weights[0][c] * float64(all[c][t][j])
			}
			d[j] = float32(sum)
			along += sum * sum
			own += float64(v) * float64(v)
		}
		direction = append(direction, d)
	}
	if step = stepShare * math.Sqrt(own/along); !(step > 0) || math.IsInf(step, 0) {
		return nil, 0, errors.New("surrogates have the same weights as the untrained student or as each other: train them for longer")
	}
	return direction, step, nil
}
