package sampled

import (
	"context"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Student is a student whose answers are sampled. The optional interfaces that it implements are
// those of the student that it wraps: where that one has no engine name, no text of a row, no
// tokens to keep or nothing to close, the methods say so.
type Student struct {
	*Model
	inner  student.Student
	config Config // with the seed of all students
}

var (
	_ student.Student      = (*Student)(nil)
	_ student.Sampled      = (*Student)(nil)
	_ student.Engine       = (*Student)(nil)
	_ student.Renderer     = (*Student)(nil)
	_ student.Annotator    = (*Student)(nil)
	_ student.Closer       = (*Student)(nil)
	_ undertone.RowEncoder = (*Student)(nil)
	_ undertone.RowLimiter = (*Student)(nil)
)

// NewStudent returns a student that gives rates of answers, and so do the students that are trained
// from it. The student must be an [undertone.Model]. The result is a *[Student], or holds one if s
// is [student.ExternallyTrained] or an [student.Ensemble].
//
// The seeds of the samples depend on the digest of the student. Students with equal digests are
// sampled alike; all others are sampled independently, because random numbers that replicates share
// would shift all of their differences together.
func NewStudent(s student.Student, c Config) (student.Student, error) {
	sampled, err := newStudent(s, c)
	if err != nil {
		return nil, err
	}
	switch s := s.(type) {
	case student.ExternallyTrained:
		return &externallyTrained{sampled, s}, nil
	case student.Ensemble:
		return &ensemble{sampled, s}, nil
	}
	return sampled, nil
}

func newStudent(s student.Student, c Config) (*Student, error) {
	model, ok := s.(undertone.Model)
	if !ok {
		return nil, fmt.Errorf("sampled: student %T does not complete chats", s)
	}
	m, err := New(model, ForStudent(c, s))
	if err != nil {
		return nil, err
	}
	c.Samples, c.MaxTokens = m.config.Samples, m.config.MaxTokens
	return &Student{m, s, c}, nil
}

// ForStudent returns the configuration with a seed that depends on the digest of the student, too.
func ForStudent(c Config, s student.Student) Config {
	c.Seed = undertone.NewHasher("sampled student's seed").Uint(c.Seed).Digest(s.Digest()).Sum().Uint64()
	return c
}

// externallyTrained is a [Student] that a program of the user trains.
type externallyTrained struct {
	*Student
	student.ExternallyTrained
}

// ensemble is a [Student] with several initialisations.
type ensemble struct {
	*Student
	inner student.Ensemble
}

// Replicate implements [student.Ensemble].
func (e *ensemble) Replicate(r int) (student.Student, error) {
	replicate, err := e.inner.Replicate(r)
	if err != nil {
		return nil, err
	}
	return NewStudent(replicate, e.config)
}

// Train implements [student.Student].
func (s *Student) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	trained, err := s.inner.Train(ctx, data, recipe)
	if err != nil {
		return nil, err
	}
	wrapped, err := NewStudent(trained, s.config)
	if held, ok := trained.(student.Closer); ok && err != nil {
		err = errors.Join(err, held.Close())
	}
	return wrapped, err
}

// Digest implements [student.Student]. It covers how answers are sampled.
func (s *Student) Digest() undertone.Digest {
	return undertone.NewHasher("sampled student").Digest(s.inner.Digest()).Uint(uint64(s.config.Samples)).Uint(uint64(s.config.MaxTokens)).Uint(s.config.Seed).Sum()
}

// Samples implements [student.Sampled].
func (s *Student) Samples() int { return s.config.Samples }

// Engine implements [student.Engine].
func (s *Student) Engine() string {
	if e, ok := s.inner.(student.Engine); ok {
		return e.Engine()
	}
	return "unnamed"
}

// Render implements [student.Renderer].
func (s *Student) Render(row undertone.Example) (string, error) {
	if show, ok := s.inner.(student.Renderer); ok {
		return show.Render(row)
	}
	return "", fmt.Errorf("sampled: student %T does not show rows", s.inner)
}

// Additions implements [student.Annotator].
func (s *Student) Additions() func(undertone.Example) []student.Addition {
	if a, ok := s.inner.(student.Annotator); ok {
		return a.Additions()
	}
	return nil
}

// EncodeRows implements [undertone.RowEncoder].
func (s *Student) EncodeRows(ctx context.Context, rows undertone.Text) (undertone.Text, error) {
	if e, ok := s.inner.(undertone.RowEncoder); ok {
		return e.EncodeRows(ctx, rows)
	}
	return rows, ctx.Err()
}

// CountLongRows implements [undertone.RowLimiter].
func (s *Student) CountLongRows(ctx context.Context, rows undertone.Text) (undertone.LongRows, error) {
	if l, ok := s.inner.(undertone.RowLimiter); ok {
		return l.CountLongRows(ctx, rows)
	}
	return undertone.LongRows{}, ctx.Err()
}

// Close implements [student.Closer].
func (s *Student) Close() error {
	if held, ok := s.inner.(student.Closer); ok {
		return held.Close()
	}
	return nil
}
