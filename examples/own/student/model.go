package student

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Name implements [undertone.Model].
func (b *Bigram) Name() string { return "bigram" }

// Digest implements [student.Student].
func (b *Bigram) Digest() undertone.Digest {
	h := undertone.NewHasher("bigram")
	for _, row := range b.counts {
		for _, n := range row {
			h.Float(n)
		}
	}
	return h.Sum()
}

// distribution returns the probabilities of the next symbol, with add-one smoothing.
func (b *Bigram) distribution(before int) []float64 {
	p := slices.Clone(b.counts[before][:])
	total := 0.0
	for next := range p {
		p[next]++
		total += p[next]
	}
	for next := range p {
		p[next] /= total
	}
	return p
}

// Generate implements [undertone.Model]. A token is a byte (default 256 bytes at most).
func (b *Bigram) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	rng := rand.New(rand.NewPCG(r.Seed, 0))
	var text []byte
	for at := end; len(text) < cmp.Or(r.MaxTokens, 256); text = append(text, byte(at)) {
		p := b.distribution(at)
		at = slices.Index(p, slices.Max(p))
		if r.Temperature > 0 {
			at = sample(p, 1/r.Temperature, rng)
		}
		if at == end {
			return undertone.Response{Text: string(text)}, ctx.Err()
		}
	}
	return undertone.Response{Text: string(text), Truncated: true}, ctx.Err()
}
