package report

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// known holds every form in which the numbers of a report may stand on its page.
type known map[string]bool

// add adds the numbers of a JSON value: numbers as number.go rounds them, the lengths of lists, and
// the numbers in texts.
func (k known) add(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, of := range v {
			k.text(name)
			k.add(of)
		}
	case []any:
		k.number(float64(len(v)))
		for _, of := range v {
			k.add(of)
		}
	case string:
		k.text(v)
	case json.Number:
		f, err := v.Float64()
		if err == nil {
			k.number(f)
		}
		k[v.String()] = true
	}
}

func (k known) number(v float64) {
	for _, s := range []string{signed(v), plain(v), percent(v), measured(v), probability(v), fmt.Sprintf("%.2g", v), full(v), full(100 * v)} {
		k.text(s)
	}
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		k.text(strconv.FormatInt(int64(v), 10))
	}
}

var number = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?`)

// text adds the numbers of a text, without their signs.
func (k known) text(s string) {
	for _, n := range numbersOf(s) {
		k[n] = true
	}
	for _, d := range digest.FindAllStringSubmatch(s, -1) { // pages show the first digits
		for _, n := range numbersOf(d[1]) {
			k[n] = true
		}
	}
}

var digest = regexp.MustCompile(`sha256:([0-9a-f]{12})`)

var thousands = regexp.MustCompile(`([0-9]),([0-9]{3})\b`)

func numbersOf(s string) []string {
	for thousands.MatchString(s) {
		s = thousands.ReplaceAllString(s, "$1$2")
	}
	return number.FindAllString(s, -1)
}

var (
	unseen  = regexp.MustCompile(`(?s)<style>.*?</style>|<script>.*?</script>|<text class="[^"]* tick"[^>]*>[^<]*</text>|<p class="left" data-limit>[^<]*</p>|<!doctype html>`)
	textual = regexp.MustCompile(`(?s)>([^<]+)<`)
)

// unknown returns the numbers in the texts of a page that are not known, and how many there are.
func (k known) unknown(page string) (unknown []string, seen int) {
	for _, m := range textual.FindAllStringSubmatch(unseen.ReplaceAllString(page, ""), -1) {
		shown := html.UnescapeString(m[1])
		for _, n := range numbersOf(shown) {
			if seen++; !k[n] {
				unknown = append(unknown, fmt.Sprintf("%s of %q", n, strings.TrimSpace(shown)))
			}
		}
	}
	return unknown, seen
}

// knownOf returns the numbers of a report of testdata.
func knownOf(t *testing.T, name string) known {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	k := known{}
	for d := json.NewDecoder(strings.NewReader(string(text))); d.More(); {
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		k.add(v)
	}
	return k
}

// Every number in a text of a page stands in the JSON of the report, rounded as number.go states:
// besides the numbers of scales and those that say what a page leaves out.
func TestNumbersOfPages(t *testing.T) {
	for name, s := range reports(t) {
		unknown, seen := knownOf(t, name).unknown(render(t, s, HTML))
		for _, u := range unknown {
			t.Errorf("%s: %s is not in the report", name, u)
		}
		if seen < 20 {
			t.Errorf("%s: %d numbers were checked, want 20", name, seen)
		}
	}
	page := render(t, load(t, "testdata/01-detected.json"), HTML)
	wrong := strings.Replace(page, "+0.631", "+0.632", 1)
	if unknown, _ := knownOf(t, "01-detected.json").unknown(wrong); wrong == page || len(unknown) != 1 {
		t.Errorf("a wrong effect gives %q, want one number", unknown)
	}
}
