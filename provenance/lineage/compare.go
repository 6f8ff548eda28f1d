package lineage

import (
	"context"
	"errors"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// Options configure a comparison. The zero value of a field means the stated default.
type Options struct {
	Prompts []string // that both models answer (default DefaultPrompts random prompts)

	// WithoutAnswers leaves the answers of the models out. Models are then never called matched or
	// unrelated.
	WithoutAnswers bool
}

// maxPrompts bounds the prompts of a comparison.
const maxPrompts = 100_000

// SharesBase returns the grade of two models and the reason in one sentence.
func SharesBase(ctx context.Context, a, b undertone.Model) (Grade, string, error) {
	r, err := Compare(ctx, Of(a), Of(b), Options{})
	if err != nil {
		return Unknown, "", err
	}
	return r.Grade, r.Statement, nil
}

// Compare compares two models. Evidence that is missing, or a test that cannot be made, is no error
// but part of the result. The error is that of ctx, of invalid options, or of weights that cannot
// be read. Weights and answers are not compared if the digests are equal.
//
// What a model declares can only raise the grade: a declared base that is shared counts as shared,
// and a declared base that differs counts as nothing.
func Compare(ctx context.Context, a, b Subject, o Options) (*Result, error) {
	if len(o.Prompts) > maxPrompts {
		return nil, fmt.Errorf("lineage: %d prompts, want at most %d", len(o.Prompts), maxPrompts)
	}
	r := &Result{Schema: Schema, Version: undertone.Version, A: a.ModelInfo, B: b.ModelInfo, Grade: Unknown, Evidence: []Evidence{}}
	if !a.known() || !b.known() {
		r.Statement = "unknown: a model was not given"
		return r, nil
	}
	if r.identity(a, b) {
		r.conclude()
		return r, nil
	}
	r.declared(a, b)
	r.headers(a, b)
	if err := r.weights(ctx, a, b); err != nil {
		return nil, fmt.Errorf("lineage: %w", err)
	}
	if err := r.behaviour(ctx, a, b, o); err != nil {
		return nil, fmt.Errorf("lineage: %w", err)
	}
	r.conclude()
	return r, nil
}

// identity compares digests and reports whether they settle the question.
func (r *Result) identity(a, b Subject) bool {
	switch {
	case equal(a.Digest, b.Digest):
		r.add(ByDigest, Shared, "both are the same model", "")
	case equal(a.ModelInfo.Weights, b.ModelInfo.Weights):
		r.add(ByDigest, Shared, "the weights of both are equal; an adapter or the settings differ", "")
	default:
		return false
	}
	return true
}

func equal(a, b undertone.Digest) bool { return !a.IsZero() && a == b }

// declared compares what the models declare of their bases.
func (r *Result) declared(a, b Subject) {
	switch {
	case equal(a.Lineage, b.ModelInfo.Weights):
		r.add(ByDeclaration, Shared, "the first declares the second as its base, by digest", "")
	case equal(b.Lineage, a.ModelInfo.Weights):
		r.add(ByDeclaration, Shared, "the second declares the first as its base, by digest", "")
	case equal(a.Lineage, b.Lineage):
		r.add(ByDeclaration, Shared, "both declare the same base, by digest", "")
	case adapterOf(a, b):
		r.add(ByDeclaration, Shared, "the first is an adapter that declares the second as its base", "")
	case adapterOf(b, a):
		r.add(ByDeclaration, Shared, "the second is an adapter that declares the first as its base", "")
	case a.Adapter != nil && b.Adapter != nil && a.Adapter.same(*b.Adapter):
		r.add(ByDeclaration, Shared, "both are adapters that declare the same base", "")
	}
}

// adapterOf reports whether a is an adapter that declares b as its base, by digest or by name.
func adapterOf(a, b Subject) bool {
	return a.Adapter != nil && a.Adapter.same(AdapterBase{b.Name, b.ModelInfo.Weights})
}

// same reports whether two bases are the same by digest or, if one has no digest, by the last part
// of their names.
func (a AdapterBase) same(b AdapterBase) bool {
	if !a.Digest.IsZero() && !b.Digest.IsZero() {
		return a.Digest == b.Digest
	}
	return a.Name != "" && lastPart(a.Name) == lastPart(b.Name)
}

// weights compares the weights, if both are known.
func (r *Result) weights(ctx context.Context, a, b Subject) error {
	if a.Weights == nil || b.Weights == nil {
		r.add(ByWeights, Unknown, "not compared: the weights of a model are not known", "")
		return nil
	}
	t, err := testWeights(ctx, a.Weights, b.Weights)
	if errors.As(err, new(incomparable)) {
		r.add(ByWeights, Unknown, "not compared: "+err.Error(), "")
		return nil
	}
	if err != nil {
		return err
	}
	r.Weights = t
	r.add(ByWeights, t.grade(), t.String(), weightNull)
	return nil
}

// behaviour compares the answers, if both models can be asked.
func (r *Result) behaviour(ctx context.Context, a, b Subject, o Options) error {
	switch {
	case o.WithoutAnswers:
		r.add(ByBehaviour, Unknown, "not compared, as requested", "")
		return nil
	case a.Model == nil || b.Model == nil:
		r.add(ByBehaviour, Unknown, "not compared: a model cannot be asked", "")
		return nil
	}
	prompts, from := o.Prompts, "prompts of the caller"
	if len(prompts) == 0 {
		prompts, from = randomPrompts(DefaultPrompts, a.Weights, b.Weights)
	}
	t, err := testBehaviour(ctx, a.Model, b.Model, prompts)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.add(ByBehaviour, Unknown, "not compared: "+err.Error(), "")
		return nil
	}
	t.From = from
	r.Behaviour = t
	r.add(ByBehaviour, t.grade(), t.String(), behaviourNull)
	return nil
}
