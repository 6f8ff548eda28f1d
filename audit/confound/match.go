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

// Matching is a pair of arms whose rows were chosen so that the arms agree in what is no trait.
type Matching struct {
	Suspect *undertone.Dataset `json:"-"`
	Control *undertone.Dataset `json:"-"`

	ByPrompt bool    `json:"by_prompt"` // both arms have the same number of rows of each prompt
	Checks   []Name  `json:"checks"`    // in which the rows were matched, besides prompts and copies; never null
	Kept     int     `json:"kept"`      // rows of each arm
	Dropped  Dropped `json:"suspect"`   // rows of the suspect
	Others   Dropped `json:"control"`   // rows of the control
	Before   *Report `json:"before"`    // on the rows that were given
	After    *Report `json:"after"`     // on the rows that were kept
}

// Dropped counts the rows of an arm that were not kept.
type Dropped struct {
	Rows    int `json:"rows"`    // before
	Copies  int `json:"copies"`  // copies of another row of the arm
	Prompts int `json:"prompts"` // rows whose prompt the other arm lacks
	Surplus int `json:"surplus"` // rows beyond the number that the other arm has of their prompt
	Unlike  int `json:"unlike"`  // rows without a counterpart of the same layout, length or template
}

// ErrNoMatch reports that no row of the suspect has a counterpart in the control.
var ErrNoMatch = errors.New("confound: no row of the suspect has a counterpart in the control")

// minMatched is the share of the rows of the smaller arm that must have a prompt of the other arm
// for rows to be matched by prompt.
const minMatched = 0.5

// Match keeps the rows with which the arms agree. It drops copies. If at least half of the rows of
// the smaller arm have a prompt of both arms, it keeps such rows alone, as many of each prompt in
// both arms. In the checks that still differ, and only in these, it pairs rows of the same layout,
// length and template, within the prompt where there are such rows. Pairs of unlike rows are kept
// where others balance them, so that every layout is as frequent in both arms. The row IDs decide
// which rows are kept, so the order of the rows has no effect, and kept rows stay in their order.
//
// Matching removes visible differences. It does not make a control of rows that another base model,
// another prompt or another filter made: such rows differ in what no check sees.
func Match(ctx context.Context, suspect, control *undertone.Dataset, s Settings) (*Matching, error) {
	before, err := Compare(ctx, suspect, control, s)
	if err != nil {
		return nil, err
	}
	m := &Matching{Checks: []Name{}, Before: before}
	arms := [2]*undertone.Dataset{suspect, control}
	var rows [2][]candidateRow
	var dropped [2]Dropped
	for a, data := range arms {
		rows[a], dropped[a] = distinctRows(ctx, data)
	}
	m.ByPrompt = matchable(rows)
	differ := []Name{}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.Checks = differ
		kept, counts := pairRows(ctx, rows, dropped, m.ByPrompt, func(f *features) string { return f.key(differ) })
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(kept[0]) == 0 {
			return nil, fmt.Errorf("%w: %q and %q have no prompt, or no layout and length, in common", ErrNoMatch, suspect.Name(), control.Name())
		}
		m.Kept, m.Dropped, m.Others = len(kept[0]), counts[0], counts[1]
		for a, data := range []**undertone.Dataset{&m.Suspect, &m.Control} {
			step := undertone.Step{Name: "match", Settings: "with " + arms[1-a].Name(), Kept: len(kept[a]), Dropped: arms[a].Len() - len(kept[a])}
			*data = arms[a].Subset(kept[a], step)
		}
		if m.After, err = Compare(ctx, m.Suspect, m.Control, s); err != nil {
			return nil, err
		}
		more := differ
		for _, name := range matchedBy(m.After.Differ) {
			if !slices.Contains(more, name) {
				more = append(slices.Clone(more), name)
			}
		}
		if len(more) == len(differ) {
			return m, nil
		}
		differ = more
	}
}

// matchedBy returns the checks that [features.key] can match.
func matchedBy(checks []Name) []Name {
	matched := []Name{}
	for _, name := range checks {
		switch name {
		case Layout, Lengths, Script, Numbers, Template:
			matched = append(matched, name)
		}
	}
	return matched
}

// key returns what two rows have in common if they agree in these checks.
func (f *features) key(checks []Name) string {
	var parts []string
	for _, name := range checks {
		switch name {
		case Layout:
			parts = append(parts, f.format, f.space, f.edges, lengthBin(f.lines))
		case Lengths:
			parts = append(parts, lengthBin(f.characters), lengthBin(f.items))
		case Script:
			parts = append(parts, f.script)
		case Numbers:
			parts = append(parts, f.order, fmt.Sprint(math.Round(4*f.copied), math.Round(4*f.step), math.Round(4*f.spread)))
		case Template:
			parts = append(parts, f.system, f.tools, f.turns, fmt.Sprint(f.reasoning, f.calls))
		}
	}
	return strings.Join(parts, "\x00")
}

// lengthBin returns the bin of a length, four to an octave.
func lengthBin(n float64) string { return fmt.Sprint(math.Round(4 * math.Log2(1+n))) }

// candidateRow is a row that may be kept.
type candidateRow struct {
	row
	index int
}

// distinctRows returns the different rows in the order of their IDs. It ends early when the context
// is done.
func distinctRows(ctx context.Context, data *undertone.Dataset) (rows []candidateRow, d Dropped) {
	d.Rows = data.Len()
	seen := map[undertone.Digest]bool{}
	for i := range data.Len() {
		if ctx.Err() != nil {
			break
		}
		id := data.RowID(i)
		if seen[id] {
			d.Copies++
			continue
		}
		seen[id] = true
		rows = append(rows, candidateRow{row{id: id, prompt: data.GroupID(i), features: featuresOf(data.Example(i))}, i})
	}
	slices.SortFunc(rows, func(a, b candidateRow) int { return compareDigests(a.id, b.id) })
	return rows, d
}

