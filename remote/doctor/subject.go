package doctor

import (
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote"
)

// maxOthers is the largest number of other adapters with which an adapter is compared.
const maxOthers = 4

// Of returns the subject of a model of package remote, with its base model and the other adapters
// that the server lists. It is an error if the server scores nothing.
func Of(m undertone.Model) (Subject, error) {
	scorer, err := scorerOf(m)
	if err != nil {
		return Subject{}, err
	}
	if !scorer.TakesTokens() {
		return Subject{Text: scorer}, nil
	}
	server, listed := scorer.Server(), scorer.Listed()
	s := Subject{Scorer: scorer, Context: scorer.Context()}
	if listed.Parent == "" {
		return s, nil
	}
	base, err := other(server, listed.Parent)
	if err != nil {
		return s, err
	}
	s.Base = base
	if s.Mixed, err = other(server.Alone(), listed.Parent); err != nil {
		return s, err
	}
	for _, o := range server.Models() {
		if o.Parent != listed.Parent || o.ID == listed.ID || o.Root != "" && o.Root == listed.Root || len(s.Others) == maxOthers {
			continue
		}
		adapter, err := other(server, o.ID)
		if err != nil {
			return s, err
		}
		s.Others = append(s.Others, adapter)
	}
	return s, nil
}

// other returns another model of the server.
func other(s *remote.Server, name string) (*remote.Scorer, error) {
	m, err := s.Model(name)
	if err != nil {
		return nil, err
	}
	return scorerOf(m)
}

func scorerOf(m undertone.Model) (*remote.Scorer, error) {
	switch s := m.(type) {
	case *remote.Scorer:
		return s, nil
	case *remote.TracedScorer:
		return s.Scorer, nil
	}
	return nil, fmt.Errorf("doctor: the server of %s gives no log-probabilities of given text, so there is nothing to check", m.Name())
}
