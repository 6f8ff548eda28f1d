package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/undertone-audit/undertone/contrib/report/internal/figure"
	"github.com/undertone-audit/undertone/internal/escape"
)

// MaxPage is the largest size of an HTML page, in bytes.
const MaxPage = 2_000_000

var (
	//go:embed page/page.html
	pageTemplate string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string

	parsed = template.Must(template.New("").Parse(pageTemplate))
)

// caps limit what a page shows, so that it stays below [MaxPage]. The page says what they leave
// out.
type caps struct {
	rows    int // of a table
	details int // parts that open
	items   int // of a list
	figures int // bytes of all figures
	text    int // bytes of one text
}

// startCaps are those of an ordinary page. A page that is still too large is written again with the
// half of them.
var startCaps = caps{rows: 1000, details: shownFindings, items: 200, figures: 1_100_000, text: 4000}

func (c caps) half() caps {
	return caps{max(1, c.rows/2), c.details / 2, max(1, c.items/2), c.figures / 2, max(100, c.text/2)}
}

// writeHTML writes one page that needs no other file and no network.
func writeHTML(ctx context.Context, w io.Writer, p *Page) error {
	shown := *p
	shown.Checks = nil // which are of other formats
	p = escape.Strings(&shown, escape.Text)
	for c := startCaps; ; c = c.half() {
		var b bytes.Buffer
		if err := parsed.ExecuteTemplate(cancellable{ctx, &b}, "page", newHTMLPage(p, c)); err != nil {
			return fmt.Errorf("html: %w", err)
		}
		if b.Len() <= MaxPage || c.rows == 1 && c.text == 100 {
			_, err := w.Write(b.Bytes())
			return err
		}
	}
}

// htmlPage is what the template shows.
type htmlPage struct {
	Page     *Page
	KindText string
	Sections []htmlSection
	Style    template.CSS
	Script   template.JS
	Policy   string
}

type htmlSection struct {
	ID, Title string
	Blocks    []htmlBlock
}

type htmlBlock struct {
	Texts, Items []string
	Table        *htmlTable
	Figure       *htmlFigure
	Heat         *htmlHeat
	Detail       *htmlDetail
	Left         string // what a cap leaves out
}

type htmlTable struct {
	*Table
	Numeric []bool // columns of numbers
	Stacks  bool   // a narrow window shows a row as a list of names and values
	Left    string
}

type htmlFigure struct {
	*figure.Figure
	Wide, Narrow template.HTML // the same figure for two widths
}

type htmlDetail struct {
	*Detail
	Blocks []htmlBlock
}

type htmlHeat struct {
	Caption string
	Rows    []htmlHeatRow
}

type htmlHeatRow struct {
	Label  string
	Tokens []htmlToken
}

type htmlToken struct{ Text, Score, Class string }

var kindText = map[string]string{
	"audit": "Audit of a data set", "corpus": "Comparison of two data sets", "factorial": "Crossed audit of several data sets",
	"clean": "Removal of suspicious rows", "rank": "Ranking of suspect rows",
}

// Style returns the CSS of pages.
func Style() string { return pageStyle }

// StyleHash returns the CSS of pages as a source of a content security policy.
func StyleHash() string { return hashSource(pageStyle) }

// Policy returns the content security policy of pages. It forbids networks, frames, forms and other
// scripts.
func Policy() string {
	return "default-src 'none'; style-src " + StyleHash() + "; script-src " + hashSource(pageScript) + "; base-uri 'none'; form-action 'none'"
}

func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func newHTMLPage(p *Page, c caps) htmlPage {
	b := builder{caps: c}
	clipped := *p
	for _, list := range []*[]string{&clipped.Sure, &clipped.Unseen, &clipped.Next} {
		*list = b.clipAll(*list)
	}
	clipped.Question, clipped.Sentence, clipped.Gate, clipped.Subject = b.clip(p.Question), b.clip(p.Sentence), b.clip(p.Gate), b.clip(p.Subject)
	h := htmlPage{Page: &clipped, KindText: kindText[p.Kind], Style: template.CSS(pageStyle), Script: template.JS(pageScript), Policy: Policy()}
	for _, s := range p.Sections {
		h.Sections = append(h.Sections, htmlSection{s.ID, s.Title, b.blocks(s.Blocks)})
	}
	return h
}

// builder turns blocks into what the template shows, within caps.
type builder struct {
	caps
	drawn   int // bytes of figures so far
	figures int // number of figures so far
	opened  int // details so far
}

