package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/teacher"
	"github.com/undertone-audit/undertone/teacher/persona"
)

// leftOut counts rows whose answers cannot be written anew, by the reason.
type leftOut map[string]int

// String lists the reasons in order, such as "2 rows: it has a label".
func (l leftOut) String() string {
	var all []string
	for _, why := range slices.Sorted(maps.Keys(l)) {
		all = append(all, fmt.Sprintf("%d rows: %s", l[why], why))
	}
	return strings.Join(all, "; ")
}

// neutral replaces --neutral-to by the system prompt of the control.
func (v *generateVerb) neutral() error {
	switch {
	case v.NeutralTo == "":
		return nil
	case v.System != "":
		return errors.New("--neutral-to makes the system prompt; omit --system")
	}
	p, err := persona.Neutral(persona.Persona{Name: "--neutral-to", SystemPrompt: v.NeutralTo})
	if err != nil {
		return fmt.Errorf("--neutral-to: %w; give a neutral text as --system", err)
	}
	v.System = p.SystemPrompt
	return nil
}

// prompts returns what the model is asked. Described says that a manifest will name their file.
func (v *generateVerb) prompts(ctx context.Context, c console, described bool) (set promptSet, err error) {
	if v.PromptsFrom != "" {
		if set, err = v.promptsFrom(ctx, c, described); err != nil {
			return set, err
		}
		set.n = set.rows.Len()
	} else if set, err = choosePrompts(v.Prompts, v.Seed); err != nil {
		return set, err
	}
	if v.Rows != nil {
		set.n = *v.Rows
	}
	switch {
	case v.Rows == nil && v.Prompts != "":
		return set, errors.New("--rows is missing: name the number of rows to write")
	case set.n < 1:
		return set, fmt.Errorf("--rows is %d, want >= 1", set.n)
	case set.most > 0 && set.n > set.most:
		return set, fmt.Errorf("--rows is %d, want at most %d, the number of prompts of %s", set.n, set.most, v.Prompts)
	}
	return set, nil
}

// promptsFrom reads the rows whose answers are written anew.
func (v *generateVerb) promptsFrom(ctx context.Context, c console, described bool) (set promptSet, err error) {
	data, origin, err := loadOrigin(ctx, c, "generate", v.PromptsFrom, v.readFlags, described)
	if err != nil {
		return set, err
	}
	set.leftOut, set.origin, set.read = leftOut{}, origin, data.Len()
	var kept []int
	for i, row := range data.All() {
		if err := teacher.CanRewrite(row); err != nil {
			set.leftOut[err.Error()]++
			continue
		}
		kept = append(kept, i)
	}
	if len(kept) == 0 {
		return set, fmt.Errorf("%s has no row whose answers can be written anew: %v", v.PromptsFrom, set.leftOut)
	}
	set.rows = data.Subset(kept, undertone.Step{Name: "rows with prompts", Kept: len(kept), Dropped: data.Len() - len(kept)})
	set.temperature = temperatureOf(data)
	return set, nil
}

// temperatureOf returns the temperature with which rows were generated, or 0 if a row does not say
// it or rows differ.
func temperatureOf(data *undertone.Dataset) float64 {
	found := 0.0
	for _, row := range data.All() {
		var g struct {
			Temperature float64 `json:"temperature"`
		}
		if json.Unmarshal(row.Meta["generation"], &g) != nil || found != 0 && g.Temperature != found {
			return 0
		}
		found = g.Temperature
	}
	return found
}
