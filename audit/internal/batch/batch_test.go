package batch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone"
)

// numbered returns n rows. The completion of row i is i.
func numbered(n int) *undertone.Dataset {
	rows := make([]undertone.Example, n)
	for i := range rows {
		rows[i] = undertone.NewExample("", fmt.Sprint(i))
	}
	return undertone.NewDataset("numbers", rows)
}

// completions returns the completions of the rows [from, to).
func completions(_ context.Context, rows undertone.Text, from, to int) ([]string, error) {
	var all []string
	for i := from; i < to; i++ {
		all = append(all, rows.Example(i).Completion())
	}
	return all, nil
}

func TestValuesAreInTheOrderOfTheRows(t *testing.T) {
	for _, n := range []int{0, 1, Size - 1, Size, Size + 1, 3*Size + 7} {
		rows := numbered(n)
		want, _ := completions(t.Context(), rows, 0, n)
		for _, parallel := range []int{1, 2, 8} {
			got, err := Rows(t.Context(), parallel, rows, completions)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%d rows, %d at once: error %v, or values in another order", n, parallel, err)
			}
			got, err = Examples(t.Context(), parallel, rows, func(_ context.Context, some []undertone.Example) ([]string, error) {
				var all []string
				for _, row := range some {
					all = append(all, row.Completion())
				}
				return all, nil
			})
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%d examples, %d at once: error %v, or values in another order", n, parallel, err)
			}
		}
	}
}

func TestBatches(t *testing.T) {
	var mu sync.Mutex
	var batches [][2]int
	at, most := 0, 0
	_, err := Rows(t.Context(), 2, numbered(4*Size+5), func(ctx context.Context, rows undertone.Text, from, to int) ([]string, error) {
		mu.Lock()
		batches = append(batches, [2]int{from, to})
		at++
		most = max(most, at)
		mu.Unlock()
		defer func() { mu.Lock(); at--; mu.Unlock() }()
		return completions(ctx, rows, from, to)
	})
	slices.SortFunc(batches, func(a, b [2]int) int { return a[0] - b[0] })
	want := [][2]int{{0, Size}, {Size, 2 * Size}, {2 * Size, 3 * Size}, {3 * Size, 4 * Size}, {4 * Size, 4*Size + 5}}
	if err != nil || !slices.Equal(batches, want) || most > 2 {
		t.Errorf("error %v, batches %v, want %v; %d at once, want at most 2", err, batches, want, most)
	}
}

func TestErrors(t *testing.T) {
	failed := errors.New("failed")
	for reason, c := range map[string]struct {
		score func(context.Context, undertone.Text, int, int) ([]string, error)
		want  string
	}{
		"a score fails": {func(ctx context.Context, rows undertone.Text, from, to int) ([]string, error) {
			if from == Size {
				return nil, failed
			}
			return completions(ctx, rows, from, to)
		}, fmt.Sprintf(`rows %d to %d of "numbers": failed`, Size, 2*Size-1)},
		"too few values": {func(ctx context.Context, rows undertone.Text, from, to int) ([]string, error) {
			return make([]string, min(to-from, 3)), nil
		}, fmt.Sprintf(`of "numbers": 3 scores for %d rows`, Size)},
		"too many values": {func(ctx context.Context, rows undertone.Text, from, to int) ([]string, error) {
			return make([]string, to-from+1), nil
		}, "scores for"},
	} {
		_, err := Rows(t.Context(), 1, numbered(2*Size+9), c.score)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", reason, err, c.want)
		}
		if strings.Contains(c.want, "failed") && !errors.Is(err, failed) {
			t.Errorf("%s: the error of the model is not wrapped", reason)
		}
	}
}

// No batch starts after an error or after the context is done.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := Rows(ctx, 1, numbered(9*Size), func(ctx context.Context, rows undertone.Text, from, to int) ([]string, error) {
		if calls++; calls == 3 {
			cancel()
		}
		return completions(ctx, rows, from, to)
	})
	if !errors.Is(err, context.Canceled) || calls != 3 {
		t.Errorf("error %v after %d batches, want context.Canceled after 3", err, calls)
	}
	calls = 0
	_, err = Rows(t.Context(), 1, numbered(9*Size), func(context.Context, undertone.Text, int, int) ([]string, error) {
		calls++
		return nil, errors.New("failed")
	})
	if err == nil || calls != 1 {
		t.Errorf("error %v after %d batches, want an error after 1", err, calls)
	}
}
