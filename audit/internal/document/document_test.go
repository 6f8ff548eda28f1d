package document

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
)

type report struct {
	Name   string           `json:"name"`
	Value  float64          `json:"value"`
	Lines  []string         `json:"lines"`
	Hidden int              `json:"-"`
	Digest undertone.Digest `json:"digest"`
}

func digestOf(t *testing.T, kind string, r report) report {
	t.Helper()
	if err := SetDigest(kind, &r, &r.Digest); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDigestCoversTheContent(t *testing.T) {
	plain := report{Name: "a", Value: 0.1, Lines: []string{"x"}}
	first := digestOf(t, "report", plain)
	if first.Digest.IsZero() || digestOf(t, "report", first).Digest != first.Digest {
		t.Error("the digest is zero, or depends on the digest that was there")
	}
	for reason, r := range map[string]report{
		"a name":             {Name: "b", Value: 0.1, Lines: []string{"x"}},
		"the last bit":       {Name: "a", Value: math.Nextafter(0.1, 1), Lines: []string{"x"}},
		"no list":            {Name: "a", Value: 0.1},
		"a list of no lines": {Name: "a", Value: 0.1, Lines: []string{}},
	} {
		if digestOf(t, "report", r).Digest == first.Digest {
			t.Errorf("%s: the digest does not change", reason)
		}
	}
	if digestOf(t, "table", plain).Digest == first.Digest {
		t.Error("two kinds of documents have one digest")
	}
}

// A report becomes what a reader of its JSON gets, so that the reader computes the same digest.
func TestDigestIsOfWhatIsRead(t *testing.T) {
	got := digestOf(t, "report", report{Name: "a\xff", Hidden: 7})
	want := report{Name: "a\uFFFD", Digest: got.Digest}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the report is %+v, want %+v", got, want)
	}
	if digestOf(t, "report", want).Digest != got.Digest {
		t.Error("a reader computes another digest")
	}
}

func TestNumbersThatAreNotFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		r := report{Value: v}
		if err := SetDigest("report", &r, &r.Digest); err == nil || !strings.HasPrefix(err.Error(), "report: ") || !r.Digest.IsZero() {
			t.Errorf("%v: error %v, digest %s", v, err, r.Digest)
		}
	}
}

func TestPrintable(t *testing.T) {
	got := strings.Map(Printable, "a\x1b[2J\a\r\t\u0085\x7f\nä 日本")
	if want := "a\uFFFD[2J\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\nä 日本"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestClip(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"12345", "12345"},
		{"123456", "12345 […]"},
		{"1234ä", "1234 […]"},       // the cut is inside of ä
		{"12\xff", "12\uFFFD"},      // U+FFFD has 3 bytes
		{"日本語", "日 […]"},            // the cut is inside of the second letter
		{"12\xff4", "12\uFFFD […]"}, // one byte too long
	} {
		if got := Clip(c.text, 5); got != c.want || !utf8.ValidString(got) {
			t.Errorf("%q is cut to %q, want %q", c.text, got, c.want)
		}
	}
}

func TestCell(t *testing.T) {
	if got, want := Cell("a|b\nc"), `a\|b c`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

var table = [][]string{{"data", "rows", "γ"}, {"a | b", "7", "0.5"}, {"c\td\ne\vf\fg", "12345", "-"}}

func TestAlignedTable(t *testing.T) {
	var out strings.Builder
	AlignedTable(&out, table)
	want := "" +
		"  data       rows   γ\n" +
		"  a | b      7      0.5\n" +
		"  c d e f g  12345  -\n"
	if out.String() != want {
		t.Errorf("\n%s\nwant\n%s", out.String(), want)
	}
}

func TestMarkdownTable(t *testing.T) {
	var out strings.Builder
	MarkdownTable(&out, table)
	want := "" +
		"| data | rows | γ |\n" +
		"|---|---|---|\n" +
		"| a \\| b | 7 | 0.5 |\n" +
		"| c\td e\vf\fg | 12345 | - |\n"
	if out.String() != want {
		t.Errorf("\n%q\nwant\n%q", out.String(), want)
	}
}
