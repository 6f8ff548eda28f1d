package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/internal/strictjson"
)

type inner struct {
	Name string `json:"name"`
}

type outer struct {
	List  []inner           `json:"list"`
	Map   map[string]inner  `json:"map"`
	One   *inner            `json:"one"`
	Texts map[string]string `json:"texts"`
	Raw   json.RawMessage   `json:"raw"`
	skip  int
	Not   int `json:"-"`
}

func TestDecode(t *testing.T) {
	for _, c := range []struct{ reason, text, want string }{
		{"all fields", `{"list":[{"name":"a"}],"map":{"X":{"name":"b"}},"one":{"name":"c"},"texts":{"A":"1","a":"2"},"raw":{"Name":1,"name":2}}`, ""},
		{"unknown fields", `{"other":{"List":[]},"Not":1}`, ""},
		{"null", `{"list":null,"one":null}`, ""},
		{"another case", `{"List":[]}`, `the field "List" is unknown; want "list"`},
		{"both cases", `{"list":[],"LIST":[]}`, `the field "LIST" is unknown`},
		{"another case in a list", `{"list":[{"name":"a"},{"NAME":"b"}]}`, `the field "NAME" is unknown`},
		{"another case in a map", `{"map":{"x":{"Name":"b"}}}`, `the field "Name" is unknown`},
		{"another case behind a pointer", `{"one":{"Name":"b"}}`, `the field "Name" is unknown`},
		{"a Kelvin sign, which folds to k", `{"\u212a":1}`, ""},
		{"twice", `{"one":{"name":"a","name":"b"}}`, `the field "name" is there twice`},
		{"twice in what is not decoded", `{"other":{"a":1,"a":2}}`, `the field "a" is there twice`},
		{"another type", `{"list":{"name":"a"}}`, `the field "list" is of the wrong type: object`},
		{"no object", `[1]`, "unexpected array, want an object"},
		{"trailing data", `{} {}`, "bytes behind the JSON value"},
		{"too many levels", strings.Repeat(`{"a":`, 101) + "1" + strings.Repeat("}", 101), "more than 100 levels"},
		{"large", `{"a":"` + strings.Repeat("x", 1000) + `"}`, "larger than 1000 bytes"},
	} {
		var v outer
		err := strictjson.Decode([]byte(c.text), 1000, &v)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
		_ = v.skip
	}
}
