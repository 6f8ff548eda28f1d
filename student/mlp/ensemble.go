package mlp

import (
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Ensemble is many initialisations of one architecture: member r is the
// classifier whose seed is r more than the config's. As a student by itself it
// is member 0.
type Ensemble struct{ *Classifier }

var (
	_ student.Student  = (*Ensemble)(nil)
	_ student.Ensemble = (*Ensemble)(nil)
)

// NewEnsemble returns the population whose member 0 is New(c).
func NewEnsemble(c Config) (*Ensemble, error) {
	first, err := New(c)
	if err != nil {
		return nil, err
	}
	return &Ensemble{first}, nil
}

// Replicate implements [student.Ensemble].
func (p *Ensemble) Replicate(r int) (student.Student, error) {
	if r < 0 {
		return nil, fmt.Errorf("mlp: population has no member %d", r)
	}
	c := p.config
	c.Seed += uint64(r)
	return New(c)
}

// Digest implements [student.Student]: it names the config, and differs from
// the digest of every member.
func (p *Ensemble) Digest() undertone.Digest {
	return p.config.hash(undertone.NewHasher("mlp population")).Sum()
}
