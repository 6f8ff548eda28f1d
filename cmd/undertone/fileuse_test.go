package main

import (
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// verbNodes returns the verbs with all their flags and arguments.
func verbNodes(t *testing.T) map[string][]*kong.Value {
	t.Helper()
	all := map[string][]*kong.Value{}
	for _, node := range newParser(console{stdout: io.Discard, stderr: io.Discard}, func(int) {}).Model.Leaves(true) {
		verb := strings.TrimPrefix(node.FullPath(), "undertone ")
		all[verb] = append(all[verb], node.Positional...)
		for _, f := range node.Flags {
			all[verb] = append(all[verb], f.Value)
		}
	}
	return all
}

// Every flag that names a file or a folder states its use, so that no flag is left out of the
// check.
func TestEveryFileFlagStatesItsUse(t *testing.T) {
	names := regexp.MustCompile(`FILE|DIR`)
	for verb, values := range verbNodes(t) {
		for _, v := range values {
			use := v.Tag.Get("file")
			placeholder := v.Tag.PlaceHolder
			file := names.MatchString(placeholder) || v.Flag == nil && v.Enum == "" && v.Name != "name" && v.Name != "verb" // names of traits and verbs
			if file != (use != "") {
				t.Errorf("%s %s (%s) has the tag file:%q", verb, flagName(v), placeholder, use)
			}
			if use != "" && !slices.Contains([]string{"read", "traits", "folder", "write", "store"}, use) {
				t.Errorf("%s %s: use %q is unknown", verb, flagName(v), use)
			}
		}
	}
}

// argument returns a value for a flag that the verb requires, or of the flag under test.
func argument(v *kong.Value, path string) string {
	if v.Target.Type() == reflect.TypeFor[[]namedPath]() {
		path = "owl=" + path
	}
	if v.Flag == nil {
		return path
	}
	return "--" + v.Name + "=" + path
}

// No verb writes a file that one of its flags reads, under any name of the file. The table is that
// of the flags.
func TestNoVerbOverwritesItsInputs(t *testing.T) {
	const text = "precious\n"
	dir := folder(t, map[string]string{"in": text, "control": text})
	for name, make := range map[string]func(string) error{
		"hard":     func(p string) error { return os.Link(filepath.Join(dir, "in"), p) },
		"symbolic": func(p string) error { return os.Symlink("in", p) },
	} {
		if err := make(filepath.Join(dir, name)); err != nil {
			t.Skipf("not checked: links: %v", err)
		}
	}
	if err := os.Symlink(".", filepath.Join(dir, "folder")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "model"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "model", "config.json"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	pairs := 0
	for verb, values := range verbNodes(t) {
		for _, w := range values {
			if use := w.Tag.Get("file"); use != "write" && use != "store" {
				continue
			}
			for _, r := range values {
				if r == w || r.Tag.Get("file") == "" {
					continue
				}
				for _, names := range [][2]string{
					{"in", "in"}, {"in", "./in"}, {"in", filepath.Join(dir, "in")}, {"in", "hard"}, {"in", "symbolic"}, {"symbolic", "hard"}, {"in", "folder/in"},
					{"model", "model/config.json"}, {"model", "model/new"}, {"model", "folder/model"}, {"model", "model"},
				} {
					if w.Tag.Get("file") == "store" && strings.HasPrefix(names[1], "model/") || r.Tag.Get("file") == "write" && names[0] == "model" && names[1] != "model" && names[1] != "folder/model" {
						continue // a store may lie in another folder; an output is no folder that is read
					}
					if r.Tag.Get("file") == "folder" && names[1] == "model/new" {
						continue // a new file may appear in the folder: [TestView]
					}
					pairs++
					args := append(strings.Fields(verb), argument(r, names[0]), argument(w, names[1]))
					for _, v := range values {
						if v != r && v != w && v.Required && v.Name != "prompts" && v.Name != "prompts-from" {
							args = append(args, argument(v, "other-"+v.Name))
						}
					}
					if verb == "generate" && r.Name != "prompts-from" {
						args = append(args, "--prompts=lists")
					}
					var stdout, stderr strings.Builder
					code := run(t.Context(), args, console{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr})
					if code != 2 || !strings.Contains(stderr.String(), flagName(w)) || !strings.Contains(stderr.String(), ": the verb ") {
						t.Errorf("%q: exit code %d, %q", args, code, stderr.String())
					}
				}
			}
		}
	}
	if pairs < 500 {
		t.Errorf("%d pairs were checked", pairs)
	}
	for _, name := range []string{"in", "hard", "symbolic", "control", "model/config.json"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != text {
			t.Errorf("%s holds %q, %v", name, got, err)
		}
	}
	if got, err := os.ReadDir(dir); err != nil || len(got) != 6 {
		t.Errorf("the folder holds %v, %v", got, err)
	}
}

// Files that other files name are inputs too.
func TestNoVerbOverwritesWhatItsFilesName(t *testing.T) {
	dir := folder(t, map[string]string{
		"rows": row1, "words": "owl\n", "config": `{"filter": {"words.file": "words"}}`, "mixed": `{"sanitise": {"mix.clean": "words"}}`,
		"traits": `{"traits": [{"kind": "animal", "value": "owl", "candidates": ["owl", "cat"], "positive_control": "words"}]}`,
	})
	t.Chdir(dir)
	const arms = " --suspect rows --control rows --student tiny --traits traits --out words"
	for _, c := range []struct{ args, want string }{
		{"filter --in rows --filters words --config config --out words", "undertone: --out is words, which is also --words.file: "},
		{"filter --in rows --filters words --config config --rejects words", "undertone: --rejects is words, which is also --words.file: "},
		{"sanitise --in rows --steps mix --config mixed --out words", "undertone: --out is words, which is also --mix.clean: "},
		{"audit" + arms, "undertone: --out is words, which is also the positive control that --traits names: "},
		{"rank" + arms, "undertone: --out is words, which is also the positive control that --traits names: "},
		{"clean --share .1" + arms, "undertone: --out is words, which is also the positive control that --traits names: "},
	} {
		var stderr strings.Builder
		code := run(t.Context(), strings.Fields(c.args), console{stdin: strings.NewReader(""), stdout: io.Discard, stderr: &stderr})
		if code != 2 || !strings.HasPrefix(stderr.String(), c.want) {
			t.Errorf("%s: exit code %d, %q, want %q", c.args, code, stderr.String(), c.want)
		}
	}
	if got := files(t, dir); got["words"] != "owl\n" || len(got) != 5 {
		t.Errorf("the folder holds %q", got)
	}
}

// Devices, and a standard stream, are no files that a verb could overwrite; a redirected standard
// stream is.
func TestStandardStreamsAreFiles(t *testing.T) {
	dir := folder(t, map[string]string{"rows": row1})
	if _, stderr, code := execute(t, dir, row1, "filter", "--in", "-", "--out", "-", "--filters", "numbers"); code != 0 {
		t.Errorf("a pipe: exit code %d, %s", code, stderr)
	}
	if _, err := os.Stat(os.DevNull); err == nil {
		if _, stderr, code := execute(t, dir, "", "filter", "--in", "rows", "--out", os.DevNull, "--rejects", os.DevNull, "--filters", "numbers"); code != 0 {
			t.Errorf("a device: exit code %d, %s", code, stderr)
		}
	}
	rows, err := os.OpenFile(filepath.Join(dir, "rows"), os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var stderr strings.Builder
	c := command(t, dir, "filter", "--in", "rows", "--out", "-", "--filters", "numbers")
	c.Stdout, c.Stderr = rows, &stderr
	_ = c.Run()
	if code := c.ProcessState.ExitCode(); code != 2 || !strings.HasPrefix(stderr.String(), "undertone: --out is -, which is also --in: ") {
		t.Errorf("appended to its input: exit code %d, %q", code, stderr.String())
	}
	if got := files(t, dir); got["rows"] != row1 {
		t.Errorf("the file holds %q", got["rows"])
	}
}

// Files that a verb reads with an input are inputs: the index of rows, and the files that the names
// in a model's folder are links to.
func TestFurtherInputs(t *testing.T) {
	dir := folder(t, map[string]string{"rows": petRows(3, 1)})
	if _, stderr, code := execute(t, dir, "", "inspect", "--in", "rows", "--row", "0", "--index"); code != 0 {
		t.Fatal(stderr)
	}
	if _, stderr, code := execute(t, dir, "", "train", "--model", "tiny", "--in", "rows", "--out", "model"); code != 0 {
		t.Fatal(stderr)
	}
	weights := filepath.Join(dir, "model", "model.safetensors")
	if err := errors.Join(os.Rename(weights, filepath.Join(dir, "blob")), os.Symlink("../blob", weights)); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	for _, c := range []struct{ args, want string }{
		{"score --model tiny --in rows --out rows.undertone-index", "--out is rows.undertone-index, which is also the index of --in"},
		{"score --model model --in rows --out blob", "--out is blob, which is also a file of the folder of --model"},
		{"generate --model model --prompts lists -n 1 --out blob", "--out is blob, which is also a file of the folder of --model"},
		{"generate --model tiny --prompts lists -n 1 --out g --temperature 1e-9", "--temperature is 1e-09, want 0, or a number in [0.001, 1000]"},
	} {
		if _, stderr, code := execute(t, dir, "", strings.Fields(c.args)...); code != 2 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, %s, want %s", c.args, code, stderr, c.want)
		}
	}
	if after := files(t, dir); !reflect.DeepEqual(after, before) {
		t.Errorf("the files changed: %v", slices.Sorted(maps.Keys(after)))
	}
}