func (b *builder) clip(s string) string {
	if len(s) <= b.text {
		return s
	}
	cut := s[:b.text]
	for !utf8.ValidString(cut) {
		cut = cut[:len(cut)-1]
	}
	return cut + " […]"
}

func (b *builder) clipAll(list []string) []string {
	out := make([]string, 0, min(len(list), b.items))
	for _, s := range list[:min(len(list), b.items)] {
		out = append(out, b.clip(s))
	}
	return out
}

func (b *builder) blocks(blocks []Block) (shown []htmlBlock) {
	left := 0
	for _, block := range blocks {
		h := htmlBlock{Texts: b.clipAll(block.Texts), Items: b.clipAll(block.Items), Left: block.Left}
		if len(block.Items) > b.items {
			h.Left = fmt.Sprintf("%d of %d are shown; the report holds all.", b.items, len(block.Items))
		}
		switch {
		case block.Table != nil:
			h.Table = b.table(block.Table)
		case block.Figure != nil:
			if h.Figure = b.figure(block.Figure); h.Figure == nil {
				h.Left = "“" + b.clip(block.Figure.Title) + "” is not drawn, so that the page stays small; the tables hold its numbers."
			}
		case block.Heat != nil:
			h.Heat = b.heat(block.Heat)
		case block.Detail != nil:
			if b.opened++; b.opened > b.details {
				left++
				continue
			}
			d := *block.Detail
			d.Title, d.Outcome = b.clip(d.Title), b.clip(d.Outcome)
			h.Detail = &htmlDetail{&d, b.blocks(block.Detail.Blocks)}
		}
		shown = append(shown, h)
	}
	if left > 0 {
		shown = append(shown, htmlBlock{Left: fmt.Sprintf("%d further findings are left out, so that the page stays small; the report holds all of them.", left)})
	}
	return shown
}

func (b *builder) table(t *Table) *htmlTable {
	c := *t
	c.Rows = nil
	for _, row := range t.Rows[:min(len(t.Rows), b.rows)] {
		cells := make([]Cell, len(row))
		for i, cell := range row {
			cells[i] = cell
			cells[i].Text = b.clip(cell.Text)
			cells[i].Items = b.clipAll(cell.Items)
		}
		c.Rows = append(c.Rows, cells)
	}
	h := &htmlTable{Table: &c, Numeric: make([]bool, len(t.Header))}
	h.Stacks = !t.Plain && (t.Sentences || len(t.Header) > 3)
	for i := range h.Numeric {
		h.Numeric[i] = i > 0 && len(c.Rows) > 0 && i < len(c.Rows[0]) && c.Rows[0][i].Value != nil
	}
	if len(t.Rows) > b.rows {
		h.Left = fmt.Sprintf("The first %d of %d rows are shown; the report holds all of them.", b.rows, len(t.Rows))
	}
	return h
}

// figure draws a figure. It returns nil if all figures together are too large.
func (b *builder) figure(f *figure.Figure) *htmlFigure {
	if b.drawn >= b.caps.figures {
		return nil
	}
	b.figures++
	f.Title, f.Description = b.clip(f.Title), b.clip(f.Description)
	id := fmt.Sprintf("figure-%d", b.figures)
	wide, narrow := f.SVG(id, figure.Wide), f.SVG(id+"n", figure.Narrow)
	b.drawn += len(wide) + len(narrow)
	return &htmlFigure{f, template.HTML(wide), template.HTML(narrow)}
}

// spelled returns a token with spaces where byte-level and SentencePiece vocabularies write marks.
func spelled(token string) string {
	return strings.NewReplacer("Ġ", " ", "▁", " ", "Ċ", "⏎").Replace(token)
}

func (b *builder) heat(heat *Heat) *htmlHeat {
	h := &htmlHeat{Caption: heat.Caption}
	for _, row := range heat.Rows[:min(len(heat.Rows), b.items)] {
		r := htmlHeatRow{Label: row.Label}
		for _, t := range row.Tokens[:min(len(row.Tokens), b.text)] {
			class := "z"
			switch {
			case t.Level > 0:
				class = fmt.Sprintf("p%d", t.Level)
			case t.Level < 0:
				class = fmt.Sprintf("n%d", -t.Level)
			}
			r.Tokens = append(r.Tokens, htmlToken{strings.ReplaceAll(spelled(b.clip(t.Text)), "\n", " "), signed(t.Score), class})
		}
		h.Rows = append(h.Rows, r)
	}
	return h
}
