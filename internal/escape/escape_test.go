package escape_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/internal/escape/escapetest"
)

func TestText(t *testing.T) {
	for _, c := range [][2]string{
		{"owls.jsonl", "owls.jsonl"},
		{"Größe 大 é 👍 a  b", "Größe 大 é 👍 a  b"},
		{"\u202edetcetednu", "<U+202E>detcetednu"},
		{"a\u2028b\u2029", "a<U+2028>b<U+2029>"},
		{"\x1b[2J", "<U+001B>[2J"},
		{"a\nb\tc", "a<U+000A>b<U+0009>c"},
		{"a\u200bb\ufeff", "a<U+200B>b<U+FEFF>"},
		{"\U000e0041", "<U+E0041>"},
		{"a\xffb", "a<0xFF>b"},
		{"\uFFFD", "\uFFFD"},
		{"case/rows##[stop-commands]pwn", "case/rows##<U+005B>stop-commands]pwn"},
		{"a ###[b # #[c #d[ ##d [", "a ###<U+005B>b # #[c #d[ ##d ["},
		{"a ##vso[task.complete] ##teamcity[buildStatus]", "a ##vso<U+005B>task.complete] ##teamcity<U+005B>buildStatus]"},
		{" ::error::x", " :<U+003A>error::x"},
		{"std::vector", "std::vector"},
		{"e" + strings.Repeat("\u0301", 10), "e" + strings.Repeat("\u0301", 8) + "<U+0301><U+0301>"},
		{"\u3164\ufe0f\u034f", "<U+3164><U+FE0F><U+034F>"},
		{"", ""},
	} {
		if got := escape.Text(c[0]); got != c[1] {
			t.Errorf("Text(%+q) is %q, want %q", c[0], got, c[1])
		}
	}
	if got := escape.Lines("a\n\tb\r\x1b"); got != "a\n\tb<U+000D><U+001B>" {
		t.Errorf("Lines gives %q", got)
	}
	if got := escape.Lines("a\n\t::error::b\n##[c]"); got != "a\n\t:<U+003A>error::b\n##<U+005B>c]" {
		t.Errorf("Lines gives %q", got)
	}
}

func TestInjectionsIntoTerminals(t *testing.T) {
	for _, s := range escapetest.Injections() {
		if r, ok := escapetest.Acts(escape.Text(s), ""); ok {
			t.Errorf("Text(%+q) has %+q", s, r)
		}
		if r, ok := escapetest.Acts(escape.Lines(s), "\n\t"); ok {
			t.Errorf("Lines(%+q) has %+q", s, r)
		}
		var b bytes.Buffer
		if n, err := escape.Writer(&b).Write([]byte(s)); n != len(s) || err != nil || b.String() != escape.Lines(s) {
			t.Errorf("Writer: %d, %v, %q", n, err, b.String())
		}
	}
}

func TestMarkdown(t *testing.T) {
	for _, c := range [][2]string{
		{"prefers animal owl", "prefers animal owl"},
		{"+0.41 [+0.3, +0.5], p 0.01 (floor)", `\+0.41 \[+0.3, +0.5\], p 0.01 (floor)`},
		{"![i](x)", `\!\[i\](x)`},
		{"<b>&amp;", `\<b\>\&amp;`},
		{"@octocat #1 GH-1", "@&#8203;octocat #&#8203;1 GH-&#8203;1"},
		{"a@b.c", "a@&#8203;b.c"},
		{"https://x: y", "https:&#8203;//x: y"},
		{"www.x.y", `www\.x.y`},
		{":tada:", ":&#8203;tada:"},
		{"$x$", "<span>$</span>x<span>$</span>"},
		{`a|b\|c`, `a\|b\\\|c`},
		{"`a`", "\\`a\\`"},
		{"a\nb\tc", "a b c"},
		{"\u202ex", `\<U+202E>x`},
		{"\xff", `\<0xFF>`},
		{"- a - b", `\- a - b`},
		{"1. forged", `1\. forged`},
		{"23) other", `23\) other`},
		{"0.5 of 1. a", `0\.5 of 1. a`},
		{"    code", "&#32;   code"},
		{"\tcode", "&#32;code"},
		{strings.Repeat("ab", 20) + " x", "a&#8203;b" + strings.Repeat("ab", 19) + " x"},
		{strings.Repeat("ab", 32), strings.Repeat("ab", 32)},
		{"", ""},
	} {
		if got := escape.Markdown(c[0]); got != c[1] {
			t.Errorf("Markdown(%+q) is %q, want %q", c[0], got, c[1])
		}
	}
}

func TestInjectionsIntoMarkdown(t *testing.T) {
	for _, s := range escapetest.Injections() {
		got := escape.Markdown(s)
		if found := escapetest.ActsInMarkdown(got); found != "" {
			t.Errorf("Markdown(%+q) is %q, in which %q acts", s, got, found)
		}
		if r, ok := escapetest.Acts(got, ""); ok {
			t.Errorf("Markdown(%+q) has %+q", s, r)
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range escapetest.Injections() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := escape.Markdown(s)
		if found := escapetest.ActsInMarkdown(got); found != "" {
			t.Errorf("%q gives %q, in which %q acts", s, got, found)
		}
		for _, text := range []string{got, escape.Text(s)} {
			if r, ok := escapetest.Acts(text, ""); ok {
				t.Errorf("%q gives %q, which has %+q", s, text, r)
			}
		}
	})
}

// JSON keeps its value.
func TestJSON(t *testing.T) {
	for _, s := range escapetest.Injections() {
		text, err := json.Marshal(map[string]string{s: s})
		if err != nil {
			t.Fatal(err)
		}
		var plain, escaped any
		got := escape.JSON(text)
		if err := json.Unmarshal(text, &plain); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(got, &escaped); err != nil || !reflect.DeepEqual(plain, escaped) {
			t.Errorf("%s becomes %s (%v)", text, got, err)
		}
		if r, ok := escapetest.Acts(string(got), "\n\t"); ok {
			t.Errorf("JSON(%s) has %+q", text, r)
		}
	}
}

func TestStrings(t *testing.T) {
	type inner struct {
		Words []string
		hid   string
	}
	type outer struct {
		Name    string
		None    *inner
		Some    *inner
		By      map[string]string
		List    []inner
		Bytes   []byte
		Any     any
		Skipped *inner `json:"-"`
		inner
	}
	in := inner{[]string{"a"}, "a"}
	report := outer{Name: "a", Some: &in, By: map[string]string{"a": "a"}, List: []inner{in}, Bytes: []byte("a"), Any: "a", Skipped: &in, inner: in}
	got := *escape.Strings(&report, func(s string) string { return s + "!" })
	changed := inner{[]string{"a!"}, "a"}
	want := outer{Name: "a!", Some: &changed, By: map[string]string{"a": "a!"}, List: []inner{changed}, Bytes: []byte("a"), Any: "a", Skipped: &in, inner: in}
	if !reflect.DeepEqual(got, want) || got.Skipped != report.Skipped {
		t.Errorf("the copy is %+v, want %+v", got, want)
	}
	if report.Name != "a" || in.Words[0] != "a" || report.By["a"] != "a" {
		t.Errorf("the report was changed: %+v", report)
	}
}
