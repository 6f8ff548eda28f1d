package jsondoc

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

type report struct {
	Schema string           `json:"schema"`
	File   string           `json:"file"`
	Name   string           `json:"name"`
	Value  float64          `json:"value"`
	Lines  []string         `json:"lines"`
	Hidden int              `json:"-"`
	Digest undertone.Digest `json:"digest"`
}

// kindOf returns a kind of reports with a name.
func kindOf(name string) Kind[report] {
	return Kind[report]{
		Name: name, Schema: "test/1",
		Fields: func(r *report) Fields { return Fields{r.Schema, "0.0.1", &r.Digest} },
		Forget: func(r *report) { r.File = "" },
	}
}

func digestOf(t *testing.T, kind string, r report) report {
	t.Helper()
	if err := kindOf(kind).SetDigest(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

// The name of a file can be another one; everything else is part of the digest.
func TestDigestForgetsFiles(t *testing.T) {
	a, b := digestOf(t, "report", report{File: "a.jsonl"}), digestOf(t, "report", report{File: "b.jsonl.gz"})
	if a.Digest != b.Digest || a.File != "a.jsonl" {
		t.Errorf("two names of files give %s and %s; the report has the file %q", a.Digest, b.Digest, a.File)
	}
	b.File = "c"
	if !kindOf("report").Verify(&b) || b.File != "c" {
		t.Errorf("a renamed report does not verify, or Verify changes it: %q", b.File)
	}
	if b.Name = "c"; kindOf("report").Verify(&b) {
		t.Error("a changed report verifies")
	}
}

// Any difference between a text and the JSON of the report that it seems to hold is an error.
func TestReadIsStrict(t *testing.T) {
	kind := kindOf("report")
	r := digestOf(t, "report", report{Schema: "test/1", File: "f", Name: "<é\u2028>", Value: 0.5, Lines: []string{"x"}})
	whole, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	spaced := new(bytes.Buffer)
	if err := json.Indent(spaced, whole, "", "  "); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(whole), spaced.String() + "\n", strings.Replace(string(whole), "0.5", "5e-1", 1), strings.Replace(string(whole), `"f"`, `"g"`, 1)} {
		if _, err := kind.Read(strings.NewReader(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	change := func(old, with string) string {
		if !strings.Contains(string(whole), old) {
			t.Fatalf("%s has no %s", whole, old)
		}
		return strings.Replace(string(whole), old, with, 1)
	}
	for reason, c := range map[string]struct{ text, want string }{
		"empty":                       {"", "it is not JSON"},
		"cut":                         {string(whole[:40]), "it is not JSON"},
		"two values":                  {string(whole) + "{}", "2 bytes behind the JSON value"},
		"text behind the value":       {string(whole) + "\x00", "1 bytes behind the JSON value"},
		"not UTF-8":                   {change("é", "\xff"), "it is not UTF-8"},
		"half of a pair":              {change("é", `\ud800`), "half of a surrogate pair"},
		"a field twice":               {change(`"value"`, `"value":1,"value"`), `the field "value" is there twice`},
		"a field twice, in an object": {change(`"x"`, `{"a":1,"b":{"c":1,"c":1}}`), `the field "c" is there twice`},
		"a field twice, escaped":      {change(`"value"`, `"\u0076alue":1,"value"`), `the field "value" is there twice`},
		"another field":               {change(`"value"`, `"more":1,"value"`), `unknown field "more"`},
		"no field":                    {change(`"name":"\u003cé\u2028\u003e",`, ""), "its fields are not those of the schema"},
		"a field in capitals":         {change(`"value"`, `"Value"`), "its fields are not those of the schema"},
		"null for a list":             {change(`["x"]`, "null"), "its digest is not that of its content"},
		"another schema":              {change("test/1", "test/2"), `its schema is "test/2", want "test/1"`},
		"no schema":                   {change(`"schema":"test/1",`, ""), `its schema is "", want "test/1"`},
		"another name":                {change("é", "e"), "its digest is not that of its content"},
		"another number":              {change("0.5", "0.25"), "its digest is not that of its content"},
		"a number out of range":       {change("0.5", "1e999"), "out of range"},
		"another digest":              {change(`"digest":"sha256:`, `"digest":"sha256:0`)[:len(whole)-1] + `"}`, ""},
		"nested too deeply":           {strings.Repeat("[", 200) + strings.Repeat("]", 200), "more than 100 levels"},
		"a list":                      {"[]", `its schema is "", want`},
	} {
		_, err := kind.Read(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", reason, err, c.want)
		}
	}
}

// The examples of RFC 8785, sections 3.2.2 to 3.2.4, except that integers keep their digits.
func TestCanonical(t *testing.T) {
	for _, c := range [][2]string{
		{`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001], "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
			`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`},
		{`{"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7}`,
			"{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}"},
		{`[18446744073709551615, -0, -0.0, 1.0, 1e2]`, `[18446744073709551615,-0,-0,1,100]`},
		{` { "b" : [ ] , "a" : { } } `, `{"a":{},"b":[]}`},
		{`7`, `7`},
		{`"\u2028<>&"`, "\"\u2028<>&\""},
	} {
		got, err := Canonical([]byte(c[0]))
		if string(got) != c[1] || err != nil {
			t.Errorf("%s: %s, %v, want %s", c[0], got, err, c[1])
		}
		if again, err := Canonical(got); !bytes.Equal(again, got) || err != nil {
			t.Errorf("%s is not canonical: %s, %v", got, again, err)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"\ud83d\ude00"],"b":null}`, `"\\\""`, `[-0.0]`, `{"":{"":""}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := Canonical(text)
		if err != nil {
			return
		}
		again, err := Canonical(first)
		if err != nil || !bytes.Equal(again, first) {
			t.Errorf("%q gives %q, and that %q, %v", text, first, again, err)
		}
		var a, b any
		if json.Unmarshal(text, &a) != nil || json.Unmarshal(first, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("%q and %q are not equal", text, first)
		}
	})
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
		if err := kindOf("report").SetDigest(&r); err == nil || !strings.HasPrefix(err.Error(), "report: ") || !r.Digest.IsZero() {
			t.Errorf("%v: error %v, digest %s", v, err, r.Digest)
		}
	}
}