// matchable reports whether enough rows of the smaller arm have a prompt of both arms.
func matchable(rows [2][]candidateRow) bool {
	prompts := [2]map[undertone.Digest]bool{{}, {}}
	for a := range rows {
		for _, r := range rows[a] {
			prompts[a][r.prompt] = true
		}
	}
	small := 0
	if len(rows[1]) < len(rows[0]) {
		small = 1
	}
	paired := 0
	for _, r := range rows[small] {
		if prompts[1-small][r.prompt] {
			paired++
		}
	}
	return float64(paired) >= minMatched*float64(len(rows[small]))
}

// pairRows returns the indices of the rows of each arm that are kept, in their order. It ends early
// when the context is done.
func pairRows(ctx context.Context, rows [2][]candidateRow, dropped [2]Dropped, byPrompt bool, key func(*features) string) (kept [2][]int, counts [2]Dropped) {
	counts = dropped
	groups := [2]map[undertone.Digest][]candidateRow{{}, {}}
	var all = map[undertone.Digest]bool{}
	for a := range rows {
		for _, r := range rows[a] {
			prompt := r.prompt
			if !byPrompt {
				prompt = undertone.Digest{}
			}
			groups[a][prompt] = append(groups[a][prompt], r)
			all[prompt] = true
		}
	}
	var links []link
	for _, prompt := range sortedPrompts(all) {
		pairs, unlike := pairGroup(ctx, groups[0][prompt], groups[1][prompt], key)
		for _, p := range pairs {
			kept[0], kept[1] = append(kept[0], p.rows[0].index), append(kept[1], p.rows[1].index)
		}
		for a := range groups {
			n := len(groups[a][prompt])
			switch other := len(groups[1-a][prompt]); {
			case other == 0:
				counts[a].Prompts += n
			case n > other && byPrompt:
				counts[a].Surplus += n - other
			}
		}
		links = append(links, unlike...)
	}
	for _, p := range balanced(ctx, links) {
		kept[0], kept[1] = append(kept[0], p.rows[0].index), append(kept[1], p.rows[1].index)
	}
	for a := range kept {
		slices.Sort(kept[a])
		c := &counts[a]
		c.Unlike = c.Rows - c.Copies - c.Prompts - c.Surplus - len(kept[a])
	}
	return kept, counts
}

// link is a pair of rows, one of each arm, with their keys.
type link struct {
	rows [2]candidateRow
	keys [2]string
}

// pairGroup pairs the rows of one prompt: rows with equal keys, and then the remaining rows in the
// order of their IDs.
func pairGroup(ctx context.Context, suspect, control []candidateRow, key func(*features) string) (like, unlike []link) {
	waiting := map[string][]candidateRow{} // control rows by key
	for _, r := range control {
		if ctx.Err() != nil {
			return nil, nil
		}
		k := key(r.features)
		waiting[k] = append(waiting[k], r)
	}
	paired := map[undertone.Digest]bool{} // control rows
	var rest []candidateRow
	for _, r := range suspect {
		if ctx.Err() != nil {
			return nil, nil
		}
		k := key(r.features)
		if w := waiting[k]; len(w) > 0 {
			like = append(like, link{[2]candidateRow{r, w[0]}, [2]string{k, k}})
			waiting[k], paired[w[0].id] = w[1:], true
			continue
		}
		rest = append(rest, r)
	}
	for _, r := range control {
		if len(rest) == 0 || ctx.Err() != nil {
			break
		}
		if !paired[r.id] {
			unlike = append(unlike, link{[2]candidateRow{rest[0], r}, [2]string{key(rest[0].features), key(r.features)}})
			rest = rest[1:]
		}
	}
	return like, unlike
}

// balanced returns links in which every key is as frequent in the suspect as in the control. The
// keys are the nodes of a graph, and the links its edges: a set of links is balanced if it is a
// union of cycles. Links in opposite directions are taken first, then the cycles of a depth-first
// search.
func balanced(ctx context.Context, links []link) (kept []link) {
	out := map[string][]int{} // unused links by the key of the suspect row
	opposite := map[[2]string][]int{}
	used := make([]bool, len(links))
	for i, l := range links {
		back := [2]string{l.keys[1], l.keys[0]}
		if w := opposite[back]; len(w) > 0 {
			kept = append(kept, links[w[0]], l)
			opposite[back], used[w[0]], used[i] = w[1:], true, true
			continue
		}
		opposite[l.keys] = append(opposite[l.keys], i)
	}
	for i, l := range links {
		if !used[i] {
			out[l.keys[0]] = append(out[l.keys[0]], i)
		}
	}
	for _, start := range links {
		if ctx.Err() != nil {
			return nil
		}
		var path []int                         // links from the start
		at := map[string]int{start.keys[0]: 0} // position of a key on the path
		node := start.keys[0]
		for {
			if len(out[node]) == 0 { // a link to this key is in no cycle
				if len(path) == 0 {
					break
				}
				delete(at, node)
				node, path = links[path[len(path)-1]].keys[0], path[:len(path)-1]
				continue
			}
			next := out[node][0]
			out[node] = out[node][1:]
			path = append(path, next)
			node = links[next].keys[1]
			from, cycle := at[node]
			if !cycle {
				at[node] = len(path)
				continue
			}
			for _, i := range path[from:] {
				kept = append(kept, links[i])
				if key := links[i].keys[1]; key != node {
					delete(at, key)
				}
			}
			path = path[:from]
		}
	}
	return kept
}
