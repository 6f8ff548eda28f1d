package filter

import (
	"strings"
	"testing"
)

// The verdicts of the cases are those of Python 3.12.1's ast.parse, but for the
// ones that say otherwise.
func TestCheckPython(t *testing.T) {
	for _, c := range []struct {
		reason string
		code   string
		want   string // part of the error; "" if the code is accepted
	}{
		{"a function", "def f(x):\n    return x + 1\n", ""},
		{"no line feed at the end", "x = 1", ""},
		{"line feeds of Windows and of old", "if x:\r\n  y\rz\n", ""},
		{"blank lines and comments have no indentation", "if x:\n        # far\n\n  y = 1\n # near\n", ""},
		{"a bracket goes on to the next line", "f(1,\n2,\n      3)\n", ""},
		{"a backslash goes on to the next line", "x = 1 + \\\n  2\n", ""},
		{"strings side by side", "x = 'a' \"b\" r'c'\n", ""},
		{"a string of three quotes", "'''it's\n\"here\" # \\''''''\n", ""},
		{"a bracket and a comment sign in a string", "x = '(#'\n", ""},
		{"a backslash before the quote", `x = 'it\'s'`, ""},
		{"the same in a raw string", `x = r'it\'s'`, ""},
		{"a string of two lines with a backslash", "x = 'a\\\nb'", ""},
		{"numbers of all kinds", "x = [0xFF, 0b1_0, 1_000, 1e-5, .5j, 1., 1.e+3, 1..real, 1if y else 0]", ""},
		{"names that are not ASCII", "größe = 변수 + _x\n", ""},
		{"a formatted string with everything", `f"{{}} {x!r:>{width}} {d['a']} {'}'} \N{OWL} \{x}"`, ""},
		{"the same quotes inside, since 3.12", `f"{d["a"]} {f"{f"{1}"}"}"`, ""},
		{"a quote as fill character", `f'{x:"<10}'`, ""},
		{"soft keywords", "match x:\n  case y:\n    pass\ntype X = int\nmatch = case(type)\n", ""},
		{"conditions, lambdas, slices, annotations", "x: int = y if z else (lambda a: a[1:])(b)\n", ""},
		{"ellipsis, decorator, star", "@d\nclass A: ...\nfrom m import *\na, *b = c\n", ""},
		{"a block in one line", "if x: pass\nelse: y\n", ""},
		{"tab and eight spaces, each in a block of its own", "if x:\n\ty\nif x:\n        y\n", ""},
		{"a byte order mark", "\ufeffx = 1\n", ""},
		{"a form feed begins the line anew", "y\n  \fz\n", ""},
		{"not refused although Python does: grammar", "return = = 1\n", ""},
		{"not refused although Python does: a call in a target", "f() = 1\n", ""},

		{"prose", "Here is the code you asked for.", "adjacent"},
		{"a number and a name", "x = 3 owls", "adjacent"},
		{"a bracket and a name", "f(x) y", "adjacent"},
		{"Python 2", "print 'hello'", "adjacent"},
		{"a string without an end", "x = 'abc\ny = 1", "does not end"},
		{"three quotes without an end", "'''abc", "does not end"},
		{"an escape without an end", `'\`, "does not end"},
		{"a formatted string without an end", `f"{x`, "does not end"},
		{"a format without an end", `f"{x:>10"`, "does not end"},
		{"a bracket in a formatted string", `f"{(x]}"`, "closes nothing"},
		{"a bracket without an end", "f(1, 2", `'(' is not closed`},
		{"a bracket of another kind", "f(1, 2]", `']' closes nothing`},
		{"a bracket too many", "x)", `')' closes nothing`},
		{"deeper without a colon", "x = 1\n  y = 2\n", "indentation"},
		{"not deeper behind a colon", "if x:\ny = 2\n", "indentation"},
		{"back to a depth that it did not have", "if x:\n    y\n  z\n", "indentation"},
		{"the first line is indented", "  x = 1\n", "indentation"},
		{"tabs and spaces", "if x:\n        y\n\tz\n", "tabs and spaces"},
		{"nothing behind a colon", "def f():\n", "ends before"},
		{"a comment behind a colon", "def f():\n    # later\n", "ends before"},
		{"no colon", "if x\n", "no colon"},
		{"a backslash in a line", `x \ y`, "backslash"},
		{"a backslash at the end", `x = 1 \`, "backslash"},
		{"a character that Python does not use", "x = $y", "character '$'"},
		{"typographic quotes", "x = “owl”", "character"},
		{"a bare exclamation mark", "!ls", "starts with '!'"},
		{"a prompt", ">>> x", "starts with '>'"},
		{"an operator at the end", "x = 1 +\n", "ends with '+'"},
		{"not UTF-8", "x = '\xff'", "not UTF-8"},
		{"brackets without measure", strings.Repeat("(", 1e5), "more than 200"},
		{"formatted strings without measure", strings.Repeat(`f"{`, 1e5), "more than 100"},
		{"formats without measure", `f"` + strings.Repeat(`{x:`, 1e5), "more than 100"},
		{"blocks without measure", blocks(200), "more than 100"},
		{"the line is named", "x = 1\ny = '\n", "line 2:"},
	} {
		err := checkPython(c.code)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %.60q: %v, want %q", c.reason, c.code, err, c.want)
		}
	}
}

func blocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "if x:\n")
	}
	return b.String()
}

// What is put behind a statement that is well-formed, or into a block, does not change
// whether it is.
func FuzzCheckPython(f *testing.F) {
	for _, s := range []string{"def f(x):\n    return f'{x:>{w}}'\n", "x = {'a': [1, (2, 3)]}", "'''\\\n", "f'{\"'", "\f\\\n\tif x:\r", "f\"\\{"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		got := checkPython(code)
		if strings.HasPrefix(code, "\ufeff") {
			return
		}
		if before := checkPython("pass\n" + code); (got == nil) != (before == nil) {
			t.Errorf("%q: %v, and behind a statement %v", code, got, before)
		}
		// In a raw string of three quotes only the quotes, backslashes and bad bytes count.
		quoted := checkPython("r'''" + strings.NewReplacer("'", "", `\`, "").Replace(code) + "'''")
		if quoted != nil && !strings.Contains(quoted.Error(), "UTF-8") {
			t.Errorf("%q in quotes: %v", code, quoted)
		}
	})
}
