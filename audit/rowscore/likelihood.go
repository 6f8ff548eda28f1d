package rowscore

import (
	"context"

	"github.com/undertone-audit/undertone/audit"
)

// LikelihoodRatio returns the detector that computes for each row how much more likely a teacher
// with the trait is to write it than the untrained student: log p(row | surrogate) − log p(row |
// base), in nats. By the lemma of Neyman & Pearson (1933) no test has more power if the surrogate
// is the teacher. Nothing is trained on the rows themselves. The student must implement
// [undertone.LogProber].
func LikelihoodRatio(s Surrogates) audit.Detector {
	const name = "likelihood"
	scorers := func(pass *audit.Pass) (newScorer, error) {
		s, err := s.withDefaults()
		return func(t audit.Trait, c candidate) scorer { return s.scorer(pass, t, c) }, err
	}
	return audit.Detector{
		Name:        name,
		Doc:         "compares how likely surrogate teachers with the trait, and with its placebos, are to write the suspect and the control rows",
		Observes:    "rows that a teacher made from this base and with this trait would write",
		Limitations: "teachers from other bases, teachers unlike the surrogates, and whether a student would learn the trait",
		Requires: func(c audit.Config) error {
			if _, err := s.withDefaults(); err != nil {
				return err
			}
			if _, err := untrainedProber(c); err != nil {
				return err
			}
			return requireTextAndPlacebos(c)
		},
		Measure: func(ctx context.Context, pass *audit.Pass) ([]audit.Measurement, error) {
			of, err := scorers(pass)
			if err != nil {
				return nil, err
			}
			return measureAll(ctx, pass, name, of)
		},
		Judge: audit.JudgeRows,
		Rank: func(ctx context.Context, pass *audit.Pass, tokens int) ([]audit.Ranking, error) {
			of, err := scorers(pass)
			if err != nil {
				return nil, err
			}
			return rankAll(ctx, pass, name, of, tokens)
		},
	}
}
