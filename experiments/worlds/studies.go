package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// renderStudies prints the tables of the studies of all worlds.
func renderStudies(w io.Writer, d design, all []study) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%d worlds of kind %q, %d rows per arm, seed %d.\n\n", len(all), d.Kind, d.Sizes[0], d.Seed)
	renderFound(&text, all)
	text.WriteString("\n| prediction | students | median r | smallest | largest | median slope |\n|---|---|---|---|---|---|\n")
	type key struct{ predictor, recipe string }
	var keys []key
	r, slope := map[key][]float64{}, map[key][]float64{}
	for _, s := range all {
		for _, f := range s.Shifts {
			k := key{f.Predictor, f.Recipe}
			if r[k] == nil {
				keys = append(keys, k)
			}
			r[k], slope[k] = append(r[k], f.R), append(slope[k], f.Slope)
		}
	}
	for _, k := range keys {
		sorted := slices.Sorted(slices.Values(r[k]))
		unit := "–"
		if s := middle(slope[k]); s != 0 {
			unit = fmt.Sprintf("%.2f", s)
		}
		fmt.Fprintf(&text, "| %s | %s | %.3f | %.3f | %.3f | %s |\n", k.predictor, k.recipe, middle(sorted), sorted[0], sorted[len(sorted)-1], unit)
	}
	renderZeros(&text, all)
	_, err := io.WriteString(w, text.String())
	return err
}

// renderZeros prints how far the mean gradients of the arms are from zero.
func renderZeros(text *strings.Builder, all []study) {
	suspect, control := map[source][]float64{}, map[source][]float64{}
	for _, s := range all {
		for _, z := range s.Zeros {
			suspect[z.Source], control[z.Source] = append(suspect[z.Source], z.Suspect), append(control[z.Source], z.Control)
		}
	}
	text.WriteString("\n| squared mean gradient / expectation for rows of the base | smallest | median | largest |\n|---|---|---|---|\n")
	for _, from := range []source{same, other} {
		for _, arm := range []struct {
			name   string
			values []float64
		}{{"control rows", control[from]}, {"suspect rows", suspect[from]}} {
			if n := len(arm.values); n > 0 {
				fmt.Fprintf(text, "| %s, %s (%d worlds) | %.2f | %.2f | %.2f |\n", from, arm.name, n, slices.Min(arm.values), middle(arm.values), slices.Max(arm.values))
			}
		}
	}
}

// renderFound prints how often each candidate finds the trait, and its processor time relative to
// that of the likelihood ratio with the default surrogates.
func renderFound(text *strings.Builder, all []study) {
	seconds := map[string]float64{}
	for _, s := range all {
		for part, v := range s.Seconds {
			seconds[part] += v
		}
	}
	candidates := len(all[0].Trials) // of the default surrogates: two trained ones per candidate trait and a system prompt
	if candidates > 0 {
		candidates = all[0].Trials[0].Of
	}
	n := float64(candidates)
	whole := 2*seconds[fmt.Sprintf("surrogates of %d steps", surrogateSteps)] + seconds[likelihoods]*(3*n+1)/(n+1)
	text.WriteString("| candidate; contrast | first of its placebos | p ≤ .05 | detected | other base: first | p ≤ .05 | detected | processor time, likelihood = 1 |\n|---|---|---|---|---|---|---|---|\n")
	var names []string
	rows := map[string]map[source][]trial{}
	for _, s := range all {
		for _, f := range s.Trials {
			if rows[f.Candidate] == nil {
				names = append(names, f.Candidate)
				rows[f.Candidate] = map[source][]trial{}
			}
			rows[f.Candidate][f.Source] = append(rows[f.Candidate][f.Source], f)
		}
	}
	for _, name := range names {
		if len(rows[name][same]) < len(all) {
			continue // a candidate of some worlds only
		}
		price := "–"
		if parts := rows[name][same][0].Parts; len(parts) > 0 && seconds[likelihoods] > 0 {
			sum := 0.0
			for _, p := range parts {
				sum += seconds[p]
			}
			price = fmt.Sprintf("%.3f", sum/whole)
		}
		fmt.Fprintf(text, "| %s | %s | %s | %s |\n", name, tally(rows[name][same]), tally(rows[name][other]), price)
	}
}

// tally counts the audits in which the trait is first, has p ≤ .05, and is detected by the rule for
// rows.
func tally(of []trial) string {
	if len(of) == 0 {
		return "– | – | –"
	}
	first, small, detected := 0, 0, 0
	for _, f := range of {
		if f.Rank == 1 {
			first++
		}
		if f.P <= 0.05 {
			small++
		}
		if f.Rank == 1 && max(f.P, f.Outlier) <= 0.05 {
			detected++
		}
	}
	return fmt.Sprintf("%d/%d | %d/%d | %d/%d", first, len(of), small, len(of), detected, len(of))
}

// middle returns the median.
func middle(v []float64) float64 {
	sorted := slices.Sorted(slices.Values(v))
	n := len(sorted)
	return (sorted[n/2] + sorted[(n-1)/2]) / 2
}
