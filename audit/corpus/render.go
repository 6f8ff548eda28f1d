package corpus

import (
	"fmt"
	"io"
	"strings"

	"github.com/undertone-audit/undertone/audit"
)

// notATrait ends every result for people.
const notATrait = "A difference is not a trait, and no difference does not rule a trait out: this comparison says whether rows can be told apart."

// String returns the area and its interval, such as "0.612 [0.540, 0.684]".
func (a AUROC) String() string { return fmt.Sprintf("%.3f [%.3f, %.3f]", a.Area, a.Low, a.High) }

// Render writes the result. Text and Markdown are for people and may change between versions; JSON
// is for programs.
func (r *Result) Render(w io.Writer, f audit.Format) error {
	return audit.Render(w, f, "corpus result", r, (*Result).text, (*Result).markdown)
}

func (r *Result) text(w io.Writer) {
	fmt.Fprintf(w, "%s: %s\n%s\n", r.statement(), strings.Join(r.Reasons, "; "), r.Design.rows())
	if r.Content != nil {
		const line = "%-20s %-22s %-22s %-16s  %s\n"
		fmt.Fprintf(w, "\n"+line, "channel", "AUROC of rows", fmt.Sprintf("AUROC of bags of %d", r.Content.Bag.Bag), "p", "observes")
		for _, c := range r.allChannels() {
			fmt.Fprintf(w, line, c.Channel, c.Row, c.Bag, c.P, c.Observes)
		}
	}
	if r.MMD != nil {
		fmt.Fprintln(w, r.MMD)
	}
	if r.PositiveControl != nil {
		fmt.Fprintln(w, r.PositiveControl)
	}
	if len(r.Features) > 0 {
		fmt.Fprint(w, "\nshare of suspect rows, share of control rows, feature\n")
		for _, f := range r.Features {
			fmt.Fprintf(w, "  %5.1f %% %5.1f %%  %s\n", 100*f.Suspect, 100*f.Control, f.Feature)
		}
	}
	if len(r.Rows) > 0 {
		fmt.Fprint(w, "\nsuspect rows with the highest scores: log-likelihood ratio in nats, index, row ID\n")
		for _, row := range r.Rows {
			fmt.Fprintf(w, "  %+6.2f  %d  %s\n", row.Score, row.Index, row.ID.Short())
		}
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "warning: %s\n", warning)
	}
	fmt.Fprintf(w, "\n%s\n", notATrait)
}

func (r *Result) markdown(w io.Writer) {
	fmt.Fprintf(w, "## %s\n\n%s.\n\n%s.\n", r.statement(), strings.Join(r.Reasons, "; "), r.Design.rows())
	if r.Content != nil {
		fmt.Fprintf(w, "\n| channel | AUROC of rows | AUROC of bags of %d | p | observes |\n|---|---|---|---|---|\n", r.Content.Bag.Bag)
		for _, c := range r.allChannels() {
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s |\n", c.Channel, c.Row, c.Bag, c.P, c.Observes)
		}
	}
	if r.MMD != nil {
		fmt.Fprintf(w, "\n%s.\n", r.MMD)
	}
	if r.PositiveControl != nil {
		fmt.Fprintf(w, "\n%s.\n", r.PositiveControl.String())
	}
	if len(r.Features) > 0 {
		fmt.Fprint(w, "\n| feature | suspect rows | control rows |\n|---|---|---|\n")
		for _, f := range r.Features {
			fmt.Fprintf(w, "| %s | %.1f %% | %.1f %% |\n", f.Feature, 100*f.Suspect, 100*f.Control)
		}
	}
	if len(r.Rows) > 0 {
		fmt.Fprint(w, "\n| suspect row | log-likelihood ratio in nats | row ID |\n|---|---|---|\n")
		for _, row := range r.Rows {
			fmt.Fprintf(w, "| %d | %+.2f | %s |\n", row.Index, row.Score, row.ID.Short())
		}
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\n> warning: %s\n", warning)
	}
	fmt.Fprintf(w, "\n%s\n", notATrait)
}

// statement returns the outcome as a statement about the arms, and what tells them apart.
func (r *Result) statement() string {
	if len(r.By) == 0 {
		return r.Outcome.statement()
	}
	return r.Outcome.statement() + " by " + strings.Join(r.By, ", ")
}

// allChannels returns the result for all content, for the content given the layout, for each
// channel of the content and for the layout.
func (r *Result) allChannels() []ChannelResult {
	return append(append([]ChannelResult{*r.Content, *r.Beyond}, r.Channels...), *r.Layout)
}

// rows says how many rows are compared.
func (d Design) rows() string {
	return fmt.Sprintf("%d suspect and %d control rows, %d prompts shared", d.SuspectRows, d.ControlRows, d.SharedPrompts)
}

// String returns the discrepancy, the number of rows and the p-value.
func (m *MMD) String() string {
	return fmt.Sprintf("MMD² %.2g over %d rows in %d clusters, p %s", m.Squared, m.Rows, m.Units, m.P)
}

// String says whether the positive control was found.
func (p *PositiveControl) String() string {
	found := "not found"
	if p.Found {
		found = "found"
	}
	return fmt.Sprintf("positive control %s: %s", found, strings.Join(p.Reasons, "; "))
}
