package external

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// scorer is what a model behind a server must do, so that an audit can ask it for probabilities.
type scorer interface {
	talker
	undertone.TokenLogProber
	undertone.ChoiceScorer
	student.Renderer
}

// talker is what a model behind a server must do, so that an audit can sample its answers.
type talker interface {
	undertone.Model
	undertone.BatchGenerator
	student.Engine
}

// Served is a model that Config.Open loads, such as one behind a server, and that a program of the
// user trains.
type Served struct {
	scorer
	*replicates
}

// Talking is a [Served] that completes chats and gives no log-probabilities. Package sampled counts
// its answers.
type Talking struct {
	talker
	*replicates
}

var (
	_ student.Student           = (*Served)(nil)
	_ student.ExternallyTrained = (*Served)(nil)
	_ student.Student           = (*Talking)(nil)
	_ student.ExternallyTrained = (*Talking)(nil)
	_ student.Closer            = handle{}
)

func newServed(r *replicates) (student.Student, error) {
	if r.cfg.BasePath == "" {
		return nil, fmt.Errorf("external: BasePath is not set, and the model %s is not in this process", r.cfg.Base.Name())
	}
	switch base := r.cfg.Base.(type) {
	case scorer:
		return &Served{base, r}, nil
	case talker:
		return &Talking{base, r}, nil
	}
	return nil, fmt.Errorf("external: the model %s does not complete chats in batches, or does not name what computes it", r.cfg.Base.Name())
}

// Digest implements [student.Student].
func (s *Served) Digest() undertone.Digest { return s.digest() }

// Digest implements [student.Student].
func (s *Talking) Digest() undertone.Digest { return s.digest() }

// Train implements [student.Student]: see [Student.Train]. The caller closes the trained student;
// see [student.Closer].
func (s *Served) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	m, h, err := trainServed[scorer](ctx, s.replicates, data, recipe, "give the log-probabilities of rows and answers, or does not show rows")
	if err != nil {
		return nil, err
	}
	return &servedTrained{m, h}, nil
}

// Train implements [student.Student]: see [Served.Train].
func (s *Talking) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	m, h, err := trainServed[talker](ctx, s.replicates, data, recipe, "complete chats in batches")
	if err != nil {
		return nil, err
	}
	return &talkingTrained{m, h}, nil
}

// trainServed trains a replicate and opens it as a model with the abilities M. able ends the error
// about a model without them.
func trainServed[M undertone.Model](ctx context.Context, r *replicates, data undertone.Data, recipe student.Recipe, able string) (m M, h handle, err error) {
	result, err := r.trainText(ctx, data, recipe, func(ctx context.Context, result Result) error {
		opened, closeModel, err := r.cfg.Open(ctx, result)
		if err != nil {
			return err
		}
		var ok bool
		if m, ok = opened.(M); !ok {
			err = fmt.Errorf("external: the model %s does not %s", opened.Name(), able)
			if closeModel != nil {
				_ = closeModel()
			}
		}
		h.release = closeModel
		return err
	})
	h.digest = undertone.NewHasher("served student").Digest(result.Weights).Sum()
	return m, h, err
}

// servedTrained is a trained student behind a server.
type servedTrained struct {
	scorer
	handle
}

// talkingTrained is a trained student behind a server that gives no log-probabilities.
type talkingTrained struct {
	talker
	handle
}

// handle is what holds a trained model behind a server.
type handle struct {
	digest  undertone.Digest
	release func() error // may be nil
}

// Digest implements [student.Student]: the digest of the files of the trained model.
func (h handle) Digest() undertone.Digest { return h.digest }

// Train implements [student.Student]: it returns an error.
func (handle) Train(context.Context, undertone.Data, student.Recipe) (student.Student, error) {
	return nil, errTrained
}

// Close implements [student.Closer].
func (h handle) Close() error {
	if h.release == nil {
		return nil
	}
	return h.release()
}
