package corpus

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
)

// matchedRows is how many rows of each arm, or half of the smaller arm, must have
// prompts that both arms have, for tests that are conditional on the prompt.
const matchedRows = 50

// Compare asks whether the completions of the suspect and of the control rows can
// be told apart. A design that can not answer is no error: its result is
// [Inconclusive] and says what it needs.
func Compare(ctx context.Context, suspect, control undertone.Text, config Config) (*Result, error) {
	config, err := config.withDefaults()
	if err == nil && (suspect == nil || control == nil) {
		err = errNoData
	}
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	s, origin := newSheet(suspect, control, config)
	tested, matched := s.tested()
	r := &Result{Design: Design{
		Suspect: suspect.Digest(), Control: control.Digest(), Matched: matched,
		TestedRows: len(tested), Components: s.components, SharedPrompts: s.shared(), Settings: config,
	}}
	for _, arm := range s.suspect {
		r.Design.SuspectRows += btoi(arm)
	}
	r.Design.ControlRows = len(s.rows) - r.Design.SuspectRows
	r.Warnings = s.warnings(suspect, control, r.Design)
	if need := s.needs(tested, matched, config); need != "" {
		r.Reasons = []string{need}
		return r, nil
	}
	if err := s.measure(ctx, r, tested, origin); err != nil {
		return nil, fmt.Errorf("corpus: comparing %.80q with %.80q: %w", suspect.Name(), control.Name(), err)
	}
	found := false
	if config.Positive != nil {
		plain := config
		plain.Positive = nil
		positive, err := Compare(ctx, config.Positive, control, plain)
		if err != nil {
			return nil, fmt.Errorf("corpus: positive control: %w", err)
		}
		found = positive.Verdict == Detected
	}
	r.judge(config.Positive != nil, found)
	return r, nil
}

// newSheet reads both arms and deals the rows into folds; origin is where each row stood in its arm.
func newSheet(suspect, control undertone.Text, config Config) (s *sheet, origin []int) {
	s = &sheet{folds: config.Folds}
	arms := [2]undertone.Text{control, suspect}
	var picked [2][]int
	for arm, data := range arms {
		picked[arm] = sample(data, config.MaxRows, config.Seed)
	}
	bytes := budget(len(picked[0]) + len(picked[1]))
	for arm, data := range arms {
		for _, i := range picked[arm] {
			s.add(data.Example(i), data.Group(i), arm == 1, 1, bytes)
			origin = append(origin, i)
		}
	}
	s.link(config.Seed)
	return s, origin
}

func (s *sheet) add(e undertone.Example, prompt undertone.Digest, suspect bool, weight float64, bytes int) {
	s.rows = append(s.rows, parse(e.Completion(), bytes))
	s.suspect = append(s.suspect, suspect)
	s.weight = append(s.weight, weight)
	s.id = append(s.id, e.ID())
	s.prompt = append(s.prompt, prompt)
	s.content = append(s.content, undertone.NewHasher("completion").Text(e.Completion()).Sum())
}

func (s *sheet) link(seed uint64) {
	s.component, s.components, s.wide = linked(s.prompt, s.content, 4*s.folds)
	s.fold = deal(s.component, s.components, s.content, s.folds, seed)
}

// arms returns which arms have each prompt: 1 control, 2 suspect, 3 both.
func (s *sheet) arms() map[undertone.Digest]int {
	arms := map[undertone.Digest]int{}
	for i, p := range s.prompt {
		arms[p] |= 1 << btoi(s.suspect[i])
	}
	return arms
}

func (s *sheet) shared() (n int) {
	for _, a := range s.arms() {
		n += btoi(a == 3)
	}
	return n
}

// tested returns the rows that tests and areas rest on: those whose prompt both
// arms have, or, where these are too few, those whose prompt one arm alone has.
func (s *sheet) tested() (rows []int, matched bool) {
	arms := s.arms()
	var n [2]int
	suspects := 0
	for i, p := range s.prompt {
		suspects += btoi(s.suspect[i])
		if arms[p] == 3 {
			n[btoi(s.suspect[i])]++
		}
	}
	smaller := min(suspects, len(s.rows)-suspects)
	matched = smaller > 0 && min(n[0], n[1]) >= min(matchedRows, (smaller+1)/2)
	for i, p := range s.prompt {
		if (arms[p] == 3) == matched {
			rows = append(rows, i)
		}
	}
	return rows, matched
}

