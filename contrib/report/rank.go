package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/internal/jsondoc"
)

// Ranking is a saved ranking: one line of JSON for each row, detector and trait, as undertone rank
// writes them.
type Ranking []audit.Ranking

// rankedRow is a line of a ranking.
type rankedRow struct {
	Index    *int               `json:"index"`
	ID       undertone.Digest   `json:"id"`
	Score    *float64           `json:"score"`
	Detector string             `json:"detector"`
	Trait    string             `json:"trait"`
	Tokens   []audit.TokenScore `json:"tokens"`
}

// readRanking reads the lines of a ranking.
func readRanking(text []byte) (Ranking, error) {
	all := rankingReader{at: map[[2]string]int{}, seen: map[[2]int]bool{}}
	lines := bufio.NewReader(bytes.NewReader(text))
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := all.add(line); err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if len(all.ranking) == 0 {
		return nil, errors.New("it holds no rows")
	}
	for i := range all.ranking {
		sortRows(&all.ranking[i])
	}
	return all.ranking, nil
}

// sortRows puts the rows with the largest scores first, whatever the order of the file.
func sortRows(r *audit.Ranking) {
	order := make([]int, len(r.Rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Rows[b].Score, r.Rows[a].Score) })
	rows, tokens := make([]audit.RowScore, 0, len(r.Rows)), r.Tokens[:0:0]
	for at, i := range order {
		rows = append(rows, r.Rows[i])
		if i < len(r.Tokens) && len(tokens) == at { // tokens are those of the first rows
			tokens = append(tokens, r.Tokens[i])
		}
	}
	r.Rows, r.Tokens = rows, tokens
}

// shownRankings is the largest number of detectors and traits whose rows a page shows.
const shownRankings = 40

// rankingReader collects the lines of a ranking.
type rankingReader struct {
	ranking Ranking
	at      map[[2]string]int // index in ranking of each detector and trait
	seen    map[[2]int]bool   // index in ranking, and row
}

// add adds a line.
func (all *rankingReader) add(line []byte) error {
	if _, err := jsondoc.Canonical(line); err != nil {
		return fmt.Errorf("it is no row of a ranking: %w", err)
	}
	var row rankedRow
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&row); err != nil {
		return fmt.Errorf("it is no row of a ranking: %w", err)
	}
	if row.Index == nil || *row.Index < 0 || row.Score == nil || row.Detector == "" {
		return errors.New("it is no row of a ranking: index, score and detector are needed")
	}
	key := [2]string{row.Detector, row.Trait}
	i, known := all.at[key]
	if !known {
		i = len(all.ranking)
		all.at[key] = i
		all.ranking = append(all.ranking, audit.Ranking{Detector: row.Detector, Trait: row.Trait})
	}
	if all.seen[[2]int{i, *row.Index}] {
		return fmt.Errorf("row %d is there twice for the detector %.60q and the trait %.60q", *row.Index, row.Detector, row.Trait)
	}
	all.seen[[2]int{i, *row.Index}] = true
	r := &all.ranking[i]
	r.Rows = append(r.Rows, audit.RowScore{Row: row.ID, Index: *row.Index, Score: *row.Score})
	if len(row.Tokens) > 0 && len(r.Tokens) == len(r.Rows)-1 {
		r.Tokens = append(r.Tokens, row.Tokens)
	}
	return nil
}

// rankPage returns the page of a ranking. It shows the words of rows only if tokens is true.
func rankPage(r Ranking, tokens bool) *Page {
	p := &Page{
		Kind: "rank", Subject: "ranking", Question: "Which suspect rows carry the trait most?", Outcome: "ranked", Tone: Neutral,
		Sentence: "The rows below have the largest scores. A ranking has no verdict.",
		Sure:     []string{"A score compares the rows of one table, in the unit of its detector, and has no level of significance.", "The rows of clean data have a ranking, too."},
		Unseen:   []string{"Whether a student acquires the trait was not looked at."},
		Next:     []string{"Read the rows at the top" + inspectText(r) + ".", "Audit the rows with undertone audit to get a verdict.", "Remove rows with undertone clean to see whether the trait falls."},
	}
	for i, of := range r {
		c := Check{Name: of.Trait + " by " + of.Detector, Outcome: "ranked", Tone: Neutral, ID: "rank/" + of.Detector + "/" + of.Trait}
		c.rankedRows(of.Rows)
		p.Checks = append(p.Checks, c)
		if !slices.Contains(p.Traits, of.Trait) && len(p.Traits) < shownRankings {
			p.Traits = append(p.Traits, of.Trait)
		}
		if i >= shownRankings {
			continue
		}
		table := &Table{Caption: "Rows by " + of.Detector + " for " + of.Trait, Header: []string{"row", "score", "row ID"}}
		for _, row := range of.Rows {
			table.Rows = append(table.Rows, []Cell{numberCell(strconv.Itoa(row.Index), float64(row.Index)), numberCell(signed(row.Score), row.Score), codeCell(row.Row.Short())})
		}
		s := Section{ID: fmt.Sprintf("ranking-%d", i), Title: of.Trait + " by " + of.Detector, Blocks: []Block{texts("Rows are counted from zero.")}}
		if h := heat(of, tokens); h != nil {
			s.Blocks = append(s.Blocks, Block{Heat: h})
		} else if len(of.Tokens) > 0 {
			s.Blocks = append(s.Blocks, texts("The ranking holds the words of rows. They are not shown, because they were not asked for."))
		}
		s.Blocks = append(s.Blocks, Block{Table: table})
		p.Sections = append(p.Sections, s)
	}
	if left := len(r) - shownRankings; left > 0 {
		p.Sections = append(p.Sections, Section{ID: "left", Title: "Left out", Blocks: []Block{{Left: fmt.Sprintf("%d further detectors and traits are left out, so that the page stays small; the ranking holds all of them.", left)}}})
	}
	return p
}

// inspectText names the command that shows the row with the largest score.
func inspectText(r Ranking) string {
	if len(r) == 0 || len(r[0].Rows) == 0 {
		return ""
	}
	return ", the first with undertone inspect --in FILE --row " + strconv.Itoa(r[0].Rows[0].Index)
}

// rankedRows gives a check the first rows of a ranking.
func (c *Check) rankedRows(rows []audit.RowScore) {
	const most = 100
	for _, row := range rows[:min(most, len(rows))] {
		c.Rows = append(c.Rows, Row{row.Row.String(), row.Index, row.Score})
	}
}

// heat returns the tokens of the first rows with colors, or nil.
func heat(r audit.Ranking, shown bool) *Heat {
	if !shown || len(r.Tokens) == 0 {
		return nil
	}
	h := &Heat{Caption: "Words of the rows with the largest scores. A warm underline speaks for the trait, a cold one against it."}
	largest := 0.0
	for _, tokens := range r.Tokens {
		for _, t := range tokens {
			largest = max(largest, math.Abs(t.Score))
		}
	}
	for i, tokens := range r.Tokens[:min(len(r.Tokens), len(r.Rows))] {
		row := HeatRow{Label: fmt.Sprintf("row %d, score %s", r.Rows[i].Index, signed(r.Rows[i].Score))}
		for _, t := range tokens {
			level := 0
			if largest > 0 {
				level = int(math.Round(4 * t.Score / largest))
			}
			row.Tokens = append(row.Tokens, Token{t.Token, t.Score, level})
		}
		h.Rows = append(h.Rows, row)
	}
	return h
}
