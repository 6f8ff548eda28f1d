package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/confound"
)

// Confounds says in which respects the arms differ that are no trait, and which of these
// differences the audit accepts.
type Confounds struct {
	confound.Report
	Accepted []confound.Name `json:"accepted"` // by Config.AcceptConfounds; never null
}

// confounds compares the arms before any student is trained. It returns nil if the rows are no
// text.
func (c Config) confounds(ctx context.Context) (*Confounds, error) {
	suspect, ok := c.Suspect.(undertone.Text)
	if !ok {
		return nil, nil
	}
	control, ok := c.Control.(undertone.Text)
	if !ok {
		return nil, nil
	}
	r, err := confound.Compare(ctx, suspect, control, confound.Settings{Seed: c.Seed, ClusterBy: c.ClusterBy})
	if err != nil {
		return nil, err
	}
	accepted, err := confound.ParseNames(c.AcceptConfounds)
	if err != nil {
		return nil, err
	}
	return &Confounds{Report: *r, Accepted: append([]confound.Name{}, accepted...)}, nil
}

// Open returns the checks that differ and are not accepted.
func (c *Confounds) Open() (open []confound.Name) {
	if c == nil {
		return nil
	}
	for _, name := range c.Differ {
		if !slices.Contains(c.Accepted, name) {
			open = append(open, name)
		}
	}
	return open
}

// accepted returns the checks that differ and are accepted.
func (c *Confounds) accepted() []confound.Name {
	if c == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.Differ), func(name confound.Name) bool { return !slices.Contains(c.Accepted, name) })
}

// found says in words in which of these respects the arms differ.
func (c *Confounds) found(checks []confound.Name) []string {
	if c == nil {
		return nil
	}
	return c.Found(checks...)
}

// UnmarshalJSON implements [json.Unmarshaler]. It refuses what [confound.Compare] cannot return.
func (c *Confounds) UnmarshalJSON(text []byte) error {
	type plain Confounds
	if err := json.Unmarshal(text, (*plain)(c)); err != nil {
		return err
	}
	for _, name := range c.Accepted {
		if !slices.Contains(confound.Names(), name) {
			return fmt.Errorf("audit: there is no confound check %.40q", name)
		}
	}
	return c.Validate()
}

// lines returns the checks that differ, and those that agree, for people.
func (c *Confounds) lines() (lines [][2]string) {
	var agree []string
	for _, check := range c.Checks {
		if !check.Differs {
			agree = append(agree, string(check.Name))
			continue
		}
		text := strings.TrimPrefix(check.String(), string(check.Name)+": ")
		if slices.Contains(c.Accepted, check.Name) {
			text = "accepted: " + text
		}
		lines = append(lines, [2]string{string(check.Name), text})
	}
	if len(agree) > 0 {
		lines = append(lines, [2]string{"agree", strings.Join(agree, ", ")})
	}
	return lines
}

// enoughUnits is the number of units from which a difference of a quarter of the rows is seen.
const enoughUnits = 500

// sampled says how many rows were compared.
func (c *Confounds) sampled() string {
	s, k, few := c.Suspect, c.Control, ""
	if n := min(s.Units, k.Units); n < enoughUnits {
		few = fmt.Sprintf(" (%d independent units see large differences only)", n)
	}
	if s.Rows == s.Of && k.Rows == k.Of {
		return fmt.Sprintf("%d rows against %d%s", s.Rows, k.Rows, few)
	}
	return fmt.Sprintf("a sample of %d of %d rows against %d of %d%s", s.Rows, s.Of, k.Rows, k.Of, few)
}
