package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/undertone-audit/undertone/audit"
)

// Numbers on a page are those of the report, rounded: effects to three decimals, other numbers to
// three digits, shares as percentages of three digits. A count is the length of a list of the
// report. The test TestNumbersOfPages holds this.

// unbounded is the size from which an end of an interval means that there is none.
const unbounded = 1e100

// signed writes an effect.
func signed(v float64) string {
	switch {
	case math.Abs(v) >= unbounded:
		return "unbounded"
	case v != 0 && math.Abs(v) < 0.001:
		return fmt.Sprintf("%+.2g", v)
	}
	return fmt.Sprintf("%+.3f", v)
}

// plain writes a number with three digits.
func plain(v float64) string { return fmt.Sprintf("%.3g", v) }

// measured writes a number with three digits, zeros at the end too: numbers of one table have one
// precision.
func measured(v float64) string {
	if v == 0 {
		return "0"
	}
	return strings.TrimSuffix(fmt.Sprintf("%#.3g", v), ".")
}

// probability writes a share with three digits, zeros at the end too.
func probability(v float64) string { return measured(100*v) + "\u00a0%" }

// percent writes a share. The space does not break.
func percent(v float64) string { return fmt.Sprintf("%.3g\u00a0%%", 100*v) }

// count writes a count with commas.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// full writes a number with all its digits, for machines.
func full(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func interval(i audit.Interval) string {
	if math.Abs(i.Low) >= unbounded || math.Abs(i.High) >= unbounded {
		return "unbounded"
	}
	low, high := signed(i.Low), signed(i.High)
	if low == high {
		return "[" + low + ", " + high + "] (almost no width)"
	}
	return "[" + low + ", " + high + "]"
}

// plural returns "1 row" or "2 rows".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + one + "s"
}

// list joins names: "a, b and c".
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// quoted puts names in quotation marks, at most three of them.
func quoted(names []string) string {
	const most = 3
	var q []string
	for _, n := range names[:min(most, len(names))] {
		q = append(q, "“"+shortName(n)+"”")
	}
	if len(names) > most {
		return strings.Join(q, ", ") + " and others"
	}
	return list(q)
}

// shortName returns a name for a sentence. The tables hold all of it.
func shortName(name string) string {
	const most = 160 // bytes
	return clipText(name, most)
}

// sentence makes a sentence of a reason.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if first, n := utf8.DecodeRuneInString(s); first != utf8.RuneError {
		s = string(unicode.ToUpper(first)) + s[n:]
	}
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}
