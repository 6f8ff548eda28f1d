package cluster

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/undertone-audit/undertone"
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
