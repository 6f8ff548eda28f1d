package main

import (
	"path"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// markdown reads and renders GitHub's Markdown. HTML in it is left out.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))

// page is a Markdown file.
type page struct {
	path     string // in the repository, with slashes
	source   []byte
	tree     ast.Node
	headings []heading
}

// heading is a heading of a page.
type heading struct {
	level    int
	id, text string
}

func newPage(path string, source []byte) *page {
	context := parser.NewContext(parser.WithIDs(&headingIDs{seen: map[string]int{}}))
	p := &page{path: path, source: source, tree: markdown.Parser().Parse(text.NewReader(source), parser.WithContext(context))}
	p.walk(func(n ast.Node) {
		if h, ok := n.(*ast.Heading); ok {
			id, _ := h.AttributeString("id")
			name, _ := id.([]byte)
			p.headings = append(p.headings, heading{h.Level, string(name), p.text(h)})
		}
	})
	return p
}

// walk calls visit with every node, in the order of the file.
func (p *page) walk(visit func(ast.Node)) {
	_ = ast.Walk(p.tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			visit(n)
		}
		return ast.WalkContinue, nil
	})
}

// text returns the text in a node, without markup.
func (p *page) text(n ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch t := n.(type) {
		case *ast.Text:
			if entering {
				b.Write(t.Segment.Value(p.source))
				if t.SoftLineBreak() || t.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.Write(t.Value)
			}
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			if entering {
				for i := range n.Lines().Len() {
					line := n.Lines().At(i)
					b.Write(line.Value(p.source))
				}
			}
		}
		if !entering && n.Type() == ast.TypeBlock {
			b.WriteByte(' ')
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// title returns the first heading.
func (p *page) title() string {
	if len(p.headings) == 0 {
		return p.path
	}
	return p.headings[0].text
}

// has reports whether a heading has an ID.
func (p *page) has(id string) bool {
	for _, h := range p.headings {
		if h.id == id {
			return true
		}
	}
	return false
}

// htmlPath returns the path of the page in the site. The README of a folder is its index.
func (p *page) htmlPath() string { return htmlPath(p.path) }

func htmlPath(markdown string) string {
	folder, name := path.Split(markdown)
	if name == "README.md" {
		return folder + "index.html"
	}
	return strings.TrimSuffix(markdown, ".md") + ".html"
}

// listedLink is a link with the heading of level 2 above it.
type listedLink struct{ heading, target string }

// linksByHeading returns the links of the page with their headings, without anchors.
func (p *page) linksByHeading() (links []listedLink) {
	above := ""
	p.walk(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level == 2 {
				above = p.text(n)
			}
		case *ast.Link:
			target, _, _ := strings.Cut(string(n.Destination), "#")
			links = append(links, listedLink{above, target})
		}
	})
	return links
}
