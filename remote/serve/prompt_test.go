package serve

import (
	"encoding/json"
	"reflect"
	"testing"
)

// Lists of tokens are those that package encoding/json reads; null is no token and no list.
func TestListsOfTokens(t *testing.T) {
	s := newServer(t, Config{})
	for raw, ok := range map[string]bool{
		`[[1,2],[3]]`: true, "[ [ 1 ,\t2 ] ,\n[ 3 ],[] ]": true, `[[-1,2147483647]]`: true, `[[]]`: true, `[[0],[1],[2],[3,4,5,6]]`: true,
		`[[1],2]`: false, `[[1],null]`: false, `[[null]]`: false, `[[1.0]]`: false, `[[1e2]]`: false, `[[2147483648]]`: false, `[[[1]]]`: false, `[["1,2"]]`: false, `[[1],{"a":[1]}]`: false, `[[true]]`: false,
	} {
		got, err := s.lists([]byte(raw))
		if (err == nil) != ok {
			t.Errorf("%s: error %v", raw, err)
			continue
		}
		var want [][]int32
		if ok && json.Unmarshal([]byte(raw), &want) != nil {
			t.Fatalf("%s is not JSON", raw)
		}
		if ok && len(got) != len(want) {
			t.Errorf("%s: %d lists, want %d", raw, len(got), len(want))
			continue
		}
		for i, p := range want {
			if len(p) > 0 && !reflect.DeepEqual(got[i].ids, p) || len(got[i].ids) != len(p) {
				t.Errorf("%s: list %d is %v, want %v", raw, i, got[i].ids, p)
			}
		}
	}
}
