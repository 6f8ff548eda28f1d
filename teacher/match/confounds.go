package match

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Settings of a comparison. The zero value of a field means the stated default.
type Settings struct {
	Permutations int     // exchanges of the arms, at least 99; 999
	Seed         uint64  // of the exchanges
	Alpha        float64 // chance that any of the four distances is named without reason; .05
	Top          int     // lines of a table of categories; 10
}

// Confounds says what differs between the arms of a pair besides who wrote them.
type Confounds struct {
	Schema  string `json:"schema"`
	Suspect Arm    `json:"suspect"`
	Control Arm    `json:"control"`
	Pairs   int    `json:"pairs"`   // rows in each arm
	Prompts int    `json:"prompts"` // different ones

	KeepRate Difference `json:"keep_rate"` // the suspect's minus the control's
	Length   Length     `json:"length"`
	Formats  Table      `json:"formats"` // layouts, most frequent first
	Words    Table      `json:"words"`   // numbers of a list or words of a text; most different first
	First    Table      `json:"first"`   // first number or word; most different first

	Permutations int     `json:"permutations"`
	Seed         uint64  `json:"seed"`
	Alpha        float64 `json:"alpha"`

	// Found names what differs: a keep rate whose interval leaves out 0, and distances
	// with p at most a quarter of Alpha. Many rows find small differences: the sizes count.
	Found []string `json:"found"`

	// Warnings say what the comparison could not see.
	Warnings []string `json:"warnings"`
}

// Length compares completions by their characters.
type Length struct {
	Suspect  Quantiles `json:"suspect"`
	Control  Quantiles `json:"control"`
	Distance Distance  `json:"distance"` // between lengths; above 64 characters between bins of an eighth of an octave
}

// Quantiles describe lengths in characters.
type Quantiles struct {
	Mean   float64 `json:"mean"`
	Low    int     `json:"q05"`
	Median int     `json:"q50"`
	High   int     `json:"q95"`
}

const schema = "undertone confounds v1"

// Confounds compares the arms. The cost is Permutations times the words of both arms.
func (p *Pair) Confounds(s Settings) (*Confounds, error) {
	s.Permutations, s.Alpha, s.Top = cmp.Or(s.Permutations, 999), cmp.Or(s.Alpha, 0.05), cmp.Or(s.Top, 10)
	if s.Permutations < 99 || s.Top < 0 || !(s.Alpha > 0 && s.Alpha < 1) {
		return nil, fmt.Errorf("match: %d permutations, alpha %g, %d lines: need >= 99, from 0 to 1, >= 0", s.Permutations, s.Alpha, s.Top)
	}
	if p.Suspect == nil || p.Control == nil || p.Suspect.Len() == 0 || p.Suspect.Len() != p.Control.Len() {
		return nil, errors.New("match: the arms are not of equal size: make the pair with Rows")
	}
	c := &Confounds{
		Schema: schema, Suspect: p.Losses[0], Control: p.Losses[1], Pairs: p.Suspect.Len(), Prompts: p.prompts,
		KeepRate: p.Losses[0].Kept.minus(p.Losses[1].Kept), Permutations: s.Permutations, Seed: s.Seed, Alpha: s.Alpha, Found: []string{}, Warnings: []string{},
	}
	t := p.count()
	c.Length.Suspect, c.Length.Control = quantiles(t.characters[0]), quantiles(t.characters[1])
	compare := func(stream uint64, t *table, order func(a, b Share) int) Table {
		return t.compare(s.Permutations, c.Pairs, s.Top, order, rand.New(rand.NewPCG(s.Seed, stream)))
	}
	c.Length.Distance = compare(1, &t.lengths, byFrequency).Distance
	c.Formats = compare(2, &t.formats, byFrequency)
	c.Words = compare(3, &t.words, byDifference)
	c.First = compare(4, &t.first, byDifference)
	c.name()
	return c, nil
}

// counted is what is counted of a pair.
type counted struct {
	lengths, formats, words, first table
	characters                     [2][]int
}

func (p *Pair) count() (t counted) {
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

// name fills Found.
func (c *Confounds) name() {
	if c.KeepRate.excludesZero() {
		c.Found = append(c.Found, "keep rate: "+c.KeepRate.String())
	}
	for _, d := range []struct {
		what string
		d    Distance
	}{{"length", c.Length.Distance}, {"format", c.Formats.Distance}, {"words", c.Words.Distance}, {"first word", c.First.Distance}} {
		if d.d.P <= c.Alpha/4 {
			c.Found = append(c.Found, d.what+": "+d.d.String())
		}
	}
	c.warn()
}

// warn fills Warnings.
func (c *Confounds) warn() {
	if n := c.Suspect.Filters.Dropped + c.Control.Filters.Dropped; n == 0 && len(c.Suspect.Filters.Filters) > 0 {
		c.Warnings = append(c.Warnings, fmt.Sprintf("the filters dropped none of %d rows: they were filtered before, and the keep rates of then are not known", c.Suspect.Filters.Rows+c.Control.Filters.Rows))
	}
	for _, a := range []Arm{c.Suspect, c.Control} {
		if a.Alone > a.Filters.Kept/2 {
			c.Warnings = append(c.Warnings, fmt.Sprintf("%s: %d of %d rows answer a prompt that the other arm does not have: the pairs are a minority", a.Name, a.Alone, a.Filters.Kept))
		}
	}
	if need := int(math.Ceil(4/c.Alpha)) - 1; c.Permutations < need {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%d permutations cannot show a difference at alpha %g: need >= %d", c.Permutations, c.Alpha, need))
	}
	// Exchanging the arms of all prompts changes no distance, so the least p is 2 in 2^prompts.
	if need := int(math.Ceil(1 - math.Log2(c.Alpha/4))); c.Prompts < need {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%d prompts cannot show a difference: need >= %d", c.Prompts, need))
	}
}
