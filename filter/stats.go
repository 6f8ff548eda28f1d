package filter

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Stats counts rows. Several filters may drop a row, and a filter may have several reasons to drop
// it, so the counts of filters and reasons may sum to more than Dropped.
type Stats struct {
	Rows    int           `json:"rows"` // rows read
	Kept    int           `json:"kept"`
	Dropped int           `json:"dropped"`
	Filters []FilterStats `json:"filters"` // in the order of the filters
}

// FilterStats counts the rows that one filter dropped, whether or not another filter dropped them,
// too.
type FilterStats struct {
	Name    string        `json:"name"`
	Dropped int           `json:"dropped"`
	Reasons []ReasonCount `json:"reasons"` // reasons that occurred, sorted by their text
}

// ReasonCount is the number of rows that a filter dropped for a reason.
type ReasonCount struct {
	Reason Reason `json:"reason"`
	Rows   int    `json:"rows"`
}

// newStats returns the counts of no rows.
func newStats(filters []Filter) Stats {
	s := Stats{Filters: make([]FilterStats, len(filters))}
	for i, f := range filters {
		s.Filters[i] = FilterStats{Name: f.Name(), Reasons: []ReasonCount{}}
	}
	return s
}

// count counts a row that filter i gave reasons[i], and reports whether every filter keeps it.
func (s *Stats) count(reasons [][]Reason) (keep bool) {
	keep = true
	for i, r := range reasons {
		if len(r) > 0 {
			keep = false
			s.Filters[i].add(r)
		}
	}
	s.Rows++
	if keep {
		s.Kept++
	} else {
		s.Dropped++
	}
	return keep
}

// add adds the counts of other rows.
func (s *Stats) add(other Stats) {
	s.Rows += other.Rows
	s.Kept += other.Kept
	s.Dropped += other.Dropped
	for i, f := range other.Filters {
		s.Filters[i].Dropped += f.Dropped
		for _, r := range f.Reasons {
			s.Filters[i].reason(r.Reason).Rows += r.Rows
		}
	}
}

func (f *FilterStats) add(reasons []Reason) {
	f.Dropped++
	for _, r := range reasons {
		f.reason(r).Rows++
	}
}

// reason returns the count of a reason. It is valid until the next call.
func (f *FilterStats) reason(r Reason) *ReasonCount {
	i, found := slices.BinarySearchFunc(f.Reasons, r, func(c ReasonCount, r Reason) int {
		return cmp.Compare(c.Reason, r)
	})
	if !found {
		f.Reasons = slices.Insert(f.Reasons, i, ReasonCount{Reason: r})
	}
	return &f.Reasons[i]
}

// KeepRate returns Kept/Rows, in [0, 1], or NaN if no row was read. A keep rate that differs
// between the arms of an experiment is a confound.
func (s Stats) KeepRate() float64 {
	if s.Rows == 0 {
		return math.NaN()
	}
	return float64(s.Kept) / float64(s.Rows)
}

// dropped is the label of the line of dropped rows.
const dropped = "dropped"

// WriteTo writes the counts as an aligned table: a line for the rows, for each filter and for each
// reason, with percentages of all rows. If rows have several reasons, the line of the dropped rows
// says so.
func (s Stats) WriteTo(w io.Writer) (int64, error) {
	type line struct {
		label string
		rows  int
	}
	lines := []line{{"rows", s.Rows}, {"kept", s.Kept}, {dropped, s.Dropped}}
	reasons := 0
	for _, f := range s.Filters {
		lines = append(lines, line{"  " + f.Name, f.Dropped})
		for _, r := range f.Reasons {
			lines = append(lines, line{"    " + string(r.Reason), r.Rows})
			reasons += r.Rows
		}
	}
	labels, digits := 0, len(strconv.Itoa(s.Rows))
	for _, l := range lines {
		labels = max(labels, utf8.RuneCountInString(l.label))
	}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%-*s  %*d", labels, l.label, digits, l.rows)
		if s.Rows > 0 {
			fmt.Fprintf(&b, "  %5.1f%%", 100*float64(l.rows)/float64(s.Rows))
		}
		if l.label == dropped && reasons > s.Dropped {
			b.WriteString("  (a row can have several reasons)")
		}
		b.WriteByte('\n')
	}
	n, err := io.WriteString(w, b.String())
	if err != nil {
		return int64(n), fmt.Errorf("filter: write counts: %w", err)
	}
	return int64(n), nil
}
