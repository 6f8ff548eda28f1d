package main

import (
	"bytes"
	"encoding/json"
	"html/template"

	"github.com/yuin/goldmark/ast"
)

// section is a heading with the text below it, up to the next heading.
type section struct {
	URL     string `json:"url"`
	Page    string `json:"page"`
	Heading string `json:"heading"`
	Text    string `json:"text"`
}

// sections returns the sections of all pages, with addresses as seen from the root of the site.
func (s *site) sections() (all []section) {
	for _, p := range s.pages {
		next := 0
		for n := p.tree.FirstChild(); n != nil; n = n.NextSibling() {
			if _, ok := n.(*ast.Heading); ok {
				h := p.headings[next]
				next++
				all = append(all, section{p.htmlPath() + "#" + h.id, p.title(), h.text, ""})
			} else if len(all) > 0 && next > 0 {
				last := &all[len(all)-1]
				last.Text += " " + p.text(n)
			}
		}
	}
	return all
}

var searchTemplate = template.Must(template.New("search").Parse(`<h1>Search</h1>
<form action="search.html" role="search"><label for="q">Words to find</label> <input id="q" name="q" type="search" autocomplete="off"></form>
<p id="found" role="status"></p>
<ul id="results">
{{range .}}<li><a href="{{.URL}}">{{.Heading}}</a>{{if ne .Heading .Page}} <span class="of">{{.Page}}</span>{{end}}</li>
{{end}}</ul>
`))

// search returns the page of the search: all headings, which the script reduces to those that
// match.
func (s *site) search() ([]byte, error) {
	var body bytes.Buffer
	if err := searchTemplate.Execute(&body, s.sections()); err != nil {
		return nil, err
	}
	shown := s.shown(&page{path: "search.md"})
	shown.Title, shown.Search, shown.Body = "Search", true, template.HTML(body.String())
	return execute(shown)
}

// searchIndex returns the text of all sections as a script, which also works from a file.
func (s *site) searchIndex() []byte {
	var b bytes.Buffer
	b.WriteString("const sections = ")
	if err := json.NewEncoder(&b).Encode(s.sections()); err != nil {
		panic(err) // the sections are strings
	}
	return b.Bytes()
}
