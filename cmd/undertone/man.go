package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
)

type manVerb struct {
	Verb []string `arg:"" optional:"" help:"Verb whose page is printed (default the page of the command)."`
	Out  string   `file:"store" placeholder:"DIR" help:"Folder for the pages of all verbs, such as undertone-audit.1, which is made if it does not exist (default none: one page is printed)."`
}

// Run prints or writes manual pages.
func (v *manVerb) Run(ctx context.Context, c console) error {
	all := verbReferences(newParser(c, func(int) {}).Model)
	name := strings.Join(v.Verb, " ")
	if v.Out != "" {
		if name != "" {
			return fmt.Errorf("--out writes the pages of all verbs; drop %s", name)
		}
		return writeManPages(ctx, v.Out, all)
	}
	var names []string
	for _, r := range all {
		if r.name == name {
			_, err := io.WriteString(c.stdout, manPage(r, all))
			return err
		}
		names = append(names, r.name)
	}
	return fmt.Errorf("%q is no verb%s", name, didYouMean(name, names))
}

// writeManPages writes the pages of all verbs into a folder.
func writeManPages(ctx context.Context, dir string, all []verbReference) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	for _, r := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := atomicfile.WriteFile(filepath.Join(dir, r.pageName()+".1"), []byte(manPage(r, all))); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	return nil
}

// pageName returns the name of the manual page of a verb.
func (r verbReference) pageName() string { return strings.ReplaceAll(r.command(), " ", "-") }

// manPage returns the manual page of a verb in roff, with the macros man(7). It states no date, so
// that equal versions give equal pages.
func manPage(r verbReference, all []verbReference) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"undertone %s\" \"Undertone\"\n", strings.ToUpper(r.pageName()), undertone.Version)
	first, rest, _ := strings.Cut(r.help, "\n")
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roffText(r.pageName()), roffText(lowerFirst(strings.TrimSuffix(first, "."))))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n%s\n", roffText(r.command()), roffText(r.synopsis))
	if rest = strings.TrimSpace(rest); rest != "" {
		fmt.Fprintf(&b, ".SH DESCRIPTION\n%s\n", roffText(rest))
	}
	if r.name == "" {
		b.WriteString(".SH COMMANDS\n")
		for _, v := range all[1:] {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roffText(v.name), roffText(v.help))
		}
	}
	if len(r.args) > 0 {
		b.WriteString(".SH ARGUMENTS\n")
		writeRoffValues(&b, r.args)
	}
	b.WriteString(".SH OPTIONS\n")
	for _, g := range r.groups {
		if g.title != "" && r.name != "" {
			fmt.Fprintf(&b, ".SS %s\n", roffText(g.title))
		}
		writeRoffValues(&b, g.flags)
	}
	if r.name != "" {
		fmt.Fprintf(&b, ".SS %s\n", globalGroup)
		writeRoffValues(&b, all[0].groups[0].flags)
	}
	b.WriteString(".SH EXIT STATUS\n0 done or undetected, 1 detected or a failed check, 2 error, 3 inconclusive.\n")
	b.WriteString(".SH SEE ALSO\n")
	if r.name != "" {
		b.WriteString(".BR undertone (1)\n")
	} else {
		var pages []string
		for _, v := range all[1:] {
			pages = append(pages, ".BR "+roffText(v.pageName())+" (1)")
		}
		b.WriteString(strings.Join(pages, ",\n") + "\n")
	}
	return b.String()
}

func writeRoffValues(b *strings.Builder, values []describedValue) {
	for _, v := range values {
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", roffText(v.term), roffText(v.help))
	}
}

// sentenceEnd matches the end of a sentence, after which roff wants a line break.
var sentenceEnd = regexp.MustCompile(`([.:;]) `)

// roffText returns a text in which nothing is a request or an escape of roff.
func roffText(text string) string {
	text = sentenceEnd.ReplaceAllString(text, "$1\n")
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, `"`, `\(dq`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), "\n\n", "\n.PP\n")
}

func lowerFirst(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToLower(text[:1]) + text[1:]
}
