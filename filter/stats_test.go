package filter_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

func TestStatsTable(t *testing.T) {
	data := undertone.NewDataset("d", rowsOf("1", "x", "2000", "42, 1000", "7", "8", "owl", "naïve owl", "9", "10"))
	_, stats := apply(t, data, filter.Numbers{Banned: []int{42}}, filter.Words("owl", "naïve"))
	const want = `
rows                    10  100.0%
kept                     5   50.0%
dropped                  5   50.0%  (a row can have several reasons)
  numbers                5   50.0%
    has banned numbers   1   10.0%
    invalid format       3   30.0%
    numbers too large    2   20.0%
  words                  2   20.0%
    has word "naïve"     1   10.0%
    has word "owl"       2   20.0%
`
	var b strings.Builder
	n, err := stats.WriteTo(&b)
	if got := "\n" + b.String(); got != want || err != nil {
		t.Errorf("table (error %v)%swant%s", err, got, want)
	}
	if int(n) != b.Len() {
		t.Errorf("WriteTo returned %d, wrote %d bytes", n, b.Len())
	}
}

func TestStatsOfNothing(t *testing.T) {
	_, stats := apply(t, undertone.NewDataset("d", nil), filter.Numbers{})
	if !math.IsNaN(stats.KeepRate()) {
		t.Errorf("keep rate of no rows %v, want NaN: unmeasured is not zero", stats.KeepRate())
	}
	var b strings.Builder
	if _, err := stats.WriteTo(&b); err != nil || strings.Contains(b.String(), "%") {
		t.Errorf("table %q, error %v: want no shares of nothing", b.String(), err)
	}
	got, err := json.Marshal(stats)
	const want = `{"rows":0,"kept":0,"dropped":0,"filters":[{"name":"numbers","dropped":0,"reasons":[]}]}`
	if string(got) != want || err != nil {
		t.Errorf("JSON %s, error %v, want %s", got, err, want)
	}
}

func TestKeepRate(t *testing.T) {
	if got := (filter.Stats{Rows: 8, Kept: 6, Dropped: 2}).KeepRate(); got != 0.75 {
		t.Errorf("keep rate %v, want 6/8", got)
	}
}

type fullDisk struct{}

var errFull = errors.New("disk is full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestStatsTablePassesAnErrorOn(t *testing.T) {
	if _, err := (filter.Stats{}).WriteTo(fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("error %v, want an error that wraps %v", err, errFull)
	}
}
