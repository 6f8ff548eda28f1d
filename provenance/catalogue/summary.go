package catalogue

import (
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/provenance"
)

// TrainingSummary returns a paragraph about a file of rows for the public summary of training
// content that Article 53(1)(d) of Regulation (EU) 2024/1689 asks of providers of general-purpose
// models: the part on synthetic data that models have generated. It states what the manifest says.
// Names in it neither control a terminal nor begin a line.
func TrainingSummary(file string, m *provenance.Manifest) (string, error) {
	o, err := originOf(m)
	if err != nil {
		return "", fmt.Errorf("catalogue: summary of %s: %w", file, err)
	}
	if m.Subject.Content.Rows == nil {
		return "", fmt.Errorf("catalogue: summary of %s: %w", file, errNoRows)
	}
	lines := []string{fmt.Sprintf("The data set %s has %d rows.", file, m.Subject.Content.Rows.Count)}
	if len(o.generators) == 0 {
		lines = append(lines, "Its manifest names no model that generated rows.")
	}
	lines = append(lines, o.writers()...)
	if steps := o.steps(); len(steps) > 0 {
		lines = append(lines, "The rows were then processed. "+strings.Join(steps, " "))
	}
	biases, limitations := o.traits()
	lines = append(lines, biases...)
	lines = append(lines, limitations...)
	lines = append(lines, fmt.Sprintf("These statements are those of the manifest %s.", m.Digest))
	return escape.Text(strings.Join(lines, " ")) + "\n", nil
}
