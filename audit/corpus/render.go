package corpus

import (
	"fmt"
	"io"
	"strings"
)

// String returns the area and its interval.
func (a AUROC) String() string { return fmt.Sprintf("%.3f [%.3f, %.3f]", a.Area, a.Low, a.High) }

// String returns the p-value; one at its floor is shown as a bound.
func (t Test) String() string {
	if t.P <= t.Floor {
		return fmt.Sprintf("p ≤ %.3g", t.Floor)
	}
	return fmt.Sprintf("p = %.3g", t.P)
}

// Render writes the result for people.
func (r *Result) Render(w io.Writer) error {
	var b strings.Builder
	d := r.Design
	fmt.Fprintf(&b, "%s: %s\n", r.Verdict, strings.Join(r.Reasons, "; "))
	fmt.Fprintf(&b, "%d suspect and %d control rows, %d prompts shared\n", d.SuspectRows, d.ControlRows, d.SharedPrompts)
	if r.Content != nil {
		fmt.Fprintf(&b, "\n%-11s %-22s %-22s %-10s\n", "", "AUROC of rows", fmt.Sprintf("AUROC of bags of %d", r.Content.Bag.Bag), "test")
		for _, f := range append([]Finding{*r.Content}, append(r.Channels, *r.Format)...) {
			fmt.Fprintf(&b, "%-11s %-22s %-22s %-10s  %s\n", f.Channel, f.Row, f.Bag, f.Test, f.Sees)
		}
	}
	if r.MMD != nil {
		fmt.Fprintf(&b, "MMD² %.2g over %d rows, %s\n", r.MMD.Squared, r.MMD.Rows, r.MMD.Test)
	}
	if len(r.Rules) > 0 {
		b.WriteString("\nshare of rows, suspect and control\n")
		for _, rule := range r.Rules {
			fmt.Fprintf(&b, "  %5.1f %% %5.1f %%  %s\n", 100*rule.Suspect, 100*rule.Control, rule.What)
		}
	}
	if len(r.Rows) > 0 {
		b.WriteString("\nmost suspicious rows: log-likelihood ratio in nats, row of the suspect data\n")
		for _, row := range r.Rows {
			fmt.Fprintf(&b, "  %+6.2f  %d  %s\n", row.Score, row.Index, row.ID.Short())
		}
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", warning)
	}
	b.WriteString("\nA difference is not a trait, and no difference is not its absence: this says whether rows can be told apart.\n")
	_, err := io.WriteString(w, b.String())
	return err
}
