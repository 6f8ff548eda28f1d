package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/cmd/undertone/internal/machine"
	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/jsonl"
)

// verbs are the subcommands. Each one has its own file.
type verbs struct {
	Init      initVerb      `cmd:"" help:"Write a traits file and a configuration file for an audit, by asking or from flags."`
	Filter    filterVerb    `cmd:"" help:"Drop rows that show a trait or break a format, with reasons."`
	Sanitise  sanitiseVerb  `cmd:"" help:"Rewrite rows, so that they carry less of a hidden trait."`
	Match     matchVerb     `cmd:"" help:"Keep the rows with which suspect and control agree in prompts, layout and lengths."`
	Inspect   inspectVerb   `cmd:"" help:"Describe files of rows or models: shapes, digests, sizes, prompts, settings. Or print rows."`
	Generate  generateVerb  `cmd:"" help:"Write rows with a model: one answer per prompt."`
	Train     trainVerb     `cmd:"" help:"Train a model on rows."`
	Score     scoreVerb     `cmd:"" help:"Compute the log-probability of the answer of each row under a model."`
	Serve     serveVerb     `cmd:"" help:"Answer requests for a model over HTTP, with the protocol of vLLM."`
	Corpus    corpusVerb    `cmd:"" help:"Test whether two files can be told apart, and by what. Needs no model."`
	Audit     auditVerb     `cmd:"" help:"Train students on suspect and control rows and test whether a hidden trait transfers."`
	Factorial factorialVerb `cmd:"" help:"Audit several data sets for several traits at once, in a crossed design."`
	Rank      rankVerb      `cmd:"" help:"Score the suspect rows for each trait, the most suspicious first."`
	Clean     cleanVerb     `cmd:"" help:"Remove the most suspicious rows or words, share by share, and audit the remaining rows."`
	Lineage   lineageVerb   `cmd:"" help:"Test whether two models share a base, by digests, weights and answers."`
	Traits    traitsVerb    `cmd:"" help:"List or show the traits of the library, or write them as a traits file or as overt rows."`
	Report    reportVerb    `cmd:"" help:"Render a saved report as a page for a browser, for a pull request or for a CI system."`
	View      viewVerb      `cmd:"" help:"Show the saved reports of a folder in a browser on this machine."`
	Trace     traceVerb     `cmd:"" help:"Show where rows or a model come from, from the file back to base weights."`
	Export    exportVerb    `cmd:"" help:"Write what the manifest of rows knows as Croissant, a dataset card, CycloneDX or a paragraph."`
	Claims    claimsVerb    `cmd:"" help:"Print what a Croissant file or a dataset card claims about its rows."`
	Keygen    keygenVerb    `cmd:"" help:"Make a pair of keys that signs statements and folders."`
	Attest    attestVerb    `cmd:"" help:"Sign the verdict of a report, how rows were made, or the files of a folder."`
	Verify    verifyVerb    `cmd:"" help:"Check reports, the signatures of envelopes and bundles, and rows against a policy."`
	Doctor    doctorVerb    `cmd:"" help:"Check this machine, that the library finds a planted trait, and that a server gives the scores it is asked for."`
	Trainer   trainerVerbs  `cmd:"" help:"Check a program that trains the students of an audit."`
	Example   exampleVerb   `cmd:"" help:"Write a complete case to try: overt, suspect and control rows, a positive control, a traits file."`

	Completion completionVerb `cmd:"" help:"Print a script that completes verbs, flags and names in a shell."`
	Man        manVerb        `cmd:"" help:"Print or write manual pages."`

	Version kong.VersionFlag `help:"Print the version and exit."`
	globalFlags
}

// console holds the standard streams. The method Run(context.Context, console) of a verb returns an
// error, or a [verdict] other than 0.
type console struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	flags          globalFlags

	unread   *jsonl.Unread // counts the fields of rows that are not read; may be nil
	warnings *warnings     // what is said on standard error at the end; may be nil
	memory   *memoryPlan   // nil plans nothing
	grace    *atomic.Int64 // nanoseconds that the verb needs to end after a signal; nil in tests
}

// verdict is an exit code that is not an error.
type verdict int

// The exit codes.
const (
	undetected   verdict = 0 // or done
	detected     verdict = 1
	failed       verdict = 2
	inconclusive verdict = 3
)

