// Package encoded keeps the encodings of rows beside the rows, so that training and scoring
// encode a row once.
package encoded

import (
	"context"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// An Encoder turns examples into values of type T. It must be safe for concurrent use.
type Encoder[T any] struct {
	Key    undertone.Digest                   // of everything that the values depend on besides the example
	Encode func(undertone.Example) (T, error) // returns the value of an example
}

// Keep returns text with the encoding of every row, or the error of a row that has none. Rows that
// cannot be read are an error of Keep. Text that already has the encodings of an encoder with this
// key is returned unchanged; encodings under other keys are kept as well. Keep returns ctx's error
// soon after ctx is done.
func (e Encoder[T]) Keep(ctx context.Context, text undertone.Text) (undertone.Text, error) {
	if e.kept(text) != nil {
		return text, ctx.Err()
	}
	results := make([]result[T], text.Len())
	shard.Each(len(results), func(i int) {
		if ctx.Err() == nil {
			results[i].value, results[i].err = e.encode(text, i)
		}
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := undertone.ReadErr(text); err != nil {
		return nil, err
	}
	return wrap(&rows[T]{text, e.Key, results}), nil
}

// Row returns the encoding of row i: the kept one where text has it, a new one otherwise. The
// caller must not modify a kept encoding.
func (e Encoder[T]) Row(text undertone.Text, i int) (T, error) {
	if results := e.kept(text); results != nil {
		return results[i].value, results[i].err
	}
	return e.encode(text, i)
}

func (e Encoder[T]) encode(text undertone.Text, i int) (value T, err error) {
	row, err := undertone.ReadExample(text, i)
	if err != nil {
		return value, err
	}
	return e.Encode(row)
}

// kept returns the results that text has under the encoder's key, or nil.
func (e Encoder[T]) kept(text undertone.Text) []result[T] {
	for {
		if k, ok := text.(keeper[T]); ok {
			if key, results := k.kept(); key == e.Key {
				return results
			}
		}
		w, ok := text.(wrapper)
		if !ok {
			return nil
		}
		text = w.unwrap()
	}
}

// keeper is text that keeps encodings of type T under a key.
type keeper[T any] interface {
	kept() (undertone.Digest, []result[T])
}

// wrapper is text that wraps other text, whatever the type of its encodings.
type wrapper interface{ unwrap() undertone.Text }

// result is the encoding of a row, or why it has none.
type result[T any] struct {
	value T
	err   error
}

// rows is text with the encoding of each row.
type rows[T any] struct {
	undertone.Text
	key     undertone.Digest
	results []result[T]
}

// wrap returns r, as an [undertone.Partitioner] if the text in it is one.
func wrap[T any](r *rows[T]) undertone.Text {
	if p, ok := r.Text.(undertone.Partitioner); ok {
		return parted[T]{r, p}
	}
	return r
}

func (r *rows[T]) unwrap() undertone.Text { return r.Text }

// Err implements [undertone.LazyData].
func (r *rows[T]) Err() error { return undertone.ReadErr(r.Text) }

func (r *rows[T]) kept() (undertone.Digest, []result[T]) { return r.key, r.results }

// Select implements [undertone.Data]; the selected rows keep their encodings.
func (r *rows[T]) Select(at []int) undertone.Data {
	data := r.Text.Select(at)
	text, ok := data.(undertone.Text)
	if !ok {
		return data
	}
	results := make([]result[T], len(at))
	for i, row := range at {
		results[i] = r.results[row]
	}
	return wrap(&rows[T]{text, r.key, results})
}

// parted is rows of text that divides itself. The parts are those of the text, without encodings.
type parted[T any] struct {
	*rows[T]
	undertone.Partitioner
}