func (s *sheet) warnings(suspect, control undertone.Text, d Design) []string {
	var w []string
	warn := func(format string, args ...any) { w = append(w, fmt.Sprintf(format, args...)) }
	if suspect.Len() > d.SuspectRows || control.Len() > d.ControlRows {
		warn("looked at %d of %d suspect and %d of %d control rows, chosen by content", d.SuspectRows, suspect.Len(), d.ControlRows, control.Len())
	}
	if bytes := budget(len(s.rows)); slices.ContainsFunc(s.rows, func(r row) bool { return len(r.text) >= bytes-utf8Max }) {
		warn("looked at the first %d bytes of each completion", bytes)
	}
	if !d.Matched {
		warn("the arms share no prompts, or too few: a difference of prompts can not be told from a difference of writers")
	} else if all := len(s.rows); d.TestedRows*5 < all*4 {
		warn("tests and areas rest on the %d of %d rows whose prompts both arms have", d.TestedRows, all)
	}
	if s.wide > 0 && d.Matched {
		warn("%d of %d rows answer prompts too common to be held out, or none: they are held out by content alone", s.wide, len(s.rows))
	}
	size := make([]int, s.components)
	for _, c := range s.component {
		size[c]++
	}
	if len(size) > 0 && slices.Max(size)*s.folds > len(s.rows) {
		warn("%d of %d rows are linked by prompt or content and stand in one fold: scores are estimated on unequal folds", slices.Max(size), len(s.rows))
	}
	return w
}

const utf8Max = 4 // bytes that cutting a text may leave out

// needs says what the design lacks, or "".
func (s *sheet) needs(tested []int, matched bool, config Config) string {
	var n [2]int
	folds := make([][2]int, s.folds)
	for _, i := range tested {
		n[btoi(s.suspect[i])]++
		folds[s.fold[i]][btoi(s.suspect[i])]++
	}
	if need := 2 * config.Folds * config.Bag; n[0] < need || n[1] < need {
		which := "whose prompts one arm alone has"
		if matched {
			which = "whose prompts both arms have"
		}
		return fmt.Sprintf("needs at least %d rows of each arm for bags of %d (2 bags in each of %d folds), or a smaller Bag; has %d suspect and %d control rows %s",
			need, config.Bag, config.Folds, n[1], n[0], which)
	}
	for _, f := range folds {
		if f[0] < config.Bag || f[1] < config.Bag {
			return fmt.Sprintf("needs a bag of %d rows of each arm in each of %d folds: too many rows share their prompt or content (%d groups); give more varied rows, fewer Folds or a smaller Bag",
				config.Bag, config.Folds, s.components)
		}
	}
	return ""
}

func (s *sheet) measure(ctx context.Context, r *Result, tested, origin []int) error {
	config := r.Design.Settings
	lenses := make([]*lens, len(content))
	for c := range content {
		lenses[c] = newLens(content[c], s.rows)
	}
	blocksOf := s.matched
	if !r.Design.Matched {
		blocksOf = s.unmatched
	}
	blocks := blocksOf(tested)
	find := func(name, sees string, out, past []float64, stream uint64) (Finding, []float64) {
		slope := s.calibrate(out)
		f := Finding{Channel: name, Sees: sees, Row: s.areaOf(out, tested, 1, config.Seed), Bag: s.areaOf(out, tested, config.Bag, config.Seed)}
		f.Test = testScores(blocks, past, config.Permutations, rand.New(rand.NewPCG(config.Seed, stream)))
		scores := make([]float64, len(out))
		axpy(slope, out, scores)
		f.Shift = s.shift(scores, tested)
		return f, scores
	}
	out, past, err := s.both(ctx, lenses)
	if err != nil {
		return err
	}
	for c, l := range lenses {
		f, _ := find(l.name, l.sees, out[c], past[c], uint64(c))
		r.Channels = append(r.Channels, f)
	}
	all, scores := find("content", "the mean of the channels below", mean(out), mean(past), 100)
	r.Content = &all
	r.Rows = s.top(scores, origin, config.Top)
	r.Rules = s.rules(lenses, tested, config.Top)

	layout := []*lens{newLens(format, s.rows)}
	if out, past, err = s.both(ctx, layout); err != nil {
		return err
	}
	f, _ := find(format.name, format.sees, out[0], past[0], 101)
	r.Format = &f
	if err := ctx.Err(); err != nil {
		return err
	}
	r.MMD = s.kernelTest(lenses, tested, blocksOf, config.Permutations, config.Seed, rand.New(rand.NewPCG(config.Seed, 102)))
	return nil
}

