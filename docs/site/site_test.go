package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// files makes the files of a repository.
func files(texts map[string]string) fstest.MapFS {
	all := fstest.MapFS{}
	for name, text := range texts {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

// built builds a site.
func built(t *testing.T, texts map[string]string) (map[string][]byte, error) {
	t.Helper()
	s, err := readSite(files(texts))
	if err != nil {
		t.Fatal(err)
	}
	return s.build()
}

// The site of this repository builds: every link and every anchor leads somewhere, and every page
// of the contents is in the navigation.
func TestRepository(t *testing.T) {
	s, err := readSite(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.build()
	if err != nil {
		t.Fatal(err)
	}
	listed := map[*page]bool{}
	for _, c := range s.chapters {
		for _, p := range c.pages {
			listed[p] = true
		}
	}
	for _, p := range s.pages {
		if filepath.Dir(p.path) == "docs" && p.path != contents && !listed[p] {
			t.Errorf("%s does not list %s", contents, p.path)
		}
		if len(p.headings) == 0 || p.headings[0].level != 1 {
			t.Errorf("%s has no title", p.path)
		}
	}
	checkAddresses(t, all)
}

// reference matches the addresses of a page.
var reference = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// checkAddresses follows every address of every page of a site. Nothing is loaded from elsewhere.
func checkAddresses(t *testing.T, all map[string][]byte) {
	t.Helper()
	loads := regexp.MustCompile(`(?:src|<link[^>]* href)="[a-z]+:`)
	for name, text := range all {
		if filepath.Ext(name) != ".html" {
			continue
		}
		if found := loads.Find(text); found != nil {
			t.Errorf("%s loads %s", name, found)
		}
		for _, m := range reference.FindAllSubmatch(text, -1) {
			to, anchor, _ := strings.Cut(string(m[1]), "#")
			if strings.Contains(to, ":") {
				continue
			}
			target := name
			if to != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(name), to))
			}
			if all[target] == nil {
				t.Errorf("%s leads to %s, which does not exist", name, m[1])
			} else if anchor != "" && anchor != "text" && !strings.Contains(string(all[target]), ` id="`+anchor+`"`) {
				t.Errorf("%s leads to %s, which has no such heading", name, m[1])
			}
		}
	}
}

func TestLinks(t *testing.T) {
	all, err := built(t, map[string]string{
		"README.md":               "# Home\n[docs](docs) [a](docs/a.md#the-part) [code](audit/rules.go) [folder](audit) [web](https://example.org) ![p](docs/p.svg)",
		"docs/README.md":          "# Contents\n## Start\n- [Home](../README.md), [a](a.md)\n## Research\n- [e](../experiments/e/README.md) [again](a.md)",
		"docs/a.md":               "# A\n## The `part`!\ntext\n## The part\n[self](#the-part-1)",
		"docs/p.svg":              "<svg/>",
		"experiments/e/README.md": "# E\n[home](../../README.md)",
		"audit/rules.go":          "package audit",
		"docs/testdata/x.md":      "# not a page",
	})
	if err != nil {
		t.Fatal(err)
	}
	checkAddresses(t, all)
	if names := slices.Sorted(maps.Keys(all)); !slices.Equal(names, []string{"docs/a.html", "docs/index.html", "docs/p.svg", "experiments/e/index.html", "index.html", "search-index.js", "search.html", "search.js", "style.css"}) {
		t.Errorf("the site has %q", names)
	}
	for name, want := range map[string]string{
		"index.html":               `<a href="docs/index.html">docs</a> <a href="docs/a.html#the-part">a</a> <a href="https://github.com/undertone-audit/undertone/blob/main/audit/rules.go">code</a> <a href="https://github.com/undertone-audit/undertone/tree/main/audit">folder</a> <a href="https://example.org">web</a> <img src="docs/p.svg" alt="p">`,
		"docs/a.html":              `<a rel="next" href="../experiments/e/index.html">E →</a>`,
		"experiments/e/index.html": `<a href="../../index.html">home</a>`,
		"search.html":              `<a href="docs/a.html#the-part-1">The part</a>`,
	} {
		if !strings.Contains(string(all[name]), want) {
			t.Errorf("%s has no %s:\n%s", name, want, all[name])
		}
	}
}

func TestBrokenLinks(t *testing.T) {
	_, err := built(t, map[string]string{"docs/README.md": "# C\n[a](none.md) [b](#none) ![c](none.svg) [d](a.md#none)", "docs/a.md": "# A"})
	for _, want := range []string{"docs/README.md links to none.md", "docs/README.md links to #none: there is no such heading", "docs/README.md shows none.svg", "docs/README.md links to a.md#none"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// No text of a page becomes HTML.
func TestTextIsEscaped(t *testing.T) {
	const script = "<script>alert(1)</script>"
	all, err := built(t, map[string]string{"docs/README.md": "# A " + script + " & `<b>`\n\n" + script + "\n\n## " + script + "\n- [x" + script + "](b.md)", "docs/b.md": "# B " + script + "\n[y](javascript:alert)"})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range all {
		if filepath.Ext(name) == ".html" && (strings.Contains(string(text), "<script>") || strings.Contains(string(text), "javascript:")) {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	index := strings.TrimPrefix(string(all["search-index.js"]), "const sections = ")
	var sections []section
	if err := json.Unmarshal([]byte(index), &sections); err != nil || len(sections) == 0 || strings.Contains(index, "<script>") {
		t.Errorf("index %s, error %v", index, err)
	}
}

// IDs are those of GitHub.
func TestHeadingID(t *testing.T) {
	for text, want := range map[string]string{
		"`replicates`: detectors that train students": "replicates-detectors-that-train-students",
		"7. Act on the verdict":                       "7-act-on-the-verdict",
		"What is γ?":                                  "what-is-γ",
		"a_b - c":                                     "a_b---c",
	} {
		p := newPage("a.md", []byte("# "+text))
		if got := p.headings[0].id; got != want {
			t.Errorf("%q has the ID %q, want %q", text, got, want)
		}
	}
}

// The folder is new, and appears whole.
func TestRun(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "docs"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "docs", "README.md"), []byte("# C"), 0o666); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "site")
	if err := run(root, out); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(out, "docs", "index.html")); err != nil || !strings.Contains(string(text), "<title>C") {
		t.Errorf("%q, error %v", text, err)
	}
	for _, bad := range []string{"", out} {
		if err := run(root, bad); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}
