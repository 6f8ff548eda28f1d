package filtertest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// goroutines is the number of goroutines that use an implementation at a time.
const goroutines = 4

// TestFilter checks that a filter keeps the contract of [filter.Filter] on the given rows and on
// odd ones: rows without messages, empty and long texts, and texts that are not UTF-8. The checks,
// in their order:
//
//  1. Name is not empty, fits on one line, and stays the same; so does String, if there is one.
//  2. No call panics.
//  3. A row is not changed.
//  4. No reason is empty, is given twice for a row, or quotes the row.
//  5. The reasons for a row do not depend on the rows before it; the reasons that a
//     [filter.Starter] itself gives do not, either.
//  6. Calls from several goroutines give the same reasons.
//  7. Each run of a [filter.Starter] starts without memory: the first row of a run has the reasons
//     that the Starter gives for it, and two runs give the same reasons.
//
// The error names the first violation and its row.
func TestFilter(f filter.Filter, rows ...undertone.Example) error {
	rows = slices.Concat(rows, typicalRows(), oddRows())
	if err := checkName(f); err != nil {
		return err
	}
	reasons, err := checkRows(f, rows)
	if err != nil {
		return err
	}
	if err := checkOrder(f, rows, reasons); err != nil {
		return err
	}
	if err := checkConcurrency(f, rows, reasons); err != nil {
		return err
	}
	return checkRuns(f, rows, reasons)
}

// checkName checks what a filter or a sanitiser says about itself.
func checkName(f interface{ Name() string }) error {
	first := f.Name()
	switch {
	case strings.TrimSpace(first) == "":
		return errors.New("the name is empty")
	case !oneLine(first):
		return fmt.Errorf("the name %q is not one line of text", first)
	case f.Name() != first:
		return fmt.Errorf("the name changes from %q to %q", first, f.Name())
	}
	if s, ok := f.(fmt.Stringer); ok {
		if a, b := s.String(), s.String(); a != b {
			return fmt.Errorf("the result of String changes from %q to %q", a, b)
		}
	}
	return nil
}

func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// ask returns the reasons for a row, or the panic as an error.
func ask(f filter.Filter, row undertone.Example) (reasons []filter.Reason, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: panic: %v", describe(row), p)
		}
	}()
	return f.Reasons(row), nil
}

// checkRows checks what can be seen of one row alone, and returns the reasons for all rows.
func checkRows(f filter.Filter, rows []undertone.Example) ([][]filter.Reason, error) {
	all := make([][]filter.Reason, len(rows))
	for i, row := range rows {
		before := clone(row)
		reasons, err := ask(f, row)
		if err != nil {
			return nil, err
		}
		if !reflect.DeepEqual(row, before) {
			return nil, fmt.Errorf("%s: the filter changes the row", describe(before))
		}
		if err := checkReasons(reasons); err != nil {
			return nil, fmt.Errorf("%s: %w", describe(row), err)
		}
		all[i] = reasons
	}
	return all, nil
}

// checkReasons checks the reasons for a row.
func checkReasons(reasons []filter.Reason) error {
	for i, r := range reasons {
		switch {
		case strings.TrimSpace(string(r)) == "":
			return errors.New("a reason is empty")
		case !oneLine(string(r)):
			return fmt.Errorf("the reason %.100q is not one line of text", r)
		case strings.Contains(string(r), mark):
			return fmt.Errorf("the reason %.100q quotes the row", r)
		case slices.Contains(reasons[:i], r):
			return fmt.Errorf("the reason %q is given twice", r)
		}
	}
	return nil
}

// reasonsOf returns the reasons for all rows, in their order.
func reasonsOf(f filter.Filter, rows []undertone.Example) ([][]filter.Reason, error) {
	all := make([][]filter.Reason, len(rows))
	for i, row := range rows {
		var err error
		if all[i], err = ask(f, row); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func checkOrder(f filter.Filter, rows []undertone.Example, want [][]filter.Reason) error {
	backwards := slices.Clone(rows)
	slices.Reverse(backwards)
	got, err := reasonsOf(f, backwards)
	if err != nil {
		return err
	}
	slices.Reverse(got)
	return compare("the reasons depend on the rows before", rows, want, got)
}

func checkConcurrency(f filter.Filter, rows []undertone.Example, want [][]filter.Reason) error {
	got := make([][][]filter.Reason, goroutines)
	errs := make([]error, goroutines)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() { got[g], errs[g] = reasonsOf(f, rows) })
	}
	wg.Wait()
	for g := range goroutines {
		if errs[g] != nil {
			return fmt.Errorf("several goroutines: %w", errs[g])
		}
		if err := compare("the reasons differ between goroutines", rows, want, got[g]); err != nil {
			return err
		}
	}
	return nil
}

func checkRuns(f filter.Filter, rows []undertone.Example, want [][]filter.Reason) error {
	s, ok := f.(filter.Starter)
	if !ok {
		return nil
	}
	var runs [2][][]filter.Reason
	for k := range runs {
		var err error
		if runs[k], err = reasonsOf(s.Start(), rows); err != nil {
			return fmt.Errorf("a run: %w", err)
		}
	}
	for i := range rows[:firstRows] {
		first, err := ask(s.Start(), rows[i])
		if err != nil {
			return fmt.Errorf("the first row of a run: %w", err)
		}
		if err := compare("the first row of a run has other reasons than alone", rows[i:i+1], want[i:i+1], [][]filter.Reason{first}); err != nil {
			return err
		}
	}
	return compare("two runs give different reasons", rows, runs[0], runs[1])
}

// firstRows is the number of rows that are each the first of a run: a run may allocate much memory.
const firstRows = 5

// compare compares the reasons for rows. No reasons are no reasons, whether nil or empty.
func compare(what string, rows []undertone.Example, a, b [][]filter.Reason) error {
	for i := range rows {
		if !slices.Equal(a[i], b[i]) {
			return fmt.Errorf("%s: %s: %q and %q", describe(rows[i]), what, a[i], b[i])
		}
	}
	return nil
}
