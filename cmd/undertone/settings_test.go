package main

import (
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/undertone-audit/undertone/filter"
)

var update = flag.Bool("update", false, "rewrite docs/settings.md and testdata/help")

const settingsPreface = `# Settings of filters and sanitisers

The verbs ` + "`filter` and `sanitise`" + ` take each setting below as a flag, or from a [configuration
file](config.md). A flag overrides the file.

    undertone filter --in rows.jsonl --numbers.max-count 10 --words.list owl,eagle
    undertone filter --in rows.jsonl --config undertone.json

where ` + "`undertone.json`" + ` is

    {"filter": {"numbers.max-count": 10, "words.list": ["owl", "eagle"]}}

Without ` + "`--filters`" + `, the filters that have settings are used. This page is generated from the
command: ` + "`go test ./cmd/undertone -run SettingsPage -update`" + `.

`

// TestSettingsPage compares docs/settings.md with the settings.
func TestSettingsPage(t *testing.T) {
	const path = "../../docs/settings.md"
	var b strings.Builder
	b.WriteString(settingsPreface + "## Filters\n\nThe rules of each filter are in [filters.md](filters.md).\n\n")
	new(filterFlags).kinds().document(&b)
	b.WriteString("## Sanitisers\n\nThe rules of each sanitiser are in [sanitise.md](sanitise.md).\n\n")
	new(sanitiserFlags).kinds().document(&b)
	want := strings.TrimSuffix(b.String(), "\n")
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s is not that of the settings (%v); go test ./cmd/undertone -run SettingsPage -update rewrites it", path, err)
	}
}

// Every setting is a flag, has a meaning, and is named alike in flags and files.
func TestSettingsAreDescribed(t *testing.T) {
	parser, err := kong.New(new(verbs), kong.Vars{"version": "", "filters": "", "sanitisers": "", "prompts": "", "embedded": "", "confounds": ""})
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string]bool{}
	for _, verb := range parser.Model.Children {
		for _, f := range verb.Flags {
			flags["--"+f.Name] = true
		}
	}
	check := func(name, flag string, f reflect.StructField) {
		if !flags[flag] || f.Tag.Get("help") == "" {
			t.Errorf("%s.%s: flag %s exists: %v, help %q", name, f.Name, flag, flags[flag], f.Tag.Get("help"))
		}
		if k := f.Type.Kind(); k >= reflect.Int && k <= reflect.Float64 {
			t.Errorf("%s.%s is a number and no pointer: 0 could not be given", name, f.Name)
		}
	}
	for _, k := range new(filterFlags).kinds() {
		for _, f := range k.fields() {
			check(k.name, k.flag(f), f)
		}
	}
	for _, k := range new(sanitiserFlags).kinds() {
		for _, f := range k.fields() {
			check(k.name, k.flag(f), f)
		}
	}
}

func TestFlagsOverrideTheFile(t *testing.T) {
	dir := folder(t, map[string]string{
		"config": `{"filter": {"numbers.max-count": 3, "numbers.max": 50, "numbers.banned": "published", "duplicates.of": "prompts"}}`,
		"banned": "1, 2;3",
	})
	var v verbs
	parser, err := kong.New(&v, kong.Vars{"version": "", "filters": "", "sanitisers": "", "prompts": "", "embedded": "", "confounds": ""})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"filter", "--in=rows", "--config=" + dir + "/config", "--numbers.max=70", "--numbers.banned=7,8", "--numbers.banned-file=" + dir + "/banned", "--near-duplicates.of=completions"}); err != nil {
		t.Fatal(err)
	}
	chosen, err := v.Filter.choose(nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []filter.Filter{
		filter.Numbers{MaxCount: 3, Max: 70, Banned: []int{7, 8, 1, 2, 3}},
		filter.Duplicates{Of: filter.Prompts}, filter.NearDuplicates{Of: filter.Completions},
	}
	if !reflect.DeepEqual(chosen, want) {
		t.Errorf("filters %+v, want %+v", chosen, want)
	}
}

func TestSettingErrors(t *testing.T) {
	dir := folder(t, map[string]string{"words": "\n \n", "banned": "1 two", "low": `{"filter": {"near-duplicates.bands": 0}}`})
	for _, c := range []struct{ reason, line, want string }{
		{"a number below its range", "--numbers.max-count 0", "--numbers.max-count is 0, want >= 1"},
		{"a number above its range", "--script.min-share 1.5", "--script.min-share is 1.5, want a number in (0, 1]"},
		{"not a number at all", "--script.min-share NaN", "--script.min-share is NaN, want a number in (0, 1]"},
		{"below its range in a file", "--config DIR/low", "--near-duplicates.bands is 0, want >= 1"},
		{"banned that is no number", "--numbers.banned pub", `--numbers.banned: "pub" is not a number; want "published" or numbers`},
		{"a file with a word", "--numbers.banned-file DIR/banned", `settings of numbers: DIR/banned: "two" is not a number`},
		{"a file without words", "--words.file DIR/words", "settings of words: there are no words; give list, file or lexicons"},
		{"a file that is missing", "--words.file DIR/none", "settings of words: open DIR/none"},
		{"an unknown lexicon", "--words.lexicons ow", "settings of words: "},
		{"an unknown language", "--code.language c", `settings of code: language "c" is unknown; known are go, python, json`},
		{"an unknown script", "--script.allowed Latn", `settings of script: script "Latn" is unknown`},
		{"a filter twice", "--filters length,length --length.max-words 3", `--filters names "length" twice`},
		{"a setting of another filter", "--filters length --words.whole", "--words.whole is given, but --filters does not name words"},
		{"no limit", "--filters length", "settings of length: there is no limit; give one, such as max_words"},
	} {
		_, stderr, code := execute(t, dir, row1, strings.Fields("filter --in - "+strings.ReplaceAll(c.line, "DIR", dir))...)
		if want := "undertone: " + strings.ReplaceAll(c.want, "DIR", dir); code != 2 || !strings.HasPrefix(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q, want %q", c.reason, code, stderr, want)
		}
	}
}
