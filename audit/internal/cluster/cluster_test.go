package cluster

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
)

func row(text, field, value string) undertone.Example {
	e := undertone.NewExample("prompt", text)
	if field != "" {
		e.Meta = map[string]json.RawMessage{field: json.RawMessage(value)}
	}
	return e
}

func TestKeys(t *testing.T) {
	data := undertone.NewDataset("rows", []undertone.Example{
		0: row("a", "", ""),
		1: row("a", "other", "1"), // a copy: other fields do not count
		2: row("b", "", ""),
		3: row("c", "episode_id", "7"),
		4: row("d", "episode_id", "7"),
		5: row("e", "episode_id", `"7"`), // a string is another value than a number
		6: row("f", "conversation_id", "7"),
		7: row("g", "episode_id", "null"),
		8: row("g", "", ""),
	})
	keys := Keys(data, Fields...)
	for _, c := range []struct {
		i, j int
		same bool
	}{{0, 1, true}, {0, 2, false}, {3, 4, true}, {4, 5, false}, {3, 6, false}, {7, 8, true}} {
		if (keys[c.i] == keys[c.j]) != c.same {
			t.Errorf("rows %d and %d in one cluster: %v, want %v", c.i, c.j, !c.same, c.same)
		}
	}
	if keys := Keys(data); keys[3] == keys[4] {
		t.Error("a field counts that was not asked for")
	}
}

func TestEffective(t *testing.T) {
	for _, c := range []struct {
		keys []uint64
		want float64
	}{{nil, 0}, {[]uint64{1, 2, 3, 4}, 4}, {[]uint64{1, 1, 2, 2}, 2}, {[]uint64{1, 1, 1, 2}, 1.6}} {
		if got := Effective(c.keys); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v: %v effective clusters, want %v", c.keys, got, c.want)
		}
	}
}

func TestJoin(t *testing.T) {
	// Rows 0 and 1 share a first key, rows 1 and 2 a second key; row 1 of the other data set shares
	// the second key of row 3.
	first := [][]uint64{{1, 1, 2, 3, 4}, {5, 6}}
	second := [][]uint64{{1, 2, 2, 3, 9}, {7, 3}}
	for range 2 {
		joined := Join(first, second)
		a, b := joined[0], joined[1]
		if a[0] != a[1] || a[1] != a[2] || a[3] != b[1] {
			t.Errorf("%v: rows with a common key are apart", joined)
		}
		if a[0] == a[3] || a[3] == a[4] || a[0] == a[4] || b[0] == b[1] || b[0] == a[4] {
			t.Errorf("%v: rows without a common key are together", joined)
		}
		first, second = second, first
	}
}

// The keys do not depend on the order of the rows.
func TestJoinIsStable(t *testing.T) {
	first, second := []uint64{3, 1, 2, 1, 7}, []uint64{5, 5, 6, 8, 6}
	want := Join([][]uint64{first}, [][]uint64{second})[0]
	order := []int{4, 2, 0, 3, 1}
	var f, s []uint64
	for _, i := range order {
		f, s = append(f, first[i]), append(s, second[i])
	}
	for k, key := range Join([][]uint64{f}, [][]uint64{s})[0] {
		if key != want[order[k]] {
			t.Errorf("row %d has the key %d, in another order %d", order[k], want[order[k]], key)
		}
	}
}

// Readers of rows do not count the fields that name clusters as fields that are not read.
func TestFieldsAreRead(t *testing.T) {
	meta := map[string]string{"messages": `[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]`, "topic": `"c"`}
	for _, field := range Fields {
		meta[field] = `"7"`
	}
	var row []string
	for field, value := range meta {
		row = append(row, fmt.Sprintf("%q:%s", field, value))
	}
	var unread jsonl.Unread
	for _, err := range jsonl.Read("rows", strings.NewReader("{"+strings.Join(row, ",")+"}\n"), jsonl.CountUnread(&unread)) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := unread.Fields(); len(got) != 1 || got["topic"] != 1 {
		t.Errorf("not read: %v, want topic alone", got)
	}
}
