package mlp

import (
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Ensemble is many initialisations of one architecture: replicate r is the classifier whose seed is
// that of the config plus r. As a student it trains replicate 0.
type Ensemble struct{ *Classifier }

var (
	_ student.Student  = (*Ensemble)(nil)
	_ student.Ensemble = (*Ensemble)(nil)
)

// NewEnsemble returns the ensemble whose replicate 0 is New(c).
func NewEnsemble(c Config) (*Ensemble, error) {
	first, err := New(c)
	if err != nil {
		return nil, err
	}
	return &Ensemble{first}, nil
}

// Replicate implements [student.Ensemble].
func (e *Ensemble) Replicate(r int) (student.Student, error) {
	if r < 0 {
		return nil, fmt.Errorf("mlp: replicate is %d, want 0 or more", r)
	}
	c := e.config
	c.Seed += uint64(r)
	return New(c)
}

// Digest implements [student.Student]: the digest of the config, which is not that of a replicate.
func (e *Ensemble) Digest() undertone.Digest {
	return e.config.hash(undertone.NewHasher("mlp population")).Sum()
}
