package rowscore

import (
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
)

// LikelihoodRatio returns the detector that computes for each row how much more likely a teacher
// with the trait is to write it than the untrained student: log p(row | surrogate) − log p(row |
// base), in nats. By the lemma of Neyman & Pearson (1933) no test has more power if the surrogate
// is the teacher. Nothing is trained on the rows themselves. The student must implement
// [undertone.LogProber].
//
// The teacher is unknown, so the alternative is composite: teachers of several kinds
// ([Surrogates.Kinds]). For each kind the scores are centred and the arms compared. The effect of a
// candidate is the largest over kinds, in standard deviations of the centred scores, for the trait
// as for each placebo, so that the test against the placebos and the rank hold for the maximum. The
// effect, its interval and the scores of rows are those of the kind with the largest effect of the
// trait, and its p-value is multiplied by the number of kinds (Bonferroni). A maximum loses little
// power against one kind, and an average over kinds would mix the matching one with others.
func LikelihoodRatio(s Surrogates) audit.Detector {
	const name = "likelihood"
	scorers := func(pass *audit.Pass) (newScorer, error) {
		s, err := s.withDefaults()
		if err != nil {
			return nil, err
		}
		base, err := pass.Untrained()
		if err != nil {
			return nil, err
		}
		kinds, err := s.kinds(base)
		return func(t audit.Trait, c candidate) []scorer {
			list := make([]scorer, len(kinds))
			for k, kind := range kinds {
				list[k] = s.scorer(pass, t, c, kind)
			}
			return list
		}, err
	}
	return audit.Detector{
		Name:        name,
		Doc:         "compares how likely surrogate teachers with the trait, and with its placebos, are to write the suspect and the control rows",
		Observes:    "rows that a teacher made from this base and with this trait would write",
		Limitations: "teachers from other bases, teachers unlike the surrogates, and whether a student would learn the trait",
		Requires: func(c audit.Config) error {
			s, err := s.withDefaults()
			if err != nil {
				return err
			}
			base, err := untrainedProber(c)
			if err != nil {
				return err
			}
			if own, ok := base.(student.Student); ok {
				if _, err := s.kinds(own); err != nil {
					return err
				}
			}
			return requireTextAndPlacebos(c)
		},
		Measure: measureBy(name, scorers),
		Judge:   audit.JudgeRows,
		Rank:    rankBy(name, scorers),
	}
}
