package main

import (
	"bytes"
	_ "embed"
	"html/template"
	"strings"
)

// The parts of every page.
var (
	//go:embed page.html
	pageText string
	//go:embed style.css
	style string
	//go:embed search.js
	searchScript string
)

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// scrollable lets the keyboard scroll what may be wider than the page.
var scrollable = strings.NewReplacer("<table>", `<table tabindex="0">`)

// shownPage is what the template of a page reads.
type shownPage struct {
	Title    string
	Root     string // path of the root of the site, as seen from the page
	Source   string // address of the Markdown file; "" if there is none
	Chapters []shownChapter
	Sections []heading // of level 2
	Previous *shownLink
	Next     *shownLink
	Body     template.HTML
	Search   bool // the page of the search
}

type shownChapter struct {
	Title string
	Links []shownLink
}

type shownLink struct {
	Title, URL string
	Current    bool
}

// html returns the page as HTML.
func (s *site) html(p *page) ([]byte, error) {
	var body bytes.Buffer
	if err := markdown.Renderer().Render(&body, p.source, p.tree); err != nil {
		return nil, err
	}
	shown := s.shown(p)
	shown.Body = template.HTML(scrollable.Replace(body.String())) // goldmark escapes the text and omits HTML
	shown.Source = repository + "blob/main/" + p.path
	return execute(shown)
}

// shown returns what surrounds the text of a page.
func (s *site) shown(p *page) shownPage {
	shown := shownPage{Title: p.title(), Root: relativeTo(p, ".") + "/"}
	var order []*page
	for _, c := range s.chapters {
		chapter := shownChapter{Title: c.title}
		for _, target := range c.pages {
			order = append(order, target)
			chapter.Links = append(chapter.Links, shownLink{target.title(), relativeTo(p, target.htmlPath()), target == p})
		}
		shown.Chapters = append(shown.Chapters, chapter)
	}
	for i, target := range order {
		if target == p && i > 0 {
			shown.Previous = &shownLink{Title: order[i-1].title(), URL: relativeTo(p, order[i-1].htmlPath())}
		}
		if target == p && i+1 < len(order) {
			shown.Next = &shownLink{Title: order[i+1].title(), URL: relativeTo(p, order[i+1].htmlPath())}
		}
	}
	for _, h := range p.headings {
		if h.level == 2 {
			shown.Sections = append(shown.Sections, h)
		}
	}
	return shown
}

func execute(p shownPage) ([]byte, error) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// ID and Text are for the template.
func (h heading) ID() string   { return h.id }
func (h heading) Text() string { return h.text }
