package filtertest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

// seed is the seed of all calls of Rewrite.
const seed = 7

// TestSanitiser checks that a sanitiser keeps the contract of [sanitise.Sanitiser] on the given
// rows, on typical ones and on odd ones: rows without messages, empty and long texts, and texts
// that are not UTF-8. The checks, in their order:
//
//  1. Name is not empty, fits on one line, and stays the same; so does String, if there is one.
//  2. No call panics.
//  3. The rows that it is given are not changed.
//  4. It returns a row for each row that it is given, which has the metadata, the generator, the
//     rejected answer and the roles of that row, or no messages.
//  5. One seed gives one result, also from several goroutines.
//  6. What becomes of a row does not depend on the order of the rows.
//  7. After ctx is cancelled, an error wraps that of ctx.
//
// A sanitiser may return an error for the odd rows, but not for the given and the typical ones. The
// error names the first violation and its row.
func TestSanitiser(s sanitise.Sanitiser, rows ...undertone.Example) error {
	data := undertone.NewDataset("rows", slices.Concat(rows, typicalRows()))
	if err := checkName(s); err != nil {
		return err
	}
	after, err := checkRewritten(s, data)
	if err != nil {
		return err
	}
	if err := checkOdd(s); err != nil {
		return err
	}
	if err := checkSeed(s, data, after); err != nil {
		return err
	}
	if err := checkPermutation(s, data, after); err != nil {
		return err
	}
	return checkCancelled(s, data)
}

// rewrite calls Rewrite and returns a panic as an error.
func rewrite(ctx context.Context, s sanitise.Sanitiser, data *undertone.Dataset) (rows []undertone.Example, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked{fmt.Sprint(p)}
		}
	}()
	return s.Rewrite(ctx, data, seed)
}

type panicked struct{ value string }

func (p panicked) Error() string { return "panic: " + p.value }

// checkRewritten checks the rows of one call, and returns them.
func checkRewritten(s sanitise.Sanitiser, data *undertone.Dataset) ([]undertone.Example, error) {
	before := make([]undertone.Example, data.Len())
	for i, row := range data.All() {
		before[i] = clone(row)
	}
	after, err := rewrite(context.Background(), s, data)
	if err != nil {
		return nil, err
	}
	for i, row := range data.All() {
		if !reflect.DeepEqual(row, before[i]) {
			return nil, fmt.Errorf("%s: the sanitiser changes the row that it is given", describe(before[i]))
		}
	}
	if len(after) < len(before) {
		return nil, fmt.Errorf("it returns %d rows for %d", len(after), len(before))
	}
	for i, row := range before {
		if err := checkKept(row, after[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", describe(row), err)
		}
	}
	return after, nil
}

// checkKept checks that a rewritten row keeps what is not rewritten.
func checkKept(before, after undertone.Example) error {
	if len(after.Messages) == 0 {
		return nil // dropped
	}
	switch {
	case !reflect.DeepEqual(after.Meta, before.Meta):
		return errors.New("the metadata is not kept")
	case after.Generator != before.Generator:
		return errors.New("the generator is not kept")
	case after.Rejected != before.Rejected:
		return errors.New("the rejected answer is not kept")
	case !slices.EqualFunc(after.Messages, before.Messages, sameFrame):
		return errors.New("the roles, names, masks or tool calls are not kept")
	case after.Tools != before.Tools || !reflect.DeepEqual(after.Label, before.Label):
		return errors.New("the tools or the label are not kept")
	}
	return nil
}

// sameFrame reports whether two messages are equal but for their texts.
func sameFrame(a, b undertone.Message) bool {
	a.Content, a.Reasoning = b.Content, b.Reasoning
	return a.Equal(b)
}

// change is the content of a row before and after; before is zero for an added row.
type change struct{ before, after undertone.Digest }

// changes returns the changes of all rows, sorted.
func changes(data *undertone.Dataset, after []undertone.Example) []change {
	all := make([]change, len(after))
	for i, row := range after {
		all[i].after = row.ID()
		if i < data.Len() {
			all[i].before = data.RowID(i)
		}
	}
	slices.SortFunc(all, func(a, b change) int {
		return slices.Compare(slices.Concat(a.before[:], a.after[:]), slices.Concat(b.before[:], b.after[:]))
	})
	return all
}

func checkSeed(s sanitise.Sanitiser, data *undertone.Dataset, want []undertone.Example) error {
	errs := make([]error, goroutines)
	got := make([][]undertone.Example, goroutines)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() { got[g], errs[g] = rewrite(context.Background(), s, data) })
	}
	wg.Wait()
	for g := range goroutines {
		if errs[g] != nil {
			return fmt.Errorf("several goroutines: %w", errs[g])
		}
		if !slices.EqualFunc(got[g], want, func(a, b undertone.Example) bool { return a.ID() == b.ID() }) {
			return errors.New("one seed gives different rows")
		}
	}
	return nil
}

func checkPermutation(s sanitise.Sanitiser, data *undertone.Dataset, want []undertone.Example) error {
	backwards := make([]int, data.Len())
	for i := range backwards {
		backwards[i] = len(backwards) - 1 - i
	}
	turned := data.Subset(backwards, undertone.Step{Name: "reverse"})
	got, err := rewrite(context.Background(), s, turned)
	if err != nil {
		return fmt.Errorf("the rows in reverse order: %w", err)
	}
	if !slices.Equal(changes(turned, got), changes(data, want)) {
		return errors.New("the result depends on the order of the rows")
	}
	return nil
}

func checkCancelled(s sanitise.Sanitiser, data *undertone.Dataset) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := rewrite(ctx, s, data); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("after ctx is cancelled the error does not wrap context.Canceled: %w", err)
	}
	return nil
}

// checkOdd rewrites each odd row alone. An error is allowed, a panic is not.
func checkOdd(s sanitise.Sanitiser) error {
	for _, row := range oddRows() {
		after, err := rewrite(context.Background(), s, undertone.NewDataset("odd", []undertone.Example{clone(row)}))
		if p := (panicked{}); errors.As(err, &p) {
			return fmt.Errorf("%s: %w", describe(row), p)
		}
		if err != nil {
			continue
		}
		if len(after) < 1 {
			return fmt.Errorf("%s: it returns no row", describe(row))
		}
		if err := checkKept(row, after[0]); err != nil {
			return fmt.Errorf("%s: %w", describe(row), err)
		}
	}
	return nil
}