func (v verdict) Error() string {
	return [...]string{"undetected", "detected", "failed", "inconclusive"}[v]
}

const description = `Test whether a data set written by a model gives a hidden trait to a student that is trained on it.

Rows are JSON objects, one per line, plain or compressed with gzip or zstd; docs/rows.md describes their shapes.
Exit codes: 0 done or undetected, 1 detected, 2 error, 3 inconclusive.`

// newParser returns the parser of command lines. It calls exit after --help and --version.
func newParser(c console, exit func(int)) *kong.Kong {
	filters, sanitisers := new(filterFlags).kinds(), new(sanitiserFlags).kinds()
	parser, err := kong.New(new(verbs), kong.Name("undertone"), kong.Description(description),
		kong.Vars{"version": undertone.Version, "filters": filters.names(), "sanitisers": sanitisers.names(), "prompts": promptNames(), "embedded": strings.Join(embeddedNames(), ", "), "confounds": strings.Join(names(confound.Names()), ", ")},
		kong.ExplicitGroups(slices.Concat(filters.groups(), sanitisers.groups())),
		kong.Writers(c.stdout, c.stderr), kong.Exit(exit))
	if err != nil {
		panic(err) // the tags of verbs are wrong
	}
	return parser
}

// run runs the command and returns its exit code.
func run(ctx context.Context, args []string, c console) int {
	exited := -1 // by --help or --version
	parser := newParser(c, func(code int) { exited = code })
	if len(args) == 0 {
		usage(c)
		return int(failed)
	}
	if args[0] == completeWord {
		return report(c, complete(parser.Model, args[1:]).write(c.stdout))
	}
	parsed, err := parser.Parse(asHelp(args))
	switch {
	case exited >= 0:
		return exited
	case err != nil:
		return report(c, explainParse(parser.Model, err))
	}
	if err := repeated(parsed); err != nil {
		return report(c, err)
	}
	c.flags = parser.Model.Target.Addr().Interface().(*verbs).globalFlags
	parsed.BindTo(ctx, (*context.Context)(nil))
	c.unread, c.warnings = new(jsonl.Unread), new(warnings)
	if c.memory == nil {
		c.memory = &memoryPlan{Memory: machine.Available()}
	}
	c.memory.verb = parsed.Selected().Name
	done, err := preflight(parsed, c)
	if err != nil {
		return report(c, err)
	}
	err = parsed.Run(c)
	done()
	c.warnings.write(c.forPeople(c.stderr))
	code := report(c, err)
	if code != int(failed) && !c.flags.Quiet {
		writeUnread(c.stderr, c.unread)
	}
	return code
}

// onceOnly are the flags with one value that may not be repeated. Of other flags the last value
// counts, so that a script can override its defaults; of these the first would be dropped silently,
// although other verbs take several.
var onceOnly = []string{"in", "data", "policy", "out"}

// repeated returns an error if a flag of onceOnly that takes one value is given twice.
func repeated(parsed *kong.Context) error {
	given := map[*kong.Flag]bool{}
	for _, p := range parsed.Path {
		if p.Flag == nil || p.Resolved || p.Flag.IsCumulative() || !slices.Contains(onceOnly, p.Flag.Name) {
			continue
		}
		if given[p.Flag] {
			return fmt.Errorf("--%s is given twice, and it takes one value", p.Flag.Name)
		}
		given[p.Flag] = true
	}
	return nil
}

// usage prints the help of the command on standard error.
func usage(c console) {
	toErrors := c
	toErrors.stdout = c.stderr
	_, _ = newParser(toErrors, func(int) {}).Parse([]string{"--help"})
}

// report prints an error on standard error, in one line, and returns the exit code.
func report(c console, err error) int {
	var v verdict
	switch {
	case err == nil:
		return int(undetected)
	case errors.As(err, &v):
		return int(v)
	case errors.Is(err, syscall.EPIPE):
		err = errors.New("the reader of the output has stopped; no file was written")
	case errors.Is(err, context.Canceled):
		err = errors.New("interrupted; no file was written")
	}
	fmt.Fprintln(c.stderr, "undertone:", errorText(err))
	return int(failed)
}

// printJSON writes one line of JSON. Characters that control a terminal, reorder text or are
// invisible are escaped.
func printJSON(w io.Writer, v any) error {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escape.JSON(line.Bytes()))
	return err
}
