package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// site is the content of the repository that the pages show or link to.
type site struct {
	root     fs.FS
	pages    []*page
	byPath   map[string]*page // by path of the Markdown file
	chapters []chapter
}

// sources are the folders and files whose Markdown files become pages.
var sources = []string{"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs", "cmd", "examples", "experiments", "tensor/benchmarks"}

// contents is the file that gives the order of the pages: a list of links under each heading.
const contents = "docs/README.md"

// readSite reads all pages and the order of those that [contents] lists.
func readSite(root fs.FS) (*site, error) {
	s := &site{root: root, byPath: map[string]*page{}}
	for _, source := range sources {
		err := fs.WalkDir(root, source, func(p string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist) && p == source:
				return nil
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), "_")):
				return fs.SkipDir
			case d.IsDir() || path.Ext(p) != ".md":
				return nil
			}
			text, err := fs.ReadFile(root, p)
			if err != nil {
				return err
			}
			s.add(newPage(p, text))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if s.byPath[contents] == nil {
		return nil, fmt.Errorf("%s does not exist", contents)
	}
	s.chapters = chaptersOf(s.byPath[contents], s.byPath)
	return s, nil
}

func (s *site) add(p *page) {
	s.pages = append(s.pages, p)
	s.byPath[p.path] = p
}

// build returns the files of the site by path. Every broken link is an error.
func (s *site) build() (map[string][]byte, error) {
	files := map[string][]byte{"style.css": []byte(style), "search.js": []byte(searchScript)}
	var problems []error
	for _, p := range s.pages {
		pictures, err := s.resolve(p)
		problems = append(problems, err)
		for _, picture := range pictures {
			text, err := fs.ReadFile(s.root, picture)
			problems = append(problems, err)
			files[picture] = text
		}
		html, err := s.html(p)
		problems = append(problems, err)
		files[p.htmlPath()] = html
	}
	search, err := s.search()
	files["search.html"], files["search-index.js"] = search, s.searchIndex()
	return files, errors.Join(append(problems, err)...)
}

// writeFiles writes the files of the site. The folder appears when all of them are in it.
func writeFiles(out string, files map[string][]byte) error {
	scratch, err := os.MkdirTemp(filepath.Dir(filepath.Clean(out)), ".site-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	for name, text := range files {
		to := filepath.Join(scratch, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(to, text, 0o666); err != nil {
			return err
		}
	}
	if err := os.Chmod(scratch, 0o755); err != nil {
		return err
	}
	return os.Rename(scratch, out)
}

// chapter is a heading of [contents] with the pages that it lists.
type chapter struct {
	title string
	pages []*page
}

// chaptersOf returns the chapters of a page of contents. A page belongs to the first heading that
// links to it.
func chaptersOf(p *page, byPath map[string]*page) (chapters []chapter) {
	seen := map[*page]bool{}
	for _, l := range p.linksByHeading() {
		target := byPath[path.Join(path.Dir(p.path), l.target)]
		if target == nil || seen[target] {
			continue
		}
		seen[target] = true
		i := slices.IndexFunc(chapters, func(c chapter) bool { return c.title == l.heading })
		if i < 0 {
			i = len(chapters)
			chapters = append(chapters, chapter{title: l.heading})
		}
		chapters[i].pages = append(chapters[i].pages, target)
	}
	return chapters
}
