package undertone_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link matches the target of a link or picture in Markdown.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// quoted matches a path or file name between back quotes.
var quoted = regexp.MustCompile("`([\\w.*-]+(?:/[\\w.*-]+)*/?)`")

// TestLinks follows every relative link of every Markdown file.
func TestLinks(t *testing.T) {
	checked := 0
	err := markdown(func(path, text string) {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(match[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			checked++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.FromSlash(target))); err != nil {
				t.Errorf("%s links to %s, which does not exist", path, match[1])
			}
		}
	})
	if err != nil || checked < 50 {
		t.Errorf("%d links were checked, error %v", checked, err)
	}
}

// TestQuotedPaths looks for the files and folders that Markdown names between back quotes. A path
// is checked if it begins with a folder of the repository's root, and a name without a folder if it
// is that of a Go file.
func TestQuotedPaths(t *testing.T) {
	goFiles := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".go" {
			goFiles[d.Name()] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	err = markdown(func(path, text string) {
		for _, match := range quoted.FindAllStringSubmatch(text, -1) {
			name := match[1]
			if first, _, ok := strings.Cut(name, "/"); !ok {
				if filepath.Ext(name) != ".go" || strings.Contains(name, "*") {
					continue
				}
				checked++
				if !goFiles[name] {
					t.Errorf("%s names `%s`, but there is no such Go file", path, name)
				}
			} else if info, err := os.Stat(first); first != ".." && err == nil && info.IsDir() {
				checked++
				if found, err := filepath.Glob(filepath.FromSlash(name)); err != nil || len(found) == 0 {
					t.Errorf("%s names `%s`, which does not exist", path, name)
				}
			}
		}
	})
	if err != nil || checked < 50 {
		t.Errorf("%d paths were checked, error %v", checked, err)
	}
}

// markdown calls check with every Markdown file.
func markdown(check func(path, text string)) error {
	return filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		check(path, string(text))
		return nil
	})
}
