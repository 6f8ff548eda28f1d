package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/undertone-audit/undertone/internal/escape"
)

// maxMarkdown is the largest size of a page in Markdown, in bytes. A comment on a pull request
// holds 65,536 characters.
const maxMarkdown = 60_000

// markdownSections are the sections that Markdown shows, besides the summary.
var markdownSections = map[string]bool{"traits": true, "arms": true, "channels": true, "steps": true, "warnings": true, "detectors": true, "changes": true}

// writeMarkdown writes the summary and the tables for a pull request or a step summary.
func writeMarkdown(w io.Writer, p *Page) error {
	shown := *p
	shown.Sections = nil
	for _, s := range p.Sections {
		if markdownSections[s.ID] {
			shown.Sections = append(shown.Sections, s)
		}
	}
	for rows := 200; ; rows /= 2 {
		text := markdown(clippedPage(&shown, rows), rows)
		if len(text) <= maxMarkdown || rows == 0 {
			if len(text) > maxMarkdown {
				text = append(bytes.ToValidUTF8(text[:bytes.LastIndexByte(text[:maxMarkdown], '\n')+1], nil), "\nThe text is cut; the report holds all of it.\n"...)
			}
			_, err := w.Write(text)
			return err
		}
	}
}

// clippedPage returns the page with escaped texts and tables of at most so many rows.
func clippedPage(p *Page, rows int) *Page {
	most := max(200, rows*20)
	return escape.Strings(p, func(s string) string { return escape.Markdown(clipText(s, most)) })
}

var toneMarks = map[Tone]string{Detected: "🔴", Inconclusive: "🟡", Undetected: "🟢", Neutral: "⚪"}

func markdown(p *Page, rows int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "## %s %s: %s\n\n**%s**\n\n", toneMarks[p.Tone], p.Outcome, p.Question, p.Sentence)
	if p.Gate != "" {
		fmt.Fprintf(&b, "%s\n\n", p.Gate)
	}
	for _, part := range []struct {
		title string
		items []string
	}{{"How sure", p.Sure}, {"Not looked at", p.Unseen}, {"What to do next", p.Next}} {
		fmt.Fprintf(&b, "**%s**\n\n", part.title)
		for _, item := range part.items {
			fmt.Fprintf(&b, "- %s\n", item)
		}
		b.WriteByte('\n')
	}
	for _, s := range p.Sections {
		fmt.Fprintf(&b, "<details><summary>%s</summary>\n\n", s.Title)
		for _, block := range s.Blocks {
			for _, t := range block.Texts {
				fmt.Fprintf(&b, "%s\n\n", t)
			}
			for _, item := range block.Items[:min(len(block.Items), rows)] {
				fmt.Fprintf(&b, "- %s\n", item)
			}
			if len(block.Items) > 0 {
				b.WriteByte('\n')
			}
			if block.Table != nil {
				markdownTable(&b, block.Table, rows)
			}
		}
		b.WriteString("</details>\n\n")
	}
	if p.Digest != "" {
		fmt.Fprintf(&b, "Report %s\n", p.Digest)
	}
	return b.Bytes()
}

func markdownTable(b *bytes.Buffer, t *Table, rows int) {
	fmt.Fprintf(b, "%s\n\n| %s |\n|%s\n", t.Caption, strings.Join(t.Header, " | "), strings.Repeat("---|", len(t.Header)))
	for _, row := range t.Rows[:min(rows, len(t.Rows))] {
		for _, c := range row {
			fmt.Fprintf(b, "| %s ", c.Text)
		}
		b.WriteString("|\n")
	}
	if len(t.Rows) > rows {
		fmt.Fprintf(b, "\nThe first %d of %d rows are shown; the report holds all of them.\n", rows, len(t.Rows))
	}
	b.WriteByte('\n')
}
