package evidence

import (
	"fmt"
	"time"

	"github.com/undertone-audit/undertone/provenance/intoto"
)

// Validity says when a statement was signed and until when it is valid. It is kept in the
// annotations of the first subject, because no predicate has a place for it.
type Validity struct {
	SignedAt time.Time // zero: unknown
	Expires  time.Time // zero: never
}

// The annotations of the first subject.
const (
	signedAt = "undertone.signedAt"
	expires  = "undertone.expires"
)

// Annotate adds the validity to a statement. Times are kept in seconds.
func (v Validity) Annotate(s *intoto.Statement) {
	notes := map[string]any{}
	for name, value := range s.Subject[0].Annotations {
		notes[name] = value
	}
	for name, t := range map[string]time.Time{signedAt: v.SignedAt, expires: v.Expires} {
		if !t.IsZero() {
			notes[name] = t.UTC().Format(time.RFC3339)
		}
	}
	s.Subject[0].Annotations = notes
}

// validityOf returns the validity of a statement.
func validityOf(s *intoto.Statement) (v Validity, err error) {
	for name, into := range map[string]*time.Time{signedAt: &v.SignedAt, expires: &v.Expires} {
		value, there := s.Subject[0].Annotations[name]
		if !there {
			continue
		}
		text, _ := value.(string)
		if *into, err = time.Parse(time.RFC3339, text); err != nil {
			return v, fmt.Errorf("the annotation %s is %.80q, want a time such as 2026-11-27T10:00:00Z", name, fmt.Sprint(value))
		}
	}
	return v, nil
}

// clockTolerance is by how much the clock of a signer may be ahead.
const clockTolerance = 5 * time.Minute

// check returns an error if a statement is not valid at a time.
func (v Validity) check(now time.Time) error {
	switch {
	case !v.Expires.IsZero() && !now.Before(v.Expires):
		return fmt.Errorf("it expired on %s; ask for a new one", v.Expires.UTC().Format(time.RFC3339))
	case v.SignedAt.After(now.Add(clockTolerance)):
		return fmt.Errorf("it says that it was signed on %s, which is in the future", v.SignedAt.UTC().Format(time.RFC3339))
	}
	return nil
}
