package audit

import (
	"cmp"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/cluster"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
)

var searchTime = flag.Duration("search", 0, "time of each search of TestAdversary; 0: a few seconds of candidates")
var searchSeed = flag.Uint64("search-seed", 1, "seed of the searches of TestAdversary")

// candidate is a suspect file of an adversary who knows the code, the control and the seed.
type candidate struct {
	rows []undertone.Example
	cfg  Config
}

// edit returns a copy of the rows with one change: rows left out, doubled, replaced by others of
// the pool, sorted, or left out of one of the parts that the file would be divided into.
func (c candidate) edit(rng *rand.Rand, pool []undertone.Example) []undertone.Example {
	rows := slices.Clone(c.rows)
	k := 1 + rng.IntN(1+len(rows)/8)
	switch rng.IntN(5) {
	case 0:
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		return rows[:len(rows)-min(k, len(rows)-100)]
	case 1:
		for range k {
			rows = append(rows, rows[rng.IntN(len(rows))])
		}
		return rows[:min(len(rows), 400)]
	case 2:
		for range k {
			rows[rng.IntN(len(rows))] = pool[rng.IntN(len(pool))]
		}
	case 3:
		slices.SortFunc(rows, func(a, b undertone.Example) int { return cmp.Compare(a.ID().Uint64(), b.ID().Uint64()) })
	case 4:
		data := undertone.NewDataset("suspect", rows)
		parts, err := replicate.Split(12, replicate.Salt(c.cfg.Seed, data, c.cfg.Control), cluster.Fields, data)
		if err != nil {
			return rows
		}
		thin := parts[0][rng.IntN(12)]
		drop := map[undertone.Digest]bool{}
		for i := range min(k, thin.Len()) {
			drop[thin.RowID(i)] = true
		}
		kept := slices.DeleteFunc(rows, func(e undertone.Example) bool { return drop[e.ID()] })
		if len(kept) >= 100 {
			return kept
		}
	}
	return rows
}

// TestAdversary searches for files that turn a verdict around: random edits, and edits that are
// kept if they bring the interval nearer to the wrong side. A file counts as wrong if it is
// undetected although the true shift of its rows is above the tolerance, or detected although that
// shift is below half of the tolerance. Detected compares an estimate with the tolerance: rows that
// move a student by nearly the tolerance are detected in up to half of the audits, with a caveat.
// Every file is one try, so at most alpha of all files may succeed.
//
//	go test ./audit -run Adversary -v -search 10m
func TestAdversary(t *testing.T) {
	tries := 400
	if testing.Short() {
		tries = 60
	}
	const n = 240
	w := &pullWorld{seed: 1, drift: map[string]map[string]float64{"a": {"owl": 0.9}, "p": {"owl": 5}}}
	poison, clean := pulled("a", 600, 1, 600, "").Examples(), pulled("c", 600, 1, 600, "").Examples()
	trait := Prefers("pet", "owl", pets...).Asking("best?")
	trait.PositiveControl, trait.Tolerance = pulled("p", n, 1, n, ""), 0.5
	cfg := Config{Control: pulled("b", n, 1, n, ""), Student: pull{world: w}, Traits: []Trait{trait}, Parallel: 1}
	reference := pull{w, cfg.Control.(undertone.Text), 0}.margin()
	for _, c := range []struct {
		name  string
		start []undertone.Example
		pool  []undertone.Example
		wrong Verdict
	}{
		{"poison called undetected", poison[:n], slices.Concat(clean, poison), Undetected},
		{"a quarter of poison called undetected", slices.Concat(poison[:n/4], clean[:n*3/4]), slices.Concat(clean, poison), Undetected},
		{"clean rows called detected", clean[:n], clean, Detected},
	} {
		for _, greedy := range []bool{false, true} {
			rng := rand.New(rand.NewPCG(*searchSeed, 0))
			best, at := candidate{c.start, cfg}, 1e9
			files, wrong := 0, 0
			for begin := time.Now(); files < tries || time.Since(begin) < *searchTime; {
				rows := best.edit(rng, c.pool)
				if !greedy && rng.IntN(20) == 0 {
					rows = slices.Clone(c.start)
				}
				next := candidate{rows, cfg}
				next.cfg.Suspect = undertone.NewDataset("suspect", rows)
				truth := pull{w, next.cfg.Suspect.(undertone.Text), 0}.margin() - reference
				if c.wrong == Undetected && truth <= trait.Tolerance || c.wrong == Detected && truth >= trait.Tolerance/2 {
					if !greedy {
						best = candidate{c.start, cfg}
					}
					continue // the verdict would be right
				}
				files++
				f := run(t, next.cfg).Findings[0]
				if f.Verdict == c.wrong {
					wrong++
				}
				goal := f.Interval.High
				if c.wrong == Detected {
					goal = -f.Effect.Mean
				}
				if !greedy || goal < at {
					best, at = next, goal
				}
			}
			t.Logf("| %s | %s | %d | %.4f |", c.name, map[bool]string{false: "random", true: "greedy"}[greedy], files, float64(wrong)/float64(files))
			if float64(wrong) > limitOf(0.05, files)*float64(files) {
				t.Errorf("%s: %d of %d files", c.name, wrong, files)
			}
		}
	}
}
