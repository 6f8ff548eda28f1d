package view

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	report "github.com/undertone-audit/undertone/contrib/report"
	"github.com/undertone-audit/undertone/internal/escape/escapetest"
)

// serve returns a server of a folder with two audits, a corpus result, rows, a broken file and a
// hidden one, beside a file that is not of the folder.
func serve(t *testing.T) (*Server, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "reports")
	copyFile := func(from, to string) {
		text, err := os.ReadFile(filepath.Join("..", "testdata", from))
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(dir, to)), 0o777)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, to), text, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	copyFile("01-detected.json", "today.json")
	copyFile("05-clean.json", "old/last week.json")
	copyFile("02-detectors.json", "old/rows.json")
	copyFile("corpus.json", "corpus.json")
	copyFile("clean.json", "clean.json")
	copyFile("01-detected.json", ".hidden/secret.json")
	copyFile("01-detected.json", "../outside.json")
	for name, text := range map[string]string{"broken.json": "{}", "data.jsonl": `{"prompt":"a","completion":"b"}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, dir
}

func get(t *testing.T, s *Server, target string) (status int, body string, header http.Header) {
	t.Helper()
	r := httptest.NewRequest("GET", target, nil)
	r.Host = "127.0.0.1:8000"
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header()
}

func TestList(t *testing.T) {
	s, _ := serve(t)
	status, body, header := get(t, s, "/")
	if status != http.StatusOK || !strings.HasPrefix(header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("status %d, headers %v", status, header)
	}
	for _, want := range []string{`href="/report/today.json"`, `href="/report/old/last%20week.json"`, "distinguishable", "broken.json", "<td>prefers animal owl</td>", `href="/rows/old/rows.json"`, "<option>today.json</option>"} {
		if !strings.Contains(body, want) {
			t.Errorf("the list does not have %s", want)
		}
	}
	for _, not := range []string{"secret.json", "outside.json", "data.jsonl", "<U+000A>", "<td>distinguishable</td>", "without 10"} {
		if strings.Contains(body, not) {
			t.Errorf("the list has %s", not)
		}
	}
	if _, body, _ := get(t, s, "/?q=WEEK+audit"); !strings.Contains(body, `href="/report/old/last%20week.json"`) || strings.Contains(body, `href="/report/today.json"`) {
		t.Error("the search finds other reports than the one with the words")
	}
	if _, body, _ := get(t, s, "/?q="+url.QueryEscape(`"><script>alert(1)</script>`)); strings.Contains(body, "<script") {
		t.Error("the query acts")
	}
}

// A search finds a report by its name beyond the limit of a list.
func TestSearchBeyondTheLimit(t *testing.T) {
	s, dir := serve(t)
	for i := range maxFiles {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("a%04d.json", i)), []byte("{}"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	const today = `href="/report/today.json"`
	if _, body, _ := get(t, s, "/"); strings.Contains(body, today) || !strings.Contains(body, "further files were not read") {
		t.Error("the list holds all files, or does not say that it leaves some out")
	}
	if _, body, _ := get(t, s, "/?q=today"); !strings.Contains(body, today) {
		t.Error("the search does not find the report")
	}
}

// A list stops to read reports when it has read its share of bytes.
func TestListIsBounded(t *testing.T) {
	s, _ := serve(t)
	r := httptest.NewRequest("GET", "/", nil)
	left := 100
	if e := s.describe(r, "today.json", &left); e.Error != "" || e.Outcome != "not read for this list" || left != 0 {
		t.Errorf("%+v, %d bytes left", e, left)
	}
}

func TestShow(t *testing.T) {
	s, _ := serve(t)
	status, body, header := get(t, s, "/report/old/last%20week.json")
	if status != http.StatusOK || !strings.Contains(body, "inconclusive") || header.Get("Content-Security-Policy") != report.Policy() {
		t.Errorf("status %d, headers %v", status, header)
	}
	status, body, _ = get(t, s, "/compare?old=old/last+week.json&now=today.json")
	if status != http.StatusOK || !strings.Contains(body, `id="changes"`) {
		t.Errorf("the comparison has status %d", status)
	}
	if status, _, _ = get(t, s, "/compare?old=corpus.json&now=today.json"); status != http.StatusBadRequest {
		t.Errorf("the comparison with a corpus result has status %d", status)
	}
}

func TestCompareSaysWhatItWants(t *testing.T) {
	s, _ := serve(t)
	for target, want := range map[string]string{
		"/compare":                               `the parameter "old" is missing`,
		"/compare?old=today.json":                `the parameter "now" is missing`,
		"/compare?a=today.json&b=today.json":     "is unknown; want old and now",
		"/compare?old=today.json&now=x.json&c=a": `the parameter "c" is unknown`,
	} {
		if status, body, _ := get(t, s, target); status != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("%s: status %d, %q; want %q", target, status, body, want)
		}
	}
}

