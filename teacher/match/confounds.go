package match

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Settings configures a comparison. The zero value of a field means its default.
type Settings struct {
	Permutations int     // random permutations of the arms, >= 99 (default 999)
	Seed         uint64  // of the permutations
	Alpha        float64 // probability of any false report among the four divergences, in (0, 1) (default 0.05)
	Top          int     // categories of a table, >= 0 (default 10)
}

// Confounds describes what differs between the arms of a pair besides who wrote them.
type Confounds struct {
	Schema  string `json:"schema"`
	Suspect Arm    `json:"suspect"`
	Control Arm    `json:"control"`
	Pairs   int    `json:"pairs"`   // rows in each arm
	Prompts int    `json:"prompts"` // distinct prompts

	KeepRate   Difference `json:"keep_rate"` // suspect minus control
	Length     Length     `json:"length"`
	Formats    Table      `json:"formats"`     // layouts, most frequent first
	Words      Table      `json:"words"`       // numbers of a list or words of a text, largest difference first
	FirstWords Table      `json:"first_words"` // first number or word, largest difference first

	Permutations int     `json:"permutations"`
	Seed         uint64  `json:"seed"`
	Alpha        float64 `json:"alpha"`

	// Found lists the differences: a difference of keep rates whose interval excludes 0, and
	// divergences with a p-value <= Alpha/4 (Bonferroni). With many rows small differences are
	// found too, so judge them by their size.
	Found []string `json:"found"`

	// Warnings lists what limits the comparison.
	Warnings []string `json:"warnings"`
}

// Length compares the lengths of completions.
type Length struct {
	Suspect    Quantiles  `json:"suspect"`
	Control    Quantiles  `json:"control"`
	Divergence Divergence `json:"divergence"` // of lengths; above 64 characters in bins of an eighth of an octave
}

// Quantiles describes lengths, in characters.
type Quantiles struct {
	Mean   float64 `json:"mean"`
	Low    int     `json:"q05"` // 5 % quantile
	Median int     `json:"q50"`
	High   int     `json:"q95"` // 95 % quantile
}

const schema = "undertone confounds v1"

// Confounds compares the arms. The time is proportional to Permutations times the words of both
// arms.
func (p *Pair) Confounds(s Settings) (*Confounds, error) {
	s.Permutations, s.Alpha, s.Top = cmp.Or(s.Permutations, 999), cmp.Or(s.Alpha, 0.05), cmp.Or(s.Top, 10)
	if s.Permutations < 99 || s.Top < 0 || !(s.Alpha > 0 && s.Alpha < 1) {
		return nil, fmt.Errorf("match: %d permutations, alpha %g, top %d: want >= 99, between 0 and 1, and >= 0", s.Permutations, s.Alpha, s.Top)
	}
	if p.Suspect == nil || p.Control == nil || p.Suspect.Len() == 0 || p.Suspect.Len() != p.Control.Len() {
		return nil, errors.New("match: the arms are empty or of unequal size: make the pair with Rows")
	}
	c := &Confounds{
		Schema: schema, Suspect: p.Arms[0], Control: p.Arms[1], Pairs: p.Suspect.Len(), Prompts: p.prompts,
		KeepRate: p.Arms[0].KeepRate.minus(p.Arms[1].KeepRate), Permutations: s.Permutations, Seed: s.Seed, Alpha: s.Alpha, Found: []string{}, Warnings: []string{},
	}
	t := p.count()
	c.Length.Suspect, c.Length.Control = quantiles(t.characters[0]), quantiles(t.characters[1])
	compare := func(stream uint64, t *table, order func(a, b Share) int) Table {
		return t.compare(s.Permutations, c.Pairs, s.Top, order, rand.New(rand.NewPCG(s.Seed, stream)))
	}
	c.Length.Divergence = compare(1, &t.lengths, byFrequency).Divergence
	c.Formats = compare(2, &t.formats, byFrequency)
	c.Words = compare(3, &t.words, byDifference)
	c.FirstWords = compare(4, &t.first, byDifference)
	c.find()
	c.warn()
	return c, nil
}

// counts holds the categories of a pair, and the lengths of its completions.
type counts struct {
	lengths, formats, words, first table
	characters                     [2][]int
}

// count counts the rows of each prompt as one group.
func (p *Pair) count() (t counts) {
	for from := 0; from < p.Suspect.Len(); {
		to := from + 1
		for to < p.Suspect.Len() && p.Suspect.GroupID(to) == p.Suspect.GroupID(from) {
			to++
		}
		var lengths, formats, words, first [2][]string
		for i := from; i < to; i++ {
			for k, text := range [2]string{p.Suspect.Example(i).Completion(), p.Control.Example(i).Completion()} {
				f := featuresOf(text)
				t.characters[k] = append(t.characters[k], f.characters)
				lengths[k], formats[k] = append(lengths[k], lengthBin(f.characters)), append(formats[k], f.format)
				words[k], first[k] = append(words[k], f.words...), append(first[k], f.words[:min(1, len(f.words))]...)
			}
		}
		t.lengths.addGroup(lengths[0], lengths[1])
		t.formats.addGroup(formats[0], formats[1])
		t.words.addGroup(words[0], words[1])
		t.first.addGroup(first[0], first[1])
		from = to
	}
	return t
}

func quantiles(n []int) Quantiles {
	sorted := slices.Sorted(slices.Values(n))
	at := func(q float64) int { return sorted[int(q*float64(len(sorted)-1)+0.5)] }
	sum := 0
	for _, v := range n {
		sum += v
	}
	return Quantiles{float64(sum) / float64(len(n)), at(0.05), at(0.5), at(0.95)}
}

// find fills Found.
func (c *Confounds) find() {
	if c.KeepRate.excludesZero() {
		c.Found = append(c.Found, "keep rate: "+c.KeepRate.String())
	}
	for _, d := range []struct {
		what string
		d    Divergence
	}{{"length", c.Length.Divergence}, {"format", c.Formats.Divergence}, {"words", c.Words.Divergence}, {"first word", c.FirstWords.Divergence}} {
		if d.d.P.P <= c.Alpha/4 {
			c.Found = append(c.Found, d.what+": "+d.d.String())
		}
	}
}

// warn fills Warnings.
func (c *Confounds) warn() {
	if n := c.Suspect.Filters.Dropped + c.Control.Filters.Dropped; n == 0 && len(c.Suspect.Filters.Filters) > 0 {
		c.Warnings = append(c.Warnings, fmt.Sprintf("the filters dropped none of %d rows: if the rows were filtered before, the keep rates of that filter are unknown", c.Suspect.Filters.Rows+c.Control.Filters.Rows))
	}
	for _, a := range []Arm{c.Suspect, c.Control} {
		if a.Unmatched > a.Filters.Kept/2 {
			c.Warnings = append(c.Warnings, fmt.Sprintf("%s: the other arm lacks the prompts of %d of %d rows: the pairs are a minority of the rows", a.Name, a.Unmatched, a.Filters.Kept))
		}
	}
	if need := int(math.Ceil(4/c.Alpha)) - 1; c.Permutations < need {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%d permutations cannot detect a difference at alpha %g: need >= %d", c.Permutations, c.Alpha, need))
	}
	// Swapping the arms of all prompts changes no divergence, so the smallest p-value is 2 in
	// 2^prompts.
	if need := int(math.Ceil(1 - math.Log2(c.Alpha/4))); c.Prompts < need {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%d prompts cannot detect a difference: need >= %d", c.Prompts, need))
	}
}
