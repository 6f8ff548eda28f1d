package rowscore

import (
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/student"
)

// likelihood is a likelihood ratio of one surrogate per candidate, trained on two overt rows.
var likelihood = LikelihoodRatio(Surrogates{Count: 1, Rows: 2})

// byInfluence is influence with surrogates that are trained on two overt rows.
var byInfluence = Influence(Surrogates{Rows: 2})

// withSeed returns the student of package fake with the noise of another seed.
func withSeed(s student.Student, seed uint64) student.Student {
	f := s.(fake.Student)
	f.Seed = seed
	return f
}
