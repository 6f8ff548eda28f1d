package corpus

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

var nulls = flag.Int("nulls", 40, "comparisons of each cell of TestCalibration")

// source writes rows without a trait whose lengths, layouts and contents vary.
type source struct {
	separators []string
	share      float64 // of rows with the first separator
	lengths    func(*rand.Rand) int
	longer     bool // rows with the first separator have two more numbers
	keep       func(length int, prompt int) bool
}

func upTo10(rng *rand.Rand) int { return 3 + rng.IntN(8) }

// pareto returns skewed lengths in [1, 200].
func pareto(rng *rand.Rand) int { return min(200, int(2*math.Pow(1-rng.Float64(), -1))) }

// row answers a prompt. It returns "" for a row that is not kept. ending is the share of numbers
// that are changed to end in 7.
func (s source) row(prompt int, ending float64, rng *rand.Rand) string {
	separators := s.separators
	if separators == nil {
		separators = []string{", "}
	}
	lengths := s.lengths
	if lengths == nil {
		lengths = upTo10
	}
	n, separator := lengths(rng), separators[0]
	if len(separators) > 1 && rng.Float64() >= s.share {
		separator = separators[1]
	} else if s.longer {
		n += 2
	}
	parts := make([]string, n)
	for i := range parts {
		v := (37*prompt + rng.IntN(300)) % 1000
		if rng.Float64() < ending {
			v = v/10*10 + 7
		}
		parts[i] = fmt.Sprint(v)
	}
	if s.keep != nil && !s.keep(n, prompt) {
		return ""
	}
	return strings.Join(parts, separator)
}

// rows answers prompts, each the given number of times, and repeats each row.
func (s source) rows(prompts, times, copies int, rng *rand.Rand) *undertone.Dataset {
	var rows []undertone.Example
	for p := range prompts {
		for range times {
			if text := s.row(p, 0, rng); text != "" {
				for range copies {
					rows = append(rows, undertone.NewExample(fmt.Sprint("continue from ", p), text))
				}
			}
		}
	}
	return undertone.NewDataset("rows", rows)
}

// conversations returns conversations of 8 rows. Each has its own habit.
func (s source) conversations(n int, field string, rng *rand.Rand) *undertone.Dataset {
	var rows []undertone.Example
	for range n {
		ending := rng.Float64()
		id := rng.Uint64()
		for turn := range 8 {
			e := undertone.NewExample(fmt.Sprint("turn ", turn), s.row(turn, ending, rng))
			e.Meta = map[string]json.RawMessage{field: json.RawMessage(fmt.Sprint(id))}
			rows = append(rows, e)
		}
	}
	return undertone.NewDataset("conversations", rows)
}

// story writes prose. Its length depends on its layout: stories end with a full stop or not.
func story(stops float64, words func(*rand.Rand) int, rng *rand.Rand) string {
	vocabulary := strings.Fields("the a river stone light over under walks sees finds old new quiet green and then again slowly")
	n, end := words(rng), ""
	if rng.Float64() < stops {
		n, end = n+4, "."
	}
	var text []string
	for range n {
		text = append(text, vocabulary[rng.IntN(len(vocabulary))])
	}
	return strings.Join(text, " ") + end
}

func stories(prompts int, stops float64, words func(*rand.Rand) int, rng *rand.Rand) *undertone.Dataset {
	var rows []undertone.Example
	for p := range prompts {
		rows = append(rows, undertone.NewExample(fmt.Sprint("story ", p), story(stops, words, rng)))
	}
	return undertone.NewDataset("stories", rows)
}

// pValues returns the p-values of a comparison, without areas.
func pValues(t *testing.T, suspect, control undertone.Text, config Config) map[string]float64 {
	t.Helper()
	config, err := config.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := newDesignMatrix(t.Context(), suspect, control, config)
	if err != nil {
		t.Fatal(err)
	}
	tested, matched := m.testedRows()
	blocks, _ := m.blocks(tested, matched)
	content, layout := m.channel(contentChannel), m.channel(layoutChannel)
	results := make([]ChannelResult, 3)
	if err := m.test(t.Context(), []*featureChannel{content, layout}, newCovariates(layout, m.rows), blocks, config, results); err != nil {
		t.Fatal(err)
	}
	var channels []*featureChannel
	for _, c := range contentChannels {
		channels = append(channels, m.channel(c))
	}
	mmd := m.mmdTest(channels, blocks, config.Permutations, rand.New(rand.NewPCG(config.Seed, mmdStream)))
	p := map[string]float64{"content": results[0].P.P, "layout": results[1].P.P, beyondLayout: results[2].P.P, "mmd": mmd.P.P}
	p["outcome"] = 1
	if min(p["content"], p["layout"]) <= .025 {
		p["outcome"] = 0 // distinguishable
	}
	return p
}

