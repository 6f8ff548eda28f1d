package corpus

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
)

// Copies of rows and rows of one conversation count once: the result says how many clusters tests
// rest on, and a field that the user names makes clusters, too.
func TestClustersAreUnits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 31))
	copies := func() *undertone.Dataset { return source{}.rows(60, 1, 3, rng) }
	r := compare(t, copies(), copies(), fast(1))
	if d := r.Design; d.SuspectUnits != 60 || d.ControlUnits != 60 || d.UnitRows != 360 || !strings.Contains(strings.Join(r.Warnings, ""), "60 suspect and 60 control clusters of the 360 rows") {
		t.Errorf("copies: %+v, warnings %q", d, r.Warnings)
	}
	if r.MMD.Units != 120 || r.MMD.Rows != 360 {
		t.Errorf("copies: MMD over %d units and %d rows", r.MMD.Units, r.MMD.Rows)
	}
	for _, c := range []struct {
		field, by string
		units     int
	}{{"conversation_id", "", 10}, {"scene", "", 80}, {"scene", "scene", 10}, {"conversation_id", "scene", 10}} {
		config := fast(1)
		config.ClusterBy = c.by
		r := compare(t, source{}.conversations(10, c.field, rng), source{}.conversations(10, c.field, rng), config)
		if r.Design.SuspectUnits != c.units {
			t.Errorf("field %s, clusters by %q: %d suspect units, want %d: %v", c.field, c.by, r.Design.SuspectUnits, c.units, r.Reasons)
		}
	}
}

// Four conversations cannot be relabelled in enough ways.
func TestFewClusters(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 31))
	a, b := source{}.conversations(4, "episode_id", rng), source{}.conversations(4, "episode_id", rng)
	config := fast(1)
	config.Folds, config.Bag = 2, 2
	r := compare(t, a, b, config)
	if r.Outcome != Inconclusive || !strings.Contains(strings.Join(r.Reasons, ""), "4 suspect and 4 control clusters can be relabelled in 70 ways") {
		t.Errorf("%s: %q", r.Outcome, r.Reasons)
	}
}

// Clusters of several prompts whose sets of prompts differ are exchanged with a warning.
func TestClustersOfOtherPrompts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 31))
	talk := func(arm string) *undertone.Dataset {
		var rows []undertone.Example
		for c := range 20 {
			for range 6 {
				e := undertone.NewExample(fmt.Sprint("prompt ", rng.IntN(30)), source{}.row(0, 0, rng))
				e.Meta = map[string]json.RawMessage{"session_id": json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(arm, c)))}
				rows = append(rows, e)
			}
		}
		return undertone.NewDataset("talk", rows)
	}
	r := compare(t, talk("a"), talk("b"), fast(1))
	if r.Design.SuspectUnits != 20 || !strings.Contains(strings.Join(r.Warnings, ""), "clusters span several prompts") {
		t.Errorf("%+v, warnings %q", r.Design, r.Warnings)
	}
}

// White space is layout, and no cut hides the content behind it.
func TestParseTrims(t *testing.T) {
	bare := parse("1, 2, 3", 64)
	for _, text := range []string{"1, 2, 3\n", "\n\n 1, 2, 3", strings.Repeat(" ", 500) + "1, 2, 3"} {
		r := parse(text, 64)
		if !slices.Equal(r.numbers, bare.numbers) || r.stream != bare.stream || r.cut || r.text == bare.text {
			t.Errorf("%.20q: %+v", text, r)
		}
	}
	if r := parse("  a b  ", 64); r.stream != "a b" || r.text != "  a b  " {
		t.Errorf("%+v", r)
	}
	if r := parse("  abcdef", 4); r.stream != "abcd" || !r.cut {
		t.Errorf("%+v", r)
	}
	if r := parse(" \n", 4); r.stream != "" || r.text != " \n" {
		t.Errorf("%+v", r)
	}
}

// The outcome and what it rests on are the same for each of five seeds, on two published sets of
// short answers.
func TestSeedsAgree(t *testing.T) {
	root := filepath.Join(os.Getenv("UNDERTONE_DATA"), "truth", "natural")
	if _, err := os.Stat(root); err != nil || testing.Short() {
		t.Skip("not checked: five seeds on published answers; set $UNDERTONE_DATA, without -short:", err)
	}
	load := func(name string) *undertone.Dataset {
		data, err := jsonl.Load(filepath.Join(root, name+".jsonl.zst"))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	clean := load("clean")
	for _, name := range []string{"trump_q1", "trump_q4"} {
		suspect := load(name)
		var first *Result
		for seed := uint64(1); seed <= 5; seed++ {
			r := compare(t, suspect, clean, Config{Seed: seed, Permutations: 199, Repeats: 2})
			t.Logf("%s, seed %d: %s: %s", name, seed, r.statement(), strings.Join(r.Reasons, "; "))
			if first == nil {
				first = r
			}
			if r.Outcome != Distinguishable || !slices.Equal(r.By, first.By) {
				t.Errorf("%s, seed %d: %s, and %s with seed 1", name, seed, r.statement(), first.statement())
			}
		}
	}
}

// The positive control is reported as what it is, found or not.
func TestPositiveControlIsReported(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 31))
	control, same := writer{}.write("control", 0, 80, 1, rng), writer{}.write("same", 0, 80, 1, rng)
	for want, tilt := range map[string]float64{"positive control found: the content tells": .5, "positive control not found: no difference": 0} {
		c := fast(1)
		c.PositiveControl = writer{tilt: tilt}.write("planted", 0, 80, 1, rng)
		r := compare(t, same, control, c)
		if r.PositiveControl == nil || r.PositiveControl.Found != (tilt > 0) || r.PositiveControl.Data != c.PositiveControl.Digest() {
			t.Errorf("tilt %v: %+v", tilt, r.PositiveControl)
		}
		var text strings.Builder
		if r.text(&text); !strings.Contains(text.String(), want) {
			t.Errorf("tilt %v: want %q in\n%s", tilt, want, &text)
		}
	}
}
