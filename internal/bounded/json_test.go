package bounded

import (
	"encoding/json"
	"strings"
	"testing"
)

type wide struct {
	Name   string   `json:"name"`
	Lists  []wide   `json:"lists"`
	By     *wide    `json:"by"`
	Any    any      `json:"any"`
	Bytes  [256]int `json:"-"`
	Number float64
}

func TestCheckJSON(t *testing.T) {
	many := func(each string, n int) string { return strings.Repeat(each+",", n) + each }
	deep := strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1)
	for name, test := range map[string]struct{ text, want string }{
		"usual":                     {`{"name":"a","lists":[{"name":"b"}],"by":{"Number":1e3},"any":{"a":[1,null,"x",{}]},"other":[1,"]"]}`, ""},
		"spaces":                    {" { \"lists\" : [ { } , { } ] , \"any\" : \"\\\"\" } \n", ""},
		"empty structs":             {`{"lists":[` + many("{}", 5000) + `]}`, "small values"},
		"in other letters":          {`{"LISTS":[` + many("{}", 5000) + `]}`, "small values"},
		"an escaped name":           {`{"l\u0069sts":[` + many("{}", 5000) + `]}`, "small values"},
		"pointers":                  {`{"lists":[` + many(`{"by":{}}`, 500) + `]}`, "small values"},
		"empty objects of any type": {`{"any":[` + many("{}", 20_000) + `]}`, "small values"},
		"lists of any type":         {`{"any":[` + many("[]", 100_000) + `]}`, "small values"},
		"long text":                 {`{"name":"` + strings.Repeat("x", 3<<20) + `"}`, ""},
		"a field that is unknown":   {`{"other":[` + many("{}", 100_000) + `]}`, ""},
		"another kind than wanted":  {`{"name":[` + many("{}", 100_000) + `]}`, ""},
		"deep":                      {`{"any":` + deep + `}`, "more than 100 levels"},
		"no JSON":                   {`{"lists":[{},`, ""},
		"nothing":                   {``, ""},
	} {
		err := CheckJSON([]byte(test.text), new(wide))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

// The check reads any text without a panic.
func FuzzCheckJSON(f *testing.F) {
	f.Add([]byte(`{"name":"a","lists":[{"name":"b"}],"by":{"Number":1},"any":{"a":[1,null,"x"]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var into wide
		if CheckJSON(text, &into) == nil {
			_ = json.Unmarshal(text, &into)
		}
	})
}
