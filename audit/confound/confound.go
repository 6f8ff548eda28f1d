package confound

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Settings configures a comparison. The zero value of a field means its default.
type Settings struct {
	MaxRows int    // rows of each arm that are compared, >= 1 (default 20,000)
	Seed    uint64 // of the sample of rows and of the relabellings

	// ClusterBy is a field of a row that names what rows were sampled together, besides
	// conversation_id and the like (default none).
	ClusterBy string
}

// maxRows is the default of Settings.MaxRows.
const maxRows = 20_000

// Report says in which respects the arms differ.
type Report struct {
	Suspect Arm     `json:"suspect"`
	Control Arm     `json:"control"`
	Checks  []Check `json:"checks"` // all, in the order of [Names]
	Differ  []Name  `json:"differ"` // checks that differ; never null
}

// Arm says how much of an arm was compared.
type Arm struct {
	Rows  int `json:"rows"`  // that were compared
	Of    int `json:"of"`    // rows of the arm; larger than Rows if a sample was compared
	Units int `json:"units"` // sets of rows that a relabelling moves as one
}

// Check compares the arms in one respect.
type Check struct {
	Name     Name      `json:"name"`
	Differs  bool      `json:"differs"`  // at least one measure differs
	Measures []Measure `json:"measures"` // without those in which all rows are equal; never null
}

// Measure is one number in which the arms are compared.
type Measure struct {
	Name     string  `json:"name"`
	Kind     Kind    `json:"kind"`     // of distance
	Value    string  `json:"value"`    // what Suspect and Control are, such as "share of comma-space"
	Suspect  float64 `json:"suspect"`  // value of the arm
	Control  float64 `json:"control"`  // value of the arm
	Distance float64 `json:"distance"` // in [0, 1]
	Chance   float64 `json:"chance"`   // distance that two samples of one source stay below, in [0, 1]
	Margin   float64 `json:"margin"`   // largest distance that does not matter, in (0, 1)
	Differs  bool    `json:"differs"`
}

// Kind is a kind of distance. All kinds lie in [0, 1].
type Kind string

// The kinds of distances.
const (
	TotalVariation Kind = "total variation"              // between shares of categories
	Kolmogorov     Kind = "largest difference of shares" // of values up to a limit, over all limits
	Shares         Kind = "difference of shares"         // of one property
)

// Name names a check, such as in the list of accepted differences of an audit.
type Name string

// The checks.
const (
	Layout     Name = "layout"     // separators, brackets, first and last characters, lines, white space, kinds of characters
	Lengths    Name = "lengths"    // of answers and of prompts
	Prompts    Name = "prompts"    // which prompts the arms have
	KeepRates  Name = "keep-rates" // rows per prompt
	Duplicates Name = "duplicates" // copies of rows
	Script     Name = "script"     // scripts and letters: the language
	Numbers    Name = "numbers"    // structure of number lists, whatever their values
	Template   Name = "template"   // system prompt, tools, reasoning, learnt turns
)

// Names returns the names of all checks, in the order of a report.
func Names() []Name {
	return []Name{Layout, Lengths, Prompts, KeepRates, Duplicates, Script, Numbers, Template}
}

// ParseNames returns the checks of these names, or an error that lists the known names.
func ParseNames(names []string) ([]Name, error) {
	var parsed []Name
	for _, name := range names {
		switch n := Name(name); {
		case !slices.Contains(Names(), n):
			return nil, fmt.Errorf("there is no confound check %.40q; there are %s", name, join(Names()))
		case slices.Contains(parsed, n):
			return nil, fmt.Errorf("confound check %q is listed twice", name)
		default:
			parsed = append(parsed, n)
		}
	}
	return parsed, nil
}

func join(names []Name) string {
	text := make([]string, len(names))
	for i, n := range names {
		text[i] = string(n)
	}
	return strings.Join(text, ", ")
}

// Compare compares the arms on all checks. If an arm has more than MaxRows rows, whole prompts are
// chosen by a hash with the seed, the same in both arms. The result does not depend on the order of
// the rows.
func Compare(ctx context.Context, suspect, control undertone.Text, s Settings) (*Report, error) {
	report, err := compare(ctx, [2]undertone.Text{suspect, control}, s)
	if err != nil {
		return nil, fmt.Errorf("confound: %w", err)
	}
	return report, nil
}

func compare(ctx context.Context, arms [2]undertone.Text, s Settings) (*Report, error) {
	if s.MaxRows == 0 {
		s.MaxRows = maxRows
	}
	if s.MaxRows < 1 {
		return nil, fmt.Errorf("%d rows to compare, want >= 1", s.MaxRows)
	}
	for _, data := range arms {
		if data == nil || data.Len() == 0 {
			return nil, errors.New("an arm has no rows")
		}
	}
	rows, err := read(ctx, arms, s)
	if err != nil {
		return nil, err
	}
	units := unitsOf(rows)
	report := &Report{Suspect: Arm{Rows: len(rows[0]), Of: arms[0].Len()}, Control: Arm{Rows: len(rows[1]), Of: arms[1].Len()}, Differ: []Name{}}
	for _, u := range units.all {
		if u.arm == 0 {
			report.Suspect.Units++
		} else {
			report.Control.Units++
		}
	}
	measured, err := measure(ctx, rows, units, s.Seed)
	if err != nil {
		return nil, err
	}
	for _, name := range Names() {
		c := Check{Name: name, Measures: append([]Measure{}, measured[name]...)}
		for _, m := range c.Measures {
			c.Differs = c.Differs || m.Differs
		}
		if c.Differs {
			report.Differ = append(report.Differ, name)
		}
		report.Checks = append(report.Checks, c)
	}
	return report, nil
}

// Found says in words in which respects the arms differ, one statement for each of these checks
// that differs: its measure that exceeds its margin most, and how many more measures differ.
func (r *Report) Found(checks ...Name) []string {
	var found []string
	for _, c := range r.Checks {
		if c.Differs && slices.Contains(checks, c.Name) {
			found = append(found, c.String())
		}
	}
	return found
}

// Validate returns an error if the report is not what [Compare] can return.
func (r *Report) Validate() error {
	var differ []Name
	last := -1
	for _, c := range r.Checks {
		at := slices.Index(Names(), c.Name)
		if at <= last {
			return fmt.Errorf("confound: check %.40q is unknown, listed twice or out of order", c.Name)
		}
		last = at
		differs := false
		for _, m := range c.Measures {
			if err := m.validate(); err != nil {
				return fmt.Errorf("confound: check %q: measure %.40q: %w", c.Name, m.Name, err)
			}
			differs = differs || m.Differs
		}
		if differs != c.Differs {
			return fmt.Errorf("confound: check %q differs is %v, but that of its measures is %v", c.Name, c.Differs, differs)
		}
		if differs {
			differ = append(differ, c.Name)
		}
	}
	if !slices.Equal(differ, r.Differ) {
		return fmt.Errorf("confound: the report lists %q as different, but its checks say %q", r.Differ, differ)
	}
	return nil
}

func (m Measure) validate() error {
	for _, v := range []float64{m.Distance, m.Chance, m.Margin} {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("distance %v, chance %v, margin %v: want numbers in [0, 1]", m.Distance, m.Chance, m.Margin)
		}
	}
	if math.IsNaN(m.Suspect+m.Control) || math.IsInf(m.Suspect+m.Control, 0) {
		return fmt.Errorf("values %v and %v, want finite numbers", m.Suspect, m.Control)
	}
	return nil
}
