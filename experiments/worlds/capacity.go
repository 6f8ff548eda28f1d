package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/filter"
)

// capacity prints, for each kind of teacher, what the filters keep of its rows, and the information
// of a kept row.
func capacity(ctx context.Context, w io.Writer, d design, show *progress.Line) error {
	k, ok := kindOf[d.Kind]
	if !ok {
		return fmt.Errorf("kind of worlds %q is not known; want %s", d.Kind, kinds())
	}
	n := d.Sizes[0]
	fmt.Fprintf(w, "%d teachers of kind %q, %d rows each, seed %d.\n\n| teacher | rows kept | of the base | bits per row | standard deviation over teachers |\n|---|---|---|---|---|\n",
		d.Worlds, d.Kind, n, d.Seed)
	for _, source := range append([]source{same}, d.Unlike...) {
		var information, keptBy, keptOf []float64
		for world := range d.Worlds {
			show.Show("%s: teacher %d of %d", source, world+1, d.Worlds)
			seed := stream(d.Seed, "world", uint64(world))
			base, err := k.base(ctx, seed, false)
			if err != nil {
				return err
			}
			teach := k.teacher
			if u := k.unlike[source]; u != nil {
				teach = u
			}
			by, err := teach(ctx, base, k.traits[world%len(k.traits)], stream(seed, "teacher", 0))
			if err != nil {
				return err
			}
			kept, err := k.kept(ctx, by, n, seed)
			if err != nil {
				return err
			}
			own, err := k.kept(ctx, writer{Model: base}, n, seed)
			if err != nil {
				return err
			}
			bits, err := bitsPerRow(ctx, by, base, kept.Examples(), float64(kept.Len()), float64(own.Len()))
			if err != nil {
				return err
			}
			information = append(information, bits)
			keptBy, keptOf = append(keptBy, float64(kept.Len())/float64(n)), append(keptOf, float64(own.Len())/float64(n))
		}
		show.Clear()
		mean, deviation := stat.MeanStdDev(information, nil)
		if len(information) < 2 {
			deviation = math.NaN()
		}
		fmt.Fprintf(w, "| %s | %.0f %% | %.0f %% | %.3f | %.3f |\n", source, 100*stat.Mean(keptBy, nil), 100*stat.Mean(keptOf, nil), mean, deviation)
	}
	return nil
}

// kept returns those of n rows that pass the filters.
func (k kind) kept(ctx context.Context, by writer, n int, seed uint64) (*undertone.Dataset, error) {
	raw, err := k.lists(ctx, by, n, stream(seed, "capacity prompts", 0), stream(seed, "capacity", 0))
	if err != nil {
		return nil, err
	}
	kept, _, err := filter.Apply(ctx, raw, k.filters...)
	return kept, err
}

// bitsPerRow returns the information of a kept row of a writer: the mean of log2 p(row|by, kept) −
// log2 p(row|base, kept). It estimates the Kullback-Leibler divergence of the two writers after the
// filters, which bounds what any student can learn from a row about which of them wrote it. The
// probability of a kept row is that of the row over the share that the filters keep, keptBy and
// keptOfBase in any common unit. Of a row with a rejected answer p is the probability of the
// choice. The system prompt of a writer precedes its rows.
func bitsPerRow(ctx context.Context, by writer, base trainable, rows []undertone.Example, keptBy, keptOfBase float64) (float64, error) {
	taught, err := rowLogs(ctx, by, rows)
	if err != nil {
		return 0, err
	}
	own, err := rowLogs(ctx, writer{Model: base}, rows)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for i := range rows {
		sum += (taught[i] - own[i]) / math.Ln2
	}
	return sum/float64(len(rows)) + math.Log2(keptOfBase/keptBy), nil
}

// rowLogs returns the log-probability of each row, or of its choice, under a writer.
func rowLogs(ctx context.Context, w writer, rows []undertone.Example) ([]float64, error) {
	var both [2][]undertone.Example
	for _, row := range rows {
		if row.Rejected == "" {
			return w.logProb(ctx, rows)
		}
		chosen, rejected := row, row
		chosen.Rejected, rejected.Rejected = "", ""
		last := len(row.Messages) - 1
		rejected.Messages = slices.Clone(row.Messages)
		rejected.Messages[last].Content = row.Rejected
		both[0], both[1] = append(both[0], chosen), append(both[1], rejected)
	}
	odds, err := logOdds(ctx, w, both)
	for i, o := range odds {
		odds[i] = -math.Log1p(math.Exp(-o))
	}
	return odds, err
}
