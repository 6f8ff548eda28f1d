package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// repository is where files are that are no pages.
const repository = "https://github.com/undertone-audit/undertone/"

// resolve rewrites the links of a page for the site, and returns the pictures that it shows. Links
// to files that are no pages lead to the repository. A link to nothing is an error.
func (s *site) resolve(p *page) (pictures []string, err error) {
	var problems []error
	p.walk(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Link:
			target, err := s.link(p, string(n.Destination))
			n.Destination, problems = []byte(target), append(problems, err)
		case *ast.Image:
			picture := path.Join(path.Dir(p.path), string(n.Destination))
			if _, err := fs.Stat(s.root, picture); err != nil {
				problems = append(problems, fmt.Errorf("%s shows %s: %w", p.path, n.Destination, err))
				return
			}
			n.Destination = []byte(relativeTo(p, picture))
			pictures = append(pictures, picture)
		}
	})
	return pictures, errors.Join(problems...)
}

// link returns the destination of a link of a page in the site.
func (s *site) link(p *page, destination string) (string, error) {
	u, err := url.Parse(destination)
	if err != nil || u.IsAbs() {
		return destination, err
	}
	to := p.path
	if u.Path != "" {
		to = path.Join(path.Dir(p.path), u.Path)
	}
	info, err := fs.Stat(s.root, to)
	if err != nil {
		return "", fmt.Errorf("%s links to %s: %w", p.path, destination, err)
	}
	target := s.byPath[to]
	if info.IsDir() {
		target = s.byPath[path.Join(to, "README.md")]
	}
	anchor := ""
	if u.Fragment != "" {
		anchor = "#" + u.Fragment
	}
	switch {
	case target == nil && info.IsDir():
		return repository + "tree/main/" + to, nil
	case target == nil:
		return repository + "blob/main/" + to + anchor, nil
	case u.Fragment != "" && !target.has(u.Fragment):
		return "", fmt.Errorf("%s links to %s: there is no such heading", p.path, destination)
	}
	return relativeTo(p, target.htmlPath()) + anchor, nil
}

// relativeTo returns a path of the site as seen from a page.
func relativeTo(p *page, to string) string {
	from := path.Dir(p.htmlPath())
	rel, err := filepath.Rel(filepath.FromSlash(from), filepath.FromSlash(to))
	if err != nil {
		return to
	}
	return strings.ReplaceAll(filepath.ToSlash(rel), " ", "%20")
}