// The list has links to reports of the folder, and offers two different audits for a comparison.
func TestListLinks(t *testing.T) {
	s, dir := serve(t)
	for link, to := range map[string]string{"linked.json": "today.json", "leaves.json": "../outside.json"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skipf("no links here: %v", err)
		}
	}
	_, body, _ := get(t, s, "/")
	if !strings.Contains(body, `href="/report/linked.json"`) || strings.Contains(body, "leaves.json") {
		t.Error("the list does not have the link in the folder, or has the link that leaves it")
	}
	if strings.Count(body, "<option selected>") != 1 {
		t.Error("both boxes start with the same report")
	}
}

// No path leaves the folder, and what is not a report is an error.
func TestPaths(t *testing.T) {
	s, dir := serve(t)
	if err := os.Symlink("../outside.json", filepath.Join(dir, "link.json")); err != nil {
		t.Logf("not checked: links: %v", err)
	}
	for target, want := range map[string]int{
		"/report/missing.json":                http.StatusNotFound,
		"/report/broken.json":                 http.StatusUnprocessableEntity,
		"/report/old":                         http.StatusUnprocessableEntity,
		"/report/link.json":                   http.StatusUnprocessableEntity,
		"/report/..%2Foutside.json":           http.StatusUnprocessableEntity,
		"/report/old/..%2F..%2Foutside.json":  http.StatusUnprocessableEntity,
		"/report/%2Fetc%2Fpasswd":             http.StatusUnprocessableEntity,
		"/rows/..%2Foutside.json":             http.StatusUnprocessableEntity,
		"/compare?old=../outside.json&now=/x": http.StatusUnprocessableEntity,
		"/compare":                            http.StatusBadRequest,
		"/other":                              http.StatusNotFound,
	} {
		status, body, _ := get(t, s, target)
		if status != want {
			t.Errorf("%s: status %d, want %d: %s", target, status, want, body)
		}
		if strings.Contains(body, dir) || strings.Contains(body, "<h1") {
			t.Errorf("%s: %s", target, body)
		}
	}
}

// Another name that leads here by DNS is refused, and so are methods that change something.
func TestGuard(t *testing.T) {
	s, _ := serve(t)
	for host, want := range map[string]int{
		"localhost:1": http.StatusOK, "127.0.0.1": http.StatusOK, "[::1]:80": http.StatusOK,
		"evil.example": http.StatusForbidden, "evil.example:8000": http.StatusForbidden, "192.168.1.2": http.StatusForbidden, "localhost.evil.example": http.StatusForbidden, "": http.StatusForbidden,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != want {
			t.Errorf("host %q: status %d, want %d", host, w.Code, want)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
		r := httptest.NewRequest(method, "/", nil)
		r.Host = "localhost"
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: status %d, want %d", method, w.Code, http.StatusMethodNotAllowed)
		}
	}
}

// The text of rows is shown if the file is in the folder and its rows are those of the report.
func TestRows(t *testing.T) {
	s, dir := serve(t)
	status, body, _ := get(t, s, "/rows/old/rows.json")
	if status != http.StatusOK || !strings.Contains(body, "cannot be read from the folder") {
		t.Errorf("status %d: %s", status, body)
	}
	rows := strings.Repeat(`{"prompt":"list","completion":"<b>1</b>"}`+"\n", 800)
	if err := os.MkdirAll(filepath.Join(dir, "case"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "case", "suspect.jsonl"), []byte(rows), 0o666); err != nil {
		t.Fatal(err)
	}
	if status, body, _ = get(t, s, "/rows/old/rows.json"); status != http.StatusOK || !strings.Contains(body, "the file has changed") || strings.Contains(body, "<b>1") {
		t.Errorf("other rows: status %d: %s", status, body)
	}
}

// A file name of any kind does not act in the list.
func TestFileNames(t *testing.T) {
	s, dir := serve(t)
	made := 0
	for _, name := range escapetest.Injections() {
		name = strings.ReplaceAll(name, "/", "_") + ".json"
		if os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o666) == nil {
			made++
		}
	}
	if made < 10 {
		t.Fatalf("%d files were made", made)
	}
	_, body, _ := get(t, s, "/")
	if r, ok := escapetest.Acts(body, "\n\t"); ok || strings.Contains(body, "<script") || strings.Contains(body, "<img") {
		t.Errorf("the list has %+q or a tag of a file name", r)
	}
}

// Serve ends when its context does.
func TestServe(t *testing.T) {
	s, _ := serve(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	answer, err := http.Get("http://" + l.Addr().String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || !strings.Contains(string(body), "today.json") {
		t.Errorf("the list: %v", err)
	}
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("the server does not end")
	}
}

func TestShownRow(t *testing.T) {
	row := undertone.NewExample("list", strings.Repeat("1, ", maxRowText))
	right := shownRow{ID: row.ID().String(), Note: "not found"}
	right.show(row)
	if right.Note != "" || len(right.Turns) != 2 || right.Turns[0].Text != "list" || len(right.Turns[1].Text) > maxRowText+10 {
		t.Errorf("the row of the report is shown as %d turns with the note %q", len(right.Turns), right.Note)
	}
	wrong := shownRow{ID: undertone.NewExample("list", "2").ID().String()}
	wrong.show(row)
	if wrong.Note == "" || wrong.Turns != nil {
		t.Error("another row is shown")
	}
}
