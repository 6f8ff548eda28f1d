package view

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"

	report "github.com/undertone-audit/undertone/contrib/report"
	"github.com/undertone-audit/undertone/internal/escape"
)

var (
	//go:embed list.html
	listTemplate string

	pages = template.Must(template.New("").Funcs(template.FuncMap{"style": func() template.CSS { return template.CSS(report.Style()) }}).Parse(listTemplate))
)

// entry is a report of the list.
type entry struct {
	File, Link, Rows string // Rows: the link to the text of rows, or ""
	Kind, Outcome    string
	Tone             report.Tone
	Subject, Traits  string
	Error            string
}

// listPage is what the template shows.
type listPage struct {
	Query   string
	Entries []entry
	Audits  []entry // that can be compared
	Skipped int     // files beyond the limit
	Most    int     // the limit
}

// list shows the reports of the folder, or those whose texts have the words of the query.
func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	p := listPage{Query: r.FormValue("q"), Most: maxFiles}
	files, skipped := s.files(p.Query)
	p.Skipped = skipped
	left := maxListed
	for _, file := range files {
		if r.Context().Err() != nil {
			return
		}
		e := s.describe(r, file, &left)
		if e.Error != "" && strings.Contains(path.Base(file), ".jsonl") {
			continue // rows, and no ranking
		}
		if e.Kind == "audit" {
			p.Audits = append(p.Audits, e)
		}
		if e.matches(p.Query) {
			p.Entries = append(p.Entries, e)
		}
	}
	write(w, "list", escape.Strings(&p, escape.Text))
}

// endings are those of saved reports.
var endings = []string{".json", ".jsonl", ".json.gz", ".json.zst", ".jsonl.gz", ".jsonl.zst"}

// files returns the files of the folder that may be reports, and how many are too many. With too
// many, those whose names have all words of the query come first.
func (s *Server) files(query string) (files []string, skipped int) {
	var others []string
	fs.WalkDir(s.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			if name != "." && (strings.HasPrefix(d.Name(), ".") || strings.Count(name, "/") >= maxDepth) {
				return fs.SkipDir
			}
		case slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(name, e) }) && s.isFile(name, d):
			if len(files)+len(others) == maxNames {
				skipped++
				return fs.SkipAll
			}
			if hasWords(name, query) {
				files = append(files, name)
			} else {
				others = append(others, name)
			}
		}
		return nil
	})
	files = append(files, others...)
	skipped += max(0, len(files)-maxFiles)
	files = files[:min(maxFiles, len(files))]
	slices.Sort(files)
	return files, skipped
}

// isFile reports whether an entry is an ordinary file, or a link to one in the folder.
func (s *Server) isFile(name string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 {
		return d.Type().IsRegular()
	}
	info, err := s.root.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// describe reads a file and says what it is.
// It takes the bytes that it reads from left, and does not read the file if they are more.
func (s *Server) describe(r *http.Request, file string, left *int) entry {
	e := entry{File: file, Link: link("report", file)}
	if info, err := s.root.Stat(file); err == nil && info.Size() > report.MaxBytes {
		e.Error = "too large for a report"
		return e
	}
	saved, read, err := s.readAtMost(r.Context(), file, *left)
	*left -= min(read, *left)
	if errors.Is(err, report.ErrTooLarge) && read < report.MaxBytes {
		e.Outcome, e.Tone = "not read for this list", report.Neutral
		return e
	}
	if err != nil {
		e.Error = reason(err)
		return e
	}
	p := saved.Page(report.Options{})
	e.Kind, e.Outcome, e.Tone, e.Subject = p.Kind, p.Outcome, p.Tone, p.Subject
	e.Traits = strings.Join(p.Traits[:min(5, len(p.Traits))], ", ")
	if rowsOf(saved) != nil {
		e.Rows = link("rows", file)
	}
	return e
}

// link returns the path of a page about a file.
func link(page, file string) string { return (&url.URL{Path: "/" + page + "/" + file}).EscapedPath() }

// matches reports whether the entry has every word of a query.
func (e entry) matches(query string) bool {
	return hasWords(strings.Join([]string{e.File, e.Kind, e.Outcome, e.Subject, e.Traits, e.Error}, " "), query)
}

// hasWords reports whether a text has every word of a query.
func hasWords(text, query string) bool {
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// reason returns an error without the path of the folder.
func reason(err error) string {
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// show shows a report.
func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	file := r.PathValue("file")
	saved, err := s.read(r.Context(), file)
	if err != nil {
		failed(w, file, err)
		return
	}
	render(r.Context(), w, saved, report.Options{Tokens: r.FormValue("tokens") == "1"})
}

// compare shows an audit with what changed since an earlier one.
func (s *Server) compare(w http.ResponseWriter, r *http.Request) {
	if err := checkCompared(r); err != nil {
		http.Error(w, escape.Text(err.Error()), http.StatusBadRequest)
		return
	}
	var both [2]*report.Saved
	for i, name := range []string{"old", "now"} {
		var err error
		if both[i], err = s.read(r.Context(), r.FormValue(name)); err != nil {
			failed(w, r.FormValue(name), err)
			return
		}
	}
	c, err := report.Compare(both[0], both[1])
	if err != nil {
		http.Error(w, escape.Text(err.Error()), http.StatusBadRequest)
		return
	}
	render(r.Context(), w, both[1], report.Options{Baseline: c})
}

// checkCompared returns an error if a request does not name two reports and nothing else.
func checkCompared(r *http.Request) error {
	for name := range r.URL.Query() {
		if name != "old" && name != "now" {
			return fmt.Errorf("compare: the parameter %.40q is unknown; want old and now, names of reports", name)
		}
	}
	for _, name := range []string{"old", "now"} {
		if r.FormValue(name) == "" {
			return fmt.Errorf("compare: the parameter %q is missing; want old and now, names of reports", name)
		}
	}
	return nil
}

func render(ctx context.Context, w http.ResponseWriter, saved *report.Saved, o report.Options) {
	var b bytes.Buffer
	if err := saved.Render(ctx, &b, report.HTML, o); err != nil {
		http.Error(w, escape.Text(err.Error()), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", report.Policy())
	w.Write(b.Bytes())
}

// failed says that a file cannot be shown.
func failed(w http.ResponseWriter, file string, err error) {
	status := http.StatusUnprocessableEntity
	if errors.Is(err, fs.ErrNotExist) {
		status = http.StatusNotFound
	}
	http.Error(w, escape.Text(path.Base(file)+": "+reason(err)), status)
}

// write shows a page of this package.
func write(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "the page cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src "+report.StyleHash()+"; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	w.Write(b.Bytes())
}
