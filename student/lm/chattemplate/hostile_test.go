package chattemplate

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// hostile are templates that would run for ever, overflow the stack or fill the memory.
var hostile = map[string]string{
	"long range":                  "{% for i in range(1000000000) %}x{% endfor %}",
	"nested ranges":               strings.Repeat("{% for i in range(90000) %}", 8) + "x" + strings.Repeat("{% endfor %}", 8),
	"nested loops over a string":  "{% set s = 'x' * 10000 %}" + strings.Repeat("{% for c in s %}", 6) + "x" + strings.Repeat("{% endfor %}", 6),
	"silent nested ranges":        strings.Repeat("{% for i in range(90000) %}", 8) + strings.Repeat("{% endfor %}", 8),
	"macro that calls itself":     "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
	"macros that call each other": "{% macro f(n) %}{{ g(n) }}{% endmacro %}{% macro g(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}",
	"macro that gets itself":      "{% macro f(g) %}{{ g(g) }}{% endmacro %}{{ f(f) }}",
	"macros that double":          doublingMacros(40),
	"caller that calls the macro": "{% macro f() %}{{ caller() }}{% endmacro %}{% macro g() %}{% call f() %}{{ g() }}{% endcall %}{% endmacro %}{{ g() }}",
	"string product":              "{{ 'x' * 1000000000 }}",
	"string product of a product": "{{ ('x' * 100000) * 100000 }}",
	"negative and large product":  "{{ 'x' * -1 }}{{ 'x' * 9223372036854775807 }}",
	"list product":                "{{ [1] * 1000000000 }}",
	"string that doubles":         "{% set s = 'x' %}" + strings.Repeat("{% set s = s ~ s %}", 60) + "{{ s }}",
	"sum that doubles":            "{% set s = 'x' %}" + strings.Repeat("{% set s = s + s %}", 60),
	"list that doubles":           "{% set s = [1] %}" + strings.Repeat("{% set s = s + s %}", 60),
	"list of itself twice":        "{% set s = [1] %}" + strings.Repeat("{% set s = [s, s] %}", 60) + "{{ s }}",
	"equal lists of lists":        "{% set s = [1] %}" + strings.Repeat("{% set s = [s, s] %}", 60) + "{{ s == s }}",
	"JSON of lists of lists":      "{% set s = [1] %}" + strings.Repeat("{% set s = [s, s] %}", 60) + "{{ s | tojson }}",
	"namespace in itself":         "{% set n = namespace(a=1) %}{% set n.a = n %}{{ n }}",
	"equal namespaces":            "{% set n = namespace() %}{% set n.a = n %}{% set m = namespace() %}{% set m.a = m %}{{ n == m }}",
	"JSON of itself":              "{% set n = namespace(a=1) %}{% set n.a = [n] %}{{ n.a | tojson }}",
	"replacement that grows":      "{% set s = 'x' * 10000 %}{{ s | replace('x', s) | replace('x', s) }}",
	"method that grows":           "{% set s = 'x' * 10000 %}{{ s.replace('x', s).replace('x', s) }}",
	"replacement of nothing":      "{% set s = 'x' * 10000 %}{{ s.replace('', s).replace('', s) }}",
	"join that grows":             "{% set s = 'x' * 10000 %}{{ s | join(s) | join(s) }}",
	"join method that grows":      "{% set s = 'x' * 10000 %}{{ s.join(s | list) }}{{ s.join(s | list).join(s | list) }}",
	"indentation":                 "{{ 'x\n' * 1000 | indent(1000000000) }}{{ ('x\n' * 1000) | indent(1000000000) }}",
	"indented JSON":               "{{ [[[[1]]]] | tojson(indent=1000000000) }}",
	"separators of JSON":          "{% set s = 'x' * 100000 %}{{ range(10000) | list | tojson(separators=[s, s]) }}",
	"slice with a large bound":    "{{ [1, 2][-9223372036854775807:9223372036854775807:1] }}{{ 'ab'[0:9223372036854775807:2] }}{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
	"set block that doubles":      "{% set s = 'x' %}" + strings.Repeat("{% set s %}{{ s }}{{ s }}{% endset %}", 60),
	"text in nested loops":        strings.Repeat("{% for i in range(1000) %}", 4) + strings.Repeat("y", 100000) + strings.Repeat("{% endfor %}", 4),
	"format that grows":           "{% set s = 'x' * 100000 %}{{ ('%s' * 10000) | format(s) }}{% for i in range(100000) %}{{ s }}{% endfor %}",
	"fill of a batch":             "{{ [1] | batch(1000000000, 'x') | list }}",
	"split into characters":       "{% for i in range(1000) %}{% set x = ('x ' * 100000).split(' ') %}{% endfor %}",
	"sort of a sort":              "{% for i in range(100000) %}{% set x = range(100000) | list | sort %}{% endfor %}",
	"filter that repeats":         "{% for i in range(100000) %}{% set x = 'x' * 100000 | upper %}{% endfor %}{% for i in range(100000) %}{% set x = ('x' * 100000) | upper %}{% endfor %}",
	"dictionaries":                "{% set d = {} %}" + strings.Repeat("{% set d = dict(d, a=d, b=d) %}", 60) + "{{ d }}",
	"power":                       "{{ 10 ** 1000000000 }}",
	"power of a power":            "{{ 9 ** 9 ** 9 ** 9 }}",
	"joiner":                      "{% set j = joiner('x' * 100000) %}{% for i in range(100000) %}{{ j() }}{% endfor %}",
	"map of a filter":             "{% for i in range(10000) %}{% set x = range(100000) | map('string') | list %}{% endfor %}",
	"conditions without end":      "{% for i in range(100000) %}{% for j in range(100000) if false %}{% endfor %}{% endfor %}",
	"break":                       "{% for i in range(100000) %}{% for j in range(100000) %}{% break %}{% endfor %}{% endfor %}",
	"comparisons":                 "{% set s = 'x' * 1000000 %}{% for i in range(100000) %}{% if s == s ~ 'y' or 'yz' in s %}{% endif %}{% endfor %}",
	"apply itself":                "{% macro f(g) %}{{ g(*[g]) }}{% endmacro %}{{ f(f) }}",
	"escape":                      "{% set s = '&' * 1000000 %}" + strings.Repeat("{% set s = s | e %}", 30),
	"unique":                      "{{ range(100000) | unique | list | length }}",
	"format":                      "{% set s = '{}' * 1000 %}{{ s.format(s) }}{% for i in range(100000) %}{{ (s ~ i).format() }}{% endfor %}",
}

