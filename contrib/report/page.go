package report

import (
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/contrib/report/internal/figure"
)

// Tone is the meaning of an outcome, whatever a kind of report calls it.
type Tone string

// The tones.
const (
	Detected     Tone = "detected"     // something was found
	Inconclusive Tone = "inconclusive" // the design could not tell
	Undetected   Tone = "undetected"   // nothing that matters was found, and the design was able to see
	Neutral      Tone = "neutral"      // no outcome, such as that of a ranking
)

// Page is a report in the form from which all formats are written. Its texts may be foreign, such
// as names of files and traits: each format escapes them.
type Page struct {
	Kind     string // audit, corpus, factorial, clean, rank
	Schema   string
	Version  string // of the library that wrote the report
	Digest   string // of the report; "" if it has none
	Subject  string // name of the data
	Traits   []string
	Question string
	Outcome  string // in the words of the kind, such as "detected"
	Tone     Tone
	Sentence string   // the outcome in one sentence
	Gate     string   // whether a gate passes, and why; "" without a gate
	Sure     []string // how sure the outcome is
	Unseen   []string // what was not looked at
	Next     []string // what to do next, three sentences
	Checks   []Check
	Sections []Section
}

// withComparison returns the page with what changed since a baseline.
func (p *Page) withComparison(c *Comparison) *Page {
	if c == nil {
		return p
	}
	with := *p
	with.Sure = append([]string{"Against the baseline: " + c.sentence()}, p.Sure...)
	with.Sections = append([]Section{c.section()}, p.Sections...)
	with.Checks = slices.Clone(p.Checks)
	for i := range with.Checks {
		with.Checks[i].Passes = true // the comparison decides
	}
	with.Checks = append(with.Checks, c.checks()...)
	return &with
}

// Check is what a CI system shows as one test: the verdict on one trait.
type Check struct {
	Name    string
	Outcome string
	Tone    Tone
	Passes  bool // the gate of the page lets it pass, whatever its tone
	Reasons []string
	Effects []string // the main measurements, each in one phrase
	Numbers []Number
	Rows    []Row  // the most suspicious first
	ID      string // stable between runs, for systems that follow a result
}

// Number is a number of a check in full precision.
type Number struct{ Name, Value string }

// Row is a row of the data.
type Row struct {
	ID    string
	Index int // from 0
	Score float64
}

// Section is a part of a page.
type Section struct {
	ID, Title string
	Blocks    []Block
}

// Block is one of the things that a section holds. One field is set.
type Block struct {
	Texts  []string
	Items  []string // of a list
	Table  *Table
	Figure *figure.Figure
	Detail *Detail
	Heat   *Heat
	Left   string // what the page leaves out
}

// Table is a table with a header. The first cell of a row is its header.
type Table struct {
	Caption   string
	Header    []string
	Rows      [][]Cell
	Plain     bool // the header is for screen readers: a table of names and values
	Sentences bool // its cells hold sentences, for which a narrow column has no room
	Derived   bool // its numbers are computed from two reports
}

// Cell is a cell of a table.
type Cell struct {
	Text  string
	Tone  Tone     // of an outcome
	Value *float64 // what the column is sorted by; nil for the text
	Code  bool     // a digest or a name of a file
	Items []string // Text as a list, in HTML
}

// Detail is a part that opens on demand.
type Detail struct {
	ID, Title, Outcome string
	Tone               Tone
	Open               bool
	Blocks             []Block
}

// Heat shows the tokens of rows with their scores.
type Heat struct {
	Caption string
	Rows    []HeatRow
}

// HeatRow is one row of a heat map.
type HeatRow struct {
	Label  string
	Tokens []Token
}

// Token is a token with its score.
type Token struct {
	Text  string
	Score float64
	Level int // of its color: -4 to 4
}

func texts(t ...string) Block           { return Block{Texts: t} }
func drawn(f *figure.Figure) Block      { return Block{Figure: f} }
func plainCell(text string) Cell        { return Cell{Text: text} }
func codeCell(text string) Cell         { return Cell{Text: text, Code: true} }
func toneCell(text string, t Tone) Cell { return Cell{Text: text, Tone: t} }

// listCell returns a cell with several sentences.
func listCell(items []string) Cell {
	c := plainCell(strings.Join(items, "; "))
	if len(items) > 1 {
		c.Items = items
	}
	return c
}

func numberCell(text string, v float64) Cell { return Cell{Text: text, Value: &v} }

// pairs returns a table of names and values; pairs with an empty value are left out.
func pairs(caption string, of ...[2]string) Block {
	t := &Table{Caption: caption, Header: []string{"what", "value"}, Plain: true}
	for _, p := range of {
		if p[1] != "" {
			t.Rows = append(t.Rows, []Cell{plainCell(p[0]), plainCell(p[1])})
		}
	}
	return Block{Table: t}
}
