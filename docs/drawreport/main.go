// Drawreport draws the first audit of the quickstart as the picture in the README.
//
//	go run ./examples/quickstart | go run ./docs/drawreport > docs/report.svg
package main

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	columns     = 125 // of a line before it is wrapped
	columnWidth = 7.8 // of a character, in pixels
	lineHeight  = 18
)

func main() {
	if err := draw(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "drawreport:", err)
		os.Exit(1)
	}
}

// line is one line of the picture.
type line struct{ text, style string }

// draw reads the text up to the second audit and writes the picture.
func draw(r io.Reader, w io.Writer) error {
	lines := []line{{"$ go run ./examples/quickstart", muted}, {}}
	audits := 0
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		text := scanner.Text()
		if strings.HasPrefix(text, "──") {
			if audits++; audits > 1 {
				break
			}
		}
		for i, part := range wrap(text) {
			style := styleOf(text)
			if i > 0 && style == strong {
				style = ""
			}
			lines = append(lines, line{part, style})
		}
	}
	if err := scanner.Err(); err != nil {
		return err
	}
	if audits == 0 {
		return fmt.Errorf("the input has no line that begins with ──; pipe the output of the quickstart")
	}
	for len(lines) > 0 && lines[len(lines)-1].text == "" {
		lines = lines[:len(lines)-1]
	}
	out := bufio.NewWriter(w)
	width, height := int(columns*columnWidth)+40, len(lines)*lineHeight+34
	fmt.Fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"The report of the quickstart: detected\">\n", width, height, width, height)
	fmt.Fprintf(out, "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#10151c\"/>\n", width, height)
	fmt.Fprintln(out, `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="13" fill="#c9d4e0" xml:space="preserve">`)
	for i, l := range lines {
		fmt.Fprintf(out, "<text x=\"20\" y=\"%d\"%s>", 30+i*lineHeight, l.style)
		if err := xml.EscapeText(out, []byte(strings.ReplaceAll(l.text, " ", "\u00a0"))); err != nil {
			return err
		}
		fmt.Fprintln(out, "</text>")
	}
	fmt.Fprintln(out, "</g>\n</svg>")
	return out.Flush()
}

// The styles of lines.
const (
	muted   = ` fill="#7f8c9b"`
	strong  = ` fill="#ffffff" font-weight="bold"`
	verdict = ` fill="#ff8f70" font-weight="bold"`
	reason  = ` fill="#ffd479"`
)

func styleOf(text string) string {
	trimmed := strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "──"):
		return muted
	case strings.HasPrefix(text, "DETECTED"):
		return verdict
	case strings.HasPrefix(text, "  prefers "):
		return strong
	case strings.HasPrefix(trimmed, "because ") || strings.HasPrefix(trimmed, "effect "):
		return reason
	}
	return ""
}

// wrap splits a line at spaces. Further parts are indented as the text of the report's fields is.
func wrap(text string) []string {
	const indent = 23
	var parts []string
	for {
		runes := []rune(text)
		if len(runes) <= columns {
			return append(parts, text)
		}
		at := columns
		for at > indent+1 && runes[at] != ' ' {
			at--
		}
		parts = append(parts, string(runes[:at]))
		text = strings.Repeat(" ", indent) + strings.TrimLeft(string(runes[at:]), " ")
	}
}
