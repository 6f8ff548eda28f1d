package main

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// asHelp returns the arguments of "undertone help VERB" as those of "undertone VERB --help".
func asHelp(args []string) []string {
	if len(args) > 0 && args[0] == "help" {
		return append(slices.Clone(args[1:]), "--help")
	}
	return args
}

// unknownFlag matches the error on a flag that no flag of the verb resembles.
var unknownFlag = regexp.MustCompile(`^unknown flag --([\w.-]+)$`)

// explainParse returns an error on the command line that says what to do.
func explainParse(app *kong.Application, err error) error {
	verb := ""
	if parse := (*kong.ParseError)(nil); errors.As(err, &parse) && parse.Context != nil {
		if node := parse.Context.Selected(); node != nil {
			verb = verbName(node) + " "
		}
	}
	more := ""
	if m := unknownFlag.FindStringSubmatch(err.Error()); m != nil {
		more = flagElsewhere(app, m[1]) + whyNot(strings.TrimSpace(verb), m[1])
	} else if m := noneOf.FindStringSubmatch(err.Error()); m != nil {
		more = didYouMean(m[2], strings.Split(strings.ReplaceAll(m[1], `"`, ""), ","))
	}
	return fmt.Errorf("%w%s (undertone %s--help shows how)", err, more, verb)
}

// noneOf matches the error on a value that is none of a list.
var noneOf = regexp.MustCompile(` must be one of ((?:"[^"]*",?)+) but got "([^"]*)"$`)

// flagElsewhere returns a text about a flag, or the flag that it resembles, that other verbs have;
// "" if none has it.
func flagElsewhere(app *kong.Application, name string) string {
	verbs := map[string][]string{} // by flag
	all := verbsOf(app)
	for _, verb := range slices.Sorted(maps.Keys(all)) {
		for _, f := range all[verb].Flags {
			verbs[f.Name] = append(verbs[f.Name], verb)
		}
	}
	if have := verbs[name]; have != nil {
		return fmt.Sprintf("; it is a flag of %s", strings.Join(have, ", "))
	}
	best := closest(name, slices.Sorted(maps.Keys(verbs)))
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean \"--%s\" of %s?", best, strings.Join(verbs[best], ", "))
}

// inProcess are the verbs that train students in this process and no other ones.
var inProcess = []string{"clean", "factorial"}

// whyNot returns why a verb that asks students has no flag of audit; "" if there is nothing to say.
func whyNot(verb, flag string) string {
	trains, scores := slices.Contains(inProcess, verb), verb == "rank" || verb == "score"
	switch {
	case flag == "samples" && trains:
		return fmt.Sprintf("; %s trains students in this process, whose probabilities are exact, so that counting answers would only add noise", verb)
	case (flag == "samples" || strings.HasPrefix(flag, "judge")) && scores:
		return fmt.Sprintf("; %s scores rows and asks no questions, so that there are no answers to read", verb)
	case flag == "samples" && verb == "doctor":
		return "; the doctor checks scores, and a student whose answers are counted has none to check"
	case strings.HasPrefix(flag, "judge") && trains:
		return fmt.Sprintf("; the report of %s holds no calibration of a judge: compare two arms at a time with audit --judge", verb)
	case flag == "trainer" && trains:
		return fmt.Sprintf("; %s trains students in this process: compare two arms at a time with audit --trainer", verb)
	}
	return ""
}

// didYouMean returns ", did you mean X?" with the name that is closest to a mistyped one; "" if
// none is close.
func didYouMean(typed string, names []string) string {
	if best := closest(typed, names); best != "" {
		return fmt.Sprintf(", did you mean %q?", best)
	}
	return ""
}

// closest returns the name that is closest to a mistyped one; "" if none is close.
func closest(typed string, names []string) string {
	best, least := "", min(len(typed)/3+2, 5) // edits
	for _, name := range names {
		d := edits(typed, name)
		if strings.HasPrefix(name, typed) && typed != "" {
			d = min(d, 1)
		}
		if d < least {
			best, least = name, d
		}
	}
	return best
}

// mostTyped is the length of a mistyped name that is compared, in bytes.
const mostTyped = 64

// edits returns the number of insertions, deletions, replacements and exchanges of neighbors that
// turn a into b (the optimal string alignment distance); a large number if a name is very long.
func edits(a, b string) int {
	if len(a) > mostTyped || len(b) > mostTyped {
		return mostTyped
	}
	d := make([][]int, len(a)+1) // d[i][k] turns a[:i] into b[:k]
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for k := range d[0] {
		d[0][k] = k
	}
	for i := 1; i <= len(a); i++ {
		for k := 1; k <= len(b); k++ {
			differ := 1
			if a[i-1] == b[k-1] {
				differ = 0
			}
			d[i][k] = min(d[i-1][k]+1, d[i][k-1]+1, d[i-1][k-1]+differ)
			if i > 1 && k > 1 && a[i-1] == b[k-2] && a[i-2] == b[k-1] {
				d[i][k] = min(d[i][k], d[i-2][k-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