// both returns the scores of ordinary cross-validation, for effects, and those
// from models of earlier folds, for tests.
func (s *sheet) both(ctx context.Context, lenses []*lens) (out, past [][]float64, err error) {
	if out, _, err = s.crossfit(ctx, lenses, false); err == nil {
		past, _, err = s.crossfit(ctx, lenses, true)
	}
	return out, past, err
}

func (s *sheet) shift(scores []float64, rows []int) float64 {
	var sum, n [2]float64
	for _, i := range rows {
		sum[btoi(s.suspect[i])] += scores[i]
		n[btoi(s.suspect[i])]++
	}
	return sum[1]/n[1] - sum[0]/n[0]
}

// top returns the suspect rows with the highest scores; equal completions count once.
func (s *sheet) top(scores []float64, origin []int, n int) []Row {
	var rows []int
	for i, suspect := range s.suspect {
		if suspect {
			rows = append(rows, i)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	var top []Row
	seen := map[undertone.Digest]bool{}
	for _, i := range rows {
		if len(top) == n {
			break
		}
		if !seen[s.content[i]] {
			seen[s.content[i]] = true
			top = append(top, Row{ID: s.id[i], Prompt: s.prompt[i], Index: origin[i], Score: scores[i]})
		}
	}
	return top
}

// judge sets the verdict and its reasons.
func (r *Result) judge(planted, found bool) {
	d, c, f := r.Design, r.Content, r.Format
	because := func(v Verdict, format string, args ...any) {
		r.Verdict = v
		r.Reasons = append(r.Reasons, fmt.Sprintf(format, args...))
	}
	config := d.Settings
	if f.Test.P <= config.Alpha {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the arms differ in how rows are laid out (AUROC of rows %.3f, p = %.3g): put both through one filter and one mix of formats", f.Row.Area, f.Test.P))
	}
	differs := c.Test.P <= config.Alpha && c.Bag.Area >= .5+config.Margin
	switch {
	case math.IsNaN(c.Bag.Area):
		because(Inconclusive, "no fold has a bag of both arms")
	case c.Test.Floor > config.Alpha:
		because(Inconclusive, "needs at least %d permutations to reach alpha %v", int(math.Ceil(1/config.Alpha)), config.Alpha)
	case differs && !d.Matched:
		because(Inconclusive, "the content differs, but so do the prompts: needs a control made from the suspect's prompts")
	case differs && f.Test.P <= config.Alpha && f.Row.Area >= c.Row.Area:
		because(Inconclusive, "the layout differs more than the content: needs both arms through one filter")
	case differs:
		because(Detected, "bags of %d rows are told apart with AUROC %.3f (p = %.3g)", c.Bag.Bag, c.Bag.Area, c.Test.P)
	case c.Bag.High > .5+config.Margin:
		because(Inconclusive, "no difference was found, yet the AUROC of bags may be as high as %.3f: needs more rows", c.Bag.High)
	case !d.Matched:
		because(Inconclusive, "no difference was found, but the arms share too few prompts")
	case !planted:
		because(Inconclusive, "no difference was found within the margin, but nothing shows that one would have been: needs a positive control")
	case !found:
		because(Inconclusive, "the positive control was not found")
	default:
		because(Undetected, "any difference that these channels see is below AUROC %.3f for bags of %d, and the positive control was found", c.Bag.High, c.Bag.Bag)
	}
}
