package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/internal/cache"
	"github.com/undertone-audit/undertone/provenance/lineage"
)

// Lineage states what is known of the relation of the student to the model that wrote the suspect
// rows. A shared base is the premise of transfer. The statement changes no verdict and clears
// nothing.
type Lineage struct {
	Generator string           `json:"generator"`        // name of the model; not part of the digest of a report
	Digest    undertone.Digest `json:"generator_digest"` // zero if the model has none
	Grade     lineage.Grade    `json:"grade"`
	Statement string           `json:"statement"`
}

// lineage compares the declared generator with the student; nil if none is declared.
func (c Config) lineage(ctx context.Context) (*Lineage, error) {
	if isNil(c.Generator) {
		return nil, nil
	}
	base, err := replicate.Untrained(c.Student, 0)
	if err != nil {
		return nil, err
	}
	s := lineage.Subject{ModelInfo: lineage.ModelInfo{Digest: base.Digest()}}
	if m, ok := base.(undertone.Model); ok {
		s = lineage.Of(m)
	}
	generator := lineage.Of(c.Generator)
	var key undertone.Digest
	if !generator.Digest.IsZero() && !s.Digest.IsZero() {
		key = undertone.NewHasher("lineage").Text(undertone.Version).Text(replicate.Engine(base)).Digest(generator.Digest).Digest(s.Digest).Sum()
	}
	found, err := cache.Value(c.cache(), key, "relation of generator and student", decodeLineage, func() (Lineage, error) {
		r, err := lineage.Compare(ctx, generator, s, lineage.Options{})
		if err != nil {
			return Lineage{}, fmt.Errorf("generator and student: %w", err)
		}
		return Lineage{Digest: generator.Digest, Grade: r.Grade, Statement: r.Statement}, nil
	})
	if err != nil {
		return nil, err
	}
	found.Generator = generator.Name
	return &found, nil
}

func decodeLineage(text []byte) (l Lineage, err error) {
	err = json.Unmarshal(text, &l)
	return l, err
}

// String returns the statement.
func (l *Lineage) String() string {
	if l == nil {
		return "generator and student: unknown: the generator was not given"
	}
	return fmt.Sprintf("generator (%s) and student: %s", l.Generator, l.Statement)
}
