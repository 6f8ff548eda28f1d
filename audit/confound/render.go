package confound

import "fmt"

// String names the check and the measure that exceeds its margin most.
func (c Check) String() string {
	worst, more := -1, 0
	for i, m := range c.Measures {
		if m.Differs {
			more++
			if worst < 0 || m.beyond() > c.Measures[worst].beyond() {
				worst = i
			}
		}
	}
	if worst < 0 {
		return fmt.Sprintf("%s agree", c.Name)
	}
	text := fmt.Sprintf("%s: %s", c.Name, c.Measures[worst])
	if more > 1 {
		text += fmt.Sprintf(" and %d more", more-1)
	}
	return text
}

// beyond returns how many margins the distance lies beyond chance.
func (m Measure) beyond() float64 { return (m.Distance - m.Chance) / m.Margin }

// String states the distance, and the values of both arms.
func (m Measure) String() string {
	return fmt.Sprintf("%s (%s %.2f, margin %.2f; %s: suspect %.2f, control %.2f)", m.Name, m.Kind, m.Distance, m.Margin, m.Value, m.Suspect, m.Control)
}

// Table returns the measures of all checks as rows of text, with a heading.
func (r *Report) Table() [][]string {
	table := [][]string{{"check", "measure", "distance", "chance", "margin", "", "suspect", "control", "what suspect and control are"}}
	for _, c := range r.Checks {
		for _, m := range c.Measures {
			outcome := "agree"
			if m.Differs {
				outcome = "DIFFER"
			}
			table = append(table, []string{
				string(c.Name), m.Name, fmt.Sprintf("%.3f", m.Distance), fmt.Sprintf("%.3f", m.Chance), fmt.Sprintf("%.2f", m.Margin), outcome,
				fmt.Sprintf("%.3f", m.Suspect), fmt.Sprintf("%.3f", m.Control), m.Value,
			})
		}
	}
	return table
}
