package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// verbReference is what the manual says about a verb.
type verbReference struct {
	name     string // such as "trainer check"; "" for the command itself
	help     string
	synopsis string // such as "--in=FILE,... [flags]"
	args     []describedValue
	groups   []flagGroup
}

// describedValue is a flag or an argument with its meaning.
type describedValue struct {
	term string // such as "-n, --rows=N"
	help string
}

// flagGroup holds flags with a heading; "" for those that have none.
type flagGroup struct {
	title string
	flags []describedValue
}

// globalGroup is the heading of the flags of every verb.
const globalGroup = "Flags of every verb"

// verbReferences returns the command and its verbs, in the order of the help text.
func verbReferences(app *kong.Application) (all []verbReference) {
	all = append(all, verbReference{help: app.Help, synopsis: "<command> [flags]", groups: []flagGroup{{globalGroup, described(app.Flags)}}})
	for _, leaf := range app.Leaves(true) {
		r := verbReference{name: verbName(leaf), help: leaf.Help, synopsis: strings.TrimSpace(strings.TrimPrefix(leaf.Summary(), verbName(leaf)))}
		for _, a := range leaf.Positional {
			r.args = append(r.args, describedValue{a.Summary(), a.Help})
		}
		for _, f := range leaf.Flags {
			if !f.Hidden {
				r.add(f)
			}
		}
		all = append(all, r)
	}
	return all
}

// add adds a flag to its group.
func (r *verbReference) add(f *kong.Flag) {
	title := ""
	if f.Group != nil {
		title = strings.TrimSuffix(f.Group.Title, ":")
	}
	i := slices.IndexFunc(r.groups, func(g flagGroup) bool { return g.title == title })
	if i < 0 {
		i = len(r.groups)
		r.groups = append(r.groups, flagGroup{title: title})
	}
	r.groups[i].flags = append(r.groups[i].flags, describedValue{flagTerm(f), f.Help})
}

func described(flags []*kong.Flag) (all []describedValue) {
	for _, f := range flags {
		all = append(all, describedValue{flagTerm(f), f.Help})
	}
	return all
}

// flagTerm returns a flag as it is typed.
func flagTerm(f *kong.Flag) string {
	term := "--" + f.Name
	if f.Short != 0 {
		term = "-" + string(f.Short) + ", " + term
	}
	if f.IsBool() || f.PlaceHolder == "" {
		return term
	}
	term += "=" + f.PlaceHolder
	if f.IsSlice() && !strings.HasSuffix(term, "...") {
		term += ",..."
	}
	return term
}

// command returns the words that begin a command line of the verb.
func (r verbReference) command() string { return strings.TrimSpace("undertone " + r.name) }

// commandReference returns docs/commands.md.
func commandReference(app *kong.Application) string {
	var b strings.Builder
	b.WriteString(commandPreface)
	all := verbReferences(app)
	b.WriteString("| verb | what it does |\n|---|---|\n")
	for _, r := range all[1:] {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", r.name, strings.ReplaceAll(r.name, " ", "-"), tableCell(r.help))
	}
	b.WriteString("\n## " + globalGroup + "\n\n")
	writeFlagTable(&b, all[0].groups[0].flags)
	for _, r := range all[1:] {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n    Usage: %s %s\n", r.name, wrapped(markdownText(r.help)), r.command(), r.synopsis)
		if len(r.args) > 0 {
			b.WriteString("\n")
			writeValueTable(&b, "argument", r.args)
		}
		for _, g := range r.groups {
			if strings.HasPrefix(g.title, settingsGroup) {
				continue
			}
			if g.title != "" {
				fmt.Fprintf(&b, "\n%s:\n", g.title)
			}
			b.WriteString("\n")
			writeFlagTable(&b, g.flags)
		}
		if slices.ContainsFunc(r.groups, func(g flagGroup) bool { return strings.HasPrefix(g.title, settingsGroup) }) {
			fmt.Fprintf(&b, "\n[settings.md](settings.md) has the settings of `%s`.\n", r.name)
		}
	}
	return b.String()
}

const commandPreface = "# Command reference\n\n" +
	"This page lists every verb and flag of the command `undertone`. The same text is in `undertone VERB\n" +
	"--help` and `undertone man VERB`. [The page of the command](../cmd/undertone/README.md) has examples.\n" +
	"This page is generated from the code: `go test ./cmd/undertone -run CommandReference -update`.\n\n"

func writeFlagTable(b *strings.Builder, flags []describedValue) { writeValueTable(b, "flag", flags) }

func writeValueTable(b *strings.Builder, heading string, values []describedValue) {
	fmt.Fprintf(b, "| %s | meaning |\n|---|---|\n", heading)
	for _, v := range values {
		fmt.Fprintf(b, "| `%s` | %s |\n", strings.ReplaceAll(v.term, "|", `\|`), tableCell(v.help))
	}
}

// wrapped returns a paragraph in lines of at most 100 characters, if its words allow that.
func wrapped(text string) string {
	var b strings.Builder
	column := 0
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case column > 0 && column+1+n > 100:
			b.WriteByte('\n')
			column = 0
		case column > 0:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// tableCell returns a text as the cell of a table.
func tableCell(text string) string { return strings.ReplaceAll(markdownText(text), "|", `\|`) }

// markdownText returns a text in which nothing is markup.
func markdownText(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "<", "&lt;", "[", `\[`, "`", "\\`").Replace(text)
}
