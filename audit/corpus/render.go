package corpus

import (
	"fmt"
	"io"
	"strings"
)

// String returns the area and its interval, such as "0.612 [0.540, 0.684]".
func (a AUROC) String() string { return fmt.Sprintf("%.3f [%.3f, %.3f]", a.Area, a.Low, a.High) }

// Render writes the result as text for people. The text may change between versions; the JSON of
// [Result] is for programs.
func (r *Result) Render(w io.Writer) error {
	var b strings.Builder
	d := r.Design
	fmt.Fprintf(&b, "%s: %s\n", r.Verdict, strings.Join(r.Reasons, "; "))
	fmt.Fprintf(&b, "%d suspect and %d control rows, %d prompts shared\n", d.SuspectRows, d.ControlRows, d.SharedPrompts)
	if r.Content != nil {
		const line = "%-11s %-22s %-22s %-16s  %s\n"
		fmt.Fprintf(&b, "\n"+line, "channel", "AUROC of rows", fmt.Sprintf("AUROC of bags of %d", r.Content.Bag.Bag), "p", "observes")
		for _, c := range append([]ChannelResult{*r.Content}, append(r.Channels, *r.Layout)...) {
			fmt.Fprintf(&b, line, c.Channel, c.Row, c.Bag, c.P, c.Observes)
		}
	}
	if r.MMD != nil {
		fmt.Fprintf(&b, "MMD² %.2g over %d rows, p %s\n", r.MMD.Squared, r.MMD.Rows, r.MMD.P)
	}
	if len(r.Features) > 0 {
		b.WriteString("\nshare of suspect rows, share of control rows, feature\n")
		for _, f := range r.Features {
			fmt.Fprintf(&b, "  %5.1f %% %5.1f %%  %s\n", 100*f.Suspect, 100*f.Control, f.Feature)
		}
	}
	if len(r.Rows) > 0 {
		b.WriteString("\nsuspect rows with the highest scores: log-likelihood ratio in nats, index, row ID\n")
		for _, row := range r.Rows {
			fmt.Fprintf(&b, "  %+6.2f  %d  %s\n", row.Score, row.Index, row.ID.Short())
		}
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", warning)
	}
	b.WriteString("\nA difference is not a trait, and no difference does not rule a trait out: this comparison says whether rows can be told apart.\n")
	_, err := io.WriteString(w, b.String())
	return err
}