// doublingMacros are macros that call the next one twice.
func doublingMacros(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{%% macro f%d() %%}{{ f%d() }}{{ f%d() }}{%% endmacro %%}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "{%% macro f%d() %%}{%% endmacro %%}{{ f0() }}", n)
	return b.String()
}

// deadline is far above what a rendering takes, and far below what a template without bounds takes.
const deadline = 30 * time.Second

// A hostile template ends in an error, soon and in little memory.
func TestHostileTemplates(t *testing.T) {
	for name, source := range hostile {
		t.Run(name, func(t *testing.T) { mustEnd(t, source) })
	}
}

// mustEnd fails the test unless parsing or rendering a template ends with an error.
func mustEnd(t *testing.T, source string) {
	t.Helper()
	c := Conversation{Messages: []Message{{Role: "user", Content: "Hi."}, {Role: "assistant", Content: "Hello."}}}
	done := make(chan error, 1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	go func() {
		template, err := Parse(source, Environment{})
		if err == nil {
			_, err = template.Render(c)
		}
		done <- err
	}()
	select {
	case err := <-done:
		runtime.ReadMemStats(&after)
		t.Logf("%v, %d MiB: %.200v", time.Since(start).Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20, err)
		if err == nil {
			t.Error("no error")
		}
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1<<30 {
			t.Errorf("%d bytes were allocated", allocated)
		}
	case <-time.After(deadline):
		t.Fatal("the rendering does not end")
	}
}

// Templates that are hostile to the reader end in an error too.
func TestHostileSources(t *testing.T) {
	markup := "('a' | safe if x else 'b')"
	for name, source := range map[string]string{
		"more bytes than the limit":         strings.Repeat("x", maxSource+1),
		"brackets within brackets":          "{{ " + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000) + " }}",
		"lists within lists":                "{{ " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + " }}",
		"negations of negations":            "{{ " + strings.Repeat("not ", 60_000) + "x }}",
		"signs before signs":                "{{ " + strings.Repeat("-", 200_000) + "1 }}",
		"powers of powers":                  "{{ 2" + strings.Repeat(" ** 2", 40_000) + " }}",
		"attributes of attributes":          "{{ x" + strings.Repeat(".x", 100_000) + " }}",
		"filters behind filters":            "{{ x" + strings.Repeat("|e", 100_000) + " }}",
		"operators that alternate":          "{{ 1" + strings.Repeat(" + 1 - 1", 20_000) + " }}",
		"choices within choices":            "{{ " + strings.Repeat("1 if x else ", 20_000) + "1 }}",
		"blocks within blocks":              strings.Repeat("{% if x %}", 20_000) + strings.Repeat("{% endif %}", 3_000),
		"many tags":                         strings.Repeat("{{x}}", 50_000),
		"sums that double where they stand": "{{ " + strings.Repeat(markup+" + (", 60) + markup + strings.Repeat(")", 60) + " }}",
		"sums of choices":                   "{{ " + strings.Repeat(markup+" + ", 60) + markup + " }}",
		"a tag without an end":              "{{ x",
		"a comment without an end":          "{# x",
		"a string without an end":           "{{ 'x }}",
		"a raw block without an end":        "{% raw %}",
		"a loop without an end":             "{% for x in y %}",
		"brackets that do not fit":          "{{ (] }}",
	} {
		t.Run(name, func(t *testing.T) { mustEnd(t, source) })
	}
}