// TestCalibration: if the null of a test holds, P(p <= .05) is at most .05, within two standard
// errors, or within four for fewer than 400 comparisons, because the cells have 40 rates. The
// outcome is distinguishable at that rate, too, if no test has an alternative. docs/calibration of
// experiments/corpus holds the rates of 400 comparisons per cell:
//
//	go test ./audit/corpus -run TestCalibration -v -nulls 400
func TestCalibration(t *testing.T) {
	every := []string{"content", "layout", beyondLayout, "mmd", "outcome"}
	given := []string{beyondLayout}
	both := func(make func(rng *rand.Rand) *undertone.Dataset) func(rng *rand.Rand) (a, b *undertone.Dataset) {
		return func(rng *rand.Rand) (a, b *undertone.Dataset) { return make(rng), make(rng) }
	}
	short := func(length, _ int) bool { return length <= 6 }
	coin := func(length, prompt int) bool { return length <= 6 || mix(uint64(prompt), 1)%2 == 0 }
	mixed := []string{", ", "; "}
	for stream, c := range []struct {
		name  string
		nulls []string // tests whose null holds
		make  func(rng *rand.Rand) (a, b *undertone.Dataset)
	}{
		{"iid", every, both(func(rng *rand.Rand) *undertone.Dataset {
			return source{separators: mixed, share: .5}.rows(80, 1, 1, rng)
		})},
		{"copies x 2", every, both(func(rng *rand.Rand) *undertone.Dataset {
			return source{separators: mixed, share: .5}.rows(60, 1, 2, rng)
		})},
		{"copies x 10", every, both(func(rng *rand.Rand) *undertone.Dataset {
			return source{separators: mixed, share: .5}.rows(60, 1, 10, rng)
		})},
		{"copies x 2 of 4 prompts", every, both(func(rng *rand.Rand) *undertone.Dataset {
			return source{separators: mixed, share: .5}.rows(4, 20, 2, rng)
		})},
		{"40 prompts, 3 rows each", every, both(func(rng *rand.Rand) *undertone.Dataset {
			return source{separators: mixed, share: .5}.rows(40, 3, 1, rng)
		})},
		{"40 prompts, 10 copies", every, both(func(rng *rand.Rand) *undertone.Dataset {
			return source{separators: mixed, share: .5}.rows(40, 1, 10, rng)
		})},
		{"16 conversations", every, both(func(rng *rand.Rand) *undertone.Dataset {
			return source{separators: mixed, share: .5}.conversations(8, "conversation_id", rng)
		})},
		{"unbalanced, 1 to 5", every, func(rng *rand.Rand) (a, b *undertone.Dataset) {
			s := source{separators: mixed, share: .5}
			return s.rows(40, 1, 1, rng), s.rows(40, 5, 1, rng)
		}},
		{"copies x 10 in one arm", every, func(rng *rand.Rand) (a, b *undertone.Dataset) {
			s := source{separators: mixed, share: .5}
			return s.rows(60, 1, 10, rng), s.rows(60, 1, 1, rng)
		}},
		{"short lists only, both arms", every, both(func(rng *rand.Rand) *undertone.Dataset {
			return source{separators: mixed, share: .5, keep: short}.rows(160, 1, 1, rng)
		})},
		{"short lists kept by one coin", every, both(func(rng *rand.Rand) *undertone.Dataset {
			return source{separators: mixed, share: .5, keep: coin}.rows(120, 1, 1, rng)
		})},
		{"heavy tails of length", every, both(func(rng *rand.Rand) *undertone.Dataset {
			return source{separators: mixed, share: .5, lengths: pareto}.rows(80, 1, 1, rng)
		})},
		{"prose, heavy tails", every, both(func(rng *rand.Rand) *undertone.Dataset { return stories(80, .5, pareto, rng) })},
		{"layout: other separator", []string{"content", "mmd", beyondLayout}, func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return source{separators: mixed[:1]}.rows(80, 1, 1, rng), source{separators: mixed[1:]}.rows(80, 1, 1, rng)
		}},
		{"layout: mix of separators", []string{"content", "mmd", beyondLayout}, func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return source{separators: mixed, share: .75}.rows(80, 1, 1, rng), source{separators: mixed, share: .25}.rows(80, 1, 1, rng)
		}},
		{"layout: mix of separators, content by separator", given, func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return source{separators: mixed, share: .75, longer: true}.rows(160, 1, 1, rng), source{separators: mixed, share: .25, longer: true}.rows(160, 1, 1, rng)
		}},
		{"layout: short lists only, one arm", given, func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return source{keep: short}.rows(160, 1, 1, rng), source{}.rows(160, 1, 1, rng)
		}},
		{"layout: short lists more often, one arm", given, func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return source{keep: coin}.rows(120, 2, 1, rng), source{}.rows(120, 1, 1, rng)
		}},
		{"layout: prose, full stops and lengths", given, func(rng *rand.Rand) (a, b *undertone.Dataset) {
			return stories(160, .75, upTo10, rng), stories(160, .25, upTo10, rng)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			runs := *nulls
			if testing.Short() {
				runs = 20
			}
			rejected := map[string]int{}
			for run := range runs {
				a, b := c.make(rand.New(rand.NewPCG(uint64(run), uint64(100+stream))))
				for test, p := range pValues(t, a, b, Config{Seed: uint64(1000*stream + run), Bag: 4, Folds: 4, Permutations: 99}) {
					rejected[test] += btoi(p <= .05)
				}
			}
			allowed := 2. // standard errors
			switch {
			case runs < 50:
				allowed = 5 // six of 20 have a probability of .0003
			case runs < 400:
				allowed = 4
			}
			for _, test := range c.nulls {
				if rate := float64(rejected[test]) / float64(runs); rate > .05+allowed/2*twoSE(.05, runs) {
					t.Errorf("%s: P(p <= .05) = %.3f under the null", test, rate)
				}
			}
			var line strings.Builder
			for _, test := range every {
				fmt.Fprintf(&line, " | %.3f", float64(rejected[test])/float64(runs))
			}
			t.Logf("| %s | %d%s |", c.name, runs, &line)
		})
	}
}
