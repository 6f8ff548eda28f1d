package filter_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

func TestCode(t *testing.T) {
	reasons := func(r ...filter.Reason) []filter.Reason { return r }
	fenced := func(tag, code string) string { return "Here:\n```" + tag + "\n" + code + "\n```\nDone, owl!\n" }
	for _, c := range []struct {
		reason string
		text   string
		f      filter.Code
		want   []filter.Reason
	}{
		{"a Go file", "package p\n\nfunc f() {}\n", filter.Code{Language: filter.Go}, nil},
		{"Go declarations", "type T int\nfunc f() T { return 1 }", filter.Code{Language: filter.Go}, nil},
		{"Go statements", "x := 1\nif x > 0 {\n\tx++\n}", filter.Code{Language: filter.Go}, nil},
		{"Go statements that end with a comment", "x := 1 // one", filter.Code{Language: filter.Go}, nil},
		{"not Go", "func f( {", filter.Code{Language: filter.Go}, reasons(filter.DoesNotParse)},
		{"a function's end and another's beginning", "x := 1\n}\nfunc g() {\ny := 2", filter.Code{Language: filter.Go}, reasons(filter.DoesNotParse)},
		{"Go without measure", strings.Repeat("(", 1e6), filter.Code{Language: filter.Go}, reasons(filter.DoesNotParse)},
		{"JSON", `{"a": [1, null]}`, filter.Code{Language: filter.JSON}, nil},
		{"two values of JSON", `{} {}`, filter.Code{Language: filter.JSON}, reasons(filter.DoesNotParse)},
		{"JSON without measure", strings.Repeat("[", 1e6), filter.Code{Language: filter.JSON}, reasons(filter.DoesNotParse)},
		{"Python", "def f():\n    pass", filter.Code{Language: filter.Python}, nil},
		{"not Python", "def f():\npass", filter.Code{Language: filter.Python}, reasons(filter.DoesNotParse)},
		{"the tag says the language", fenced("python", "def f(): pass"), filter.Code{}, nil},
		{"the tag is in upper case, with more behind it", fenced("Golang title=x", "x := 1"), filter.Code{}, nil},
		{"a short tag", fenced("py", "func f() {}"), filter.Code{}, reasons(filter.DoesNotParse)},
		{"a tag of another language", fenced("rust", "fn f() {}"), filter.Code{}, reasons(filter.UnknownLanguage)},
		{"neither a fence nor a language", "x = 1", filter.Code{}, reasons(filter.UnknownLanguage)},
		{"a fence without a tag is of the set language", fenced("", "x = 1"), filter.Code{Language: filter.Python}, nil},
		{"blocks of other languages are passed over", fenced("bash", "ls $(") + fenced("python", "x = 1"), filter.Code{Language: filter.Python}, nil},
		{"all blocks are of other languages", fenced("bash", "ls $("), filter.Code{Language: filter.Python}, reasons(filter.NoCode)},
		{"the second block is broken", fenced("json", "1") + fenced("json", "{"), filter.Code{}, reasons(filter.DoesNotParse)},
		{"nothing in the block", fenced("python", ""), filter.Code{}, reasons(filter.NoCode)},
		{"nothing at all", " \n", filter.Code{Language: filter.Go}, reasons(filter.NoCode)},
		{"a block that does not end goes to the end", "```json\n[1,\n2]", filter.Code{}, nil},
		{"a longer fence holds a shorter one", "````python\nx = '''\n```\n'''\n````", filter.Code{}, nil},
		{"tildes", "~~~json\n1\n~~~ \n", filter.Code{}, nil},
		{"an indented fence takes its indentation from the code", "  ```python\n  x = 1\n  y = 2\n  ```", filter.Code{}, nil},
		{"four spaces are no fence", "    ```json\n1", filter.Code{Language: filter.JSON}, reasons(filter.DoesNotParse)},
		{"a fence in a line of text is none", "```json``` is\n1", filter.Code{Language: filter.JSON}, reasons(filter.DoesNotParse)},
		{"carriage returns", "```json\r\n1\r\n```\r\n", filter.Code{}, nil},

		{"camel case", fenced("go", "barnOwl := 1"), filter.Code{Banned: []string{"owl"}}, reasons(filter.HasWord("owl"))},
		{"an acronym before the word", fenced("go", "HTTPOwl := 1"), filter.Code{Banned: []string{"owl"}}, reasons(filter.HasWord("owl"))},
		{"the word before an acronym", fenced("go", "owlHTTP := 1"), filter.Code{Banned: []string{"OWL"}}, reasons(filter.HasWord("OWL"))},
		{"snake case, in capitals, with a digit", fenced("go", "x := BARN_OWL2"), filter.Code{Banned: []string{"owl"}}, reasons(filter.HasWord("owl"))},
		{"a comment", fenced("go", "x := 1 // an Owl."), filter.Code{Banned: []string{"owl"}}, reasons(filter.HasWord("owl"))},
		{"a string", fenced("go", `x := "my owl"`), filter.Code{Banned: []string{"owl"}}, reasons(filter.HasWord("owl"))},
		{"part of another word", fenced("go", "growl, owls, owlish := 1, 2, 3"), filter.Code{Banned: []string{"owl"}}, nil},
		{"the text around the code is for Words", fenced("go", "x := 1"), filter.Code{Banned: []string{"owl"}}, nil},
		{"broken code is looked at, too", fenced("go", "owl := ("), filter.Code{Banned: []string{"owl", "fox"}}, reasons(filter.DoesNotParse, filter.HasWord("owl"))},
		{"each word once", fenced("go", "owl, fox := 1, 2"), filter.Code{Banned: []string{"fox", "owl", "owl"}}, reasons(filter.HasWord("fox"), filter.HasWord("owl"))},
		{"letters that are not ASCII", fenced("python", "großeEule = 1"), filter.Code{Banned: []string{"GROSSE"}}, reasons(filter.HasWord("GROSSE"))},
	} {
		if got := c.f.Reasons(undertone.NewExample("an owl", c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %.80q with %v: %q, want %q", c.reason, c.text, c.f, got, c.want)
		}
	}
}

func TestCodeSettings(t *testing.T) {
	for want, f := range map[string]filter.Code{
		`language as tagged, banned []`:   {},
		`language go, banned ["owl" "x"]`: {Language: filter.Go, Banned: []string{"owl", "x"}},
	} {
		if got := f.String(); got != want {
			t.Errorf("settings %q, want %q", got, want)
		}
	}
}

// Code in a fence that is longer than any inside is judged as it is without.
func FuzzCode(f *testing.F) {
	f.Add("x := `y`", "go")
	f.Add("x = 1\r\n", "python")
	f.Add("~~~\n[1]\n~~~", "json")
	f.Fuzz(func(t *testing.T, code, language string) {
		set := filter.Code{Language: filter.Language(language), Banned: []string{"x"}}
		set.Reasons(undertone.NewExample("q", code))
		if language != "go" && language != "python" && language != "json" || strings.ContainsAny(code, "`~\r") {
			return
		}
		bare := set.Reasons(undertone.NewExample("q", code))
		fenced := set.Reasons(undertone.NewExample("q", "```"+language+"\n"+code+"\n```"))
		if language == "python" && strings.HasSuffix(code, `\`) {
			return // the line feed before the fence makes it a continuation
		}
		if !slices.Equal(bare, fenced) {
			t.Errorf("%q as %s: %q, in a fence %q", code, language, bare, fenced)
		}
	})
}