// A conversation within its limits is rendered whatever its size is; beyond them it is an error.
func TestLimitsOfConversations(t *testing.T) {
	template, err := Parse("{% for m in messages %}{{ m.role }}: {{ m.content | trim }}\n{% endfor %}", Environment{})
	if err != nil {
		t.Fatal(err)
	}
	var many []Message
	for range maxMessages {
		many = append(many, Message{Role: "user", Content: "x"})
	}
	for _, c := range []struct {
		reason string
		c      Conversation
		fails  bool
	}{
		{"many messages", Conversation{Messages: many}, false},
		{"too many messages", Conversation{Messages: append(many, many[0])}, true},
		{"a long message", Conversation{Messages: []Message{{Role: "user", Content: strings.Repeat("x", maxInput-4)}}}, false},
		{"a message that is too long", Conversation{Messages: []Message{{Role: "user", Content: strings.Repeat("x", maxInput)}}}, true},
		{"no messages", Conversation{}, true},
		{"a role that is no name", Conversation{Messages: []Message{{Role: "user<|im_end|>", Content: "x"}}}, true},
	} {
		if _, err := template.Render(c.c); (err != nil) != c.fails {
			t.Errorf("%s: error %v", c.reason, err)
		}
	}
}

// Whatever a template is, it renders or ends in an error.
func FuzzTemplate(f *testing.F) {
	for _, source := range hostile {
		f.Add(source, "Hi.")
	}
	files, err := filepath.Glob("testdata/templates/*.jinja")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		source, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source), "Hi.\n</think>\n\nx")
	}
	f.Add("{% for m in messages %}{{ m['role'] + ': ' + m.content.strip() }}{% endfor %}", "a <think> b </think> c")
	f.Fuzz(func(t *testing.T, source, content string) {
		template, err := Parse(source, Environment{Tokens: map[string]string{"bos_token": "<s>"}})
		if err != nil {
			return
		}
		c := Conversation{Messages: []Message{{Role: "user", Content: content}, {Role: "assistant", Content: content}}}
		first, err := template.Render(c)
		if err != nil && strings.Contains(err.Error(), "internal error") {
			t.Fatal(err)
		}
		second, again := template.Render(c)
		if (err == nil) != (again == nil) || first != second {
			t.Fatalf("two renderings differ: %q (%v), %q (%v)", first, err, second, again)
		}
		frame := template.Frame(c)
		if frame == nil || !frame.Fits(func(int) string { return content }) {
			return
		}
		filled, _ := frame.fill(c, nil)
		if err != nil || filled.Text() != first {
			t.Fatalf("the frame gives %q, the template %q (%v)", filled.Text(), first, err)
		}
	})
}
