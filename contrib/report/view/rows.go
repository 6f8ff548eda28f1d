package view

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	report "github.com/undertone-audit/undertone/contrib/report"
	"github.com/undertone-audit/undertone/internal/compress"
	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/jsonl"
)

// Limits of the rows that are shown.
const (
	maxRows      = 50       // of a report
	maxRowText   = 4000     // bytes of a row
	maxRowsBytes = 1 << 30  // of the file, after decompression
	maxLine      = 16 << 20 // bytes of a line of the file
)

// shownRow is a row with its text.
type shownRow struct {
	Index int
	Score string
	ID    string
	Turns []turn
	Note  string // why there is no text
}

type turn struct{ Role, Text string }

// rowsPage is what the template shows.
type rowsPage struct {
	File string // of the rows
	Link string // to the report
	Rows []shownRow
}

// rowsOf returns the rows that a report names, the most suspicious first, each once.
func rowsOf(saved *report.Saved) (rows []report.Row) {
	seen := map[int]bool{}
	for _, c := range saved.Page(report.Options{}).Checks {
		for _, row := range c.Rows {
			if !seen[row.Index] && len(rows) < maxRows {
				seen[row.Index], rows = true, append(rows, row)
			}
		}
	}
	return rows
}

// rows shows the text of the rows that a report names. The file of the rows must be in the folder,
// and each row must have the ID of the report.
func (s *Server) rows(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	saved, err := s.read(r.Context(), file)
	if err != nil {
		failed(w, file, err)
		return
	}
	p := rowsPage{File: saved.Page(report.Options{}).Subject, Link: link("report", file)}
	wanted := map[int]*shownRow{}
	for _, row := range rowsOf(saved) {
		p.Rows = append(p.Rows, shownRow{Index: row.Index, Score: fmt.Sprintf("%+.3f", row.Score), ID: row.ID, Note: "The file of the rows has no such row."})
	}
	for i := range p.Rows {
		wanted[p.Rows[i].Index] = &p.Rows[i]
	}
	if err := s.fill(r, p.File, wanted); err != nil {
		for i := range p.Rows {
			if p.Rows[i].Turns == nil {
				p.Rows[i].Note = "The rows cannot be read from the folder of this server: " + reason(err) + "."
			}
		}
	}
	write(w, "rows", escape.Strings(&p, escape.Text))
}

// fill reads the rows of a file and adds the texts of those that are wanted.
func (s *Server) fill(r *http.Request, file string, wanted map[int]*shownRow) error {
	if len(wanted) == 0 {
		return nil
	}
	f, err := s.open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	plain, err := compress.NewReader(f)
	if err != nil {
		return err
	}
	last := slices.Max(slices.Collect(func(yield func(int) bool) {
		for i := range wanted {
			if !yield(i) {
				return
			}
		}
	}))
	i := 0
	for row, err := range jsonl.Read(file, io.LimitReader(plain, maxRowsBytes), jsonl.MaxLine(maxLine)) {
		if err != nil {
			return err
		}
		if err := r.Context().Err(); err != nil {
			return err
		}
		if to := wanted[i]; to != nil {
			to.show(row)
		}
		if i++; i > last {
			return nil
		}
	}
	return nil
}

// show adds the text of a row if the row is that of the report.
func (to *shownRow) show(row undertone.Example) {
	if row.ID().String() != to.ID {
		to.Note = "The row with this number is another one: the file has changed."
		return
	}
	to.Note = ""
	for _, m := range row.Messages {
		text := m.Content
		if len(text) > maxRowText {
			text = strings.ToValidUTF8(text[:maxRowText], "") + " […]"
		}
		to.Turns = append(to.Turns, turn{string(m.Role), text})
	}
}
