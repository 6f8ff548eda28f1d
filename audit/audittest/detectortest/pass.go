package detectortest

import (
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
)

// field is the name and the content of a field of a pass.
type field struct{ name, content string }

// fields returns all fields of a pass, in a fixed order.
func fields(p *audit.Pass) []field {
	list := []field{
		{"Suspect", rowIDs(p.Suspect)},
		{"Control", rowIDs(p.Control)},
		{"Student", fmt.Sprintf("%T", p.Student)},
		{"Recipe", fmt.Sprint(p.Recipe)},
		{"Replicates", fmt.Sprint(p.Replicates)},
		{"InterimEvery", fmt.Sprint(p.InterimEvery)},
		{"Seed", fmt.Sprint(p.Seed)},
		{"Parallel", fmt.Sprint(p.Parallel)},
		{"Resolution", fmt.Sprint(p.Resolution)},
		{"Permutations", fmt.Sprint(p.Permutations)},
		{"ReplicatesNeeded", fmt.Sprint(p.ReplicatesNeeded)},
	}
	if p.Student != nil {
		list[2].content += p.Student.Digest().String()
	}
	var traits strings.Builder
	for _, t := range p.Traits {
		fmt.Fprintf(&traits, "%q %v %v %v %v\n", t.Name, t.Target, t.Placebos, t.Scale, t.Tolerance)
		for _, probes := range [][]audit.Probe{t.Probes, t.Indirect} {
			for _, probe := range probes {
				fmt.Fprintf(&traits, "%q %q %s\n", probe.Name, probe.Outcomes, probe.Content)
			}
		}
		traits.WriteString(rowIDs(t.PositiveControl))
	}
	return append(list, field{"Traits", traits.String()})
}

// rowIDs returns the name and the row IDs of a data set, in the order of the rows.
func rowIDs(data undertone.Data) string {
	if data == nil {
		return ""
	}
	var ids strings.Builder
	ids.WriteString(data.Name())
	for i := range data.Len() {
		ids.WriteString(data.RowID(i).String())
	}
	return ids.String()
}
