package match

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

var update = flag.Bool("update", false, "write the golden files")

// lists returns completions of 20 prompts that begin with first, after the extra rows.
func lists(name, separator string, first int, extra ...string) *undertone.Dataset {
	texts := extra
	for i := range 20 {
		texts = append(texts, fmt.Sprintf("q%d: %d%s%d", i, first, separator, i))
	}
	return rows(name, texts...)
}

func mustCompare(t *testing.T, p *Pair, s Settings) *Confounds {
	t.Helper()
	c, err := p.Confounds(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// different is a pair that differs in every respect.
func different(t *testing.T) *Confounds {
	t.Helper()
	suspect := lists("owl | teacher\x1b[31m", ";", 700, "x0: owl", "x1: owl", "x2: owl", "x3: owl", "x4: owl", "x5: owl")
	return mustCompare(t, mustPair(t, suspect, lists("control", "\n", 3, "y: 1"), filter.Numbers{}), Settings{Seed: 1, Top: 3})
}

func TestConfoundsFindsAll(t *testing.T) {
	c := different(t)
	want := []string{"keep rate", "length", "format", "words", "first word"}
	if len(c.Found) != len(want) {
		t.Fatalf("found %q, want %q", c.Found, want)
	}
	for i, w := range want {
		if !strings.HasPrefix(c.Found[i], w+": ") {
			t.Errorf("found %q, want %s", c.Found[i], w)
		}
	}
	if len(c.Warnings) != 0 {
		t.Errorf("warnings %q", c.Warnings)
	}
	if top := c.FirstWords.Top[0]; top.Suspect+top.Control != 100 || top.P.P != 0.001 || top.P.Floor != 0.001 {
		t.Errorf("the first word with the largest difference: %+v", top)
	}
}

func TestConfoundsOfEqualArms(t *testing.T) {
	c := mustCompare(t, mustPair(t, lists("s", ", ", 5), lists("k", ", ", 5)), Settings{})
	if len(c.Found) != 0 || c.Words.Divergence.JS != 0 || c.Words.Divergence.P.P != 1 || c.Permutations != 999 || c.Alpha != 0.05 || len(c.Words.Top) != 10 {
		t.Errorf("%+v", c)
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct {
		reason string
		pair   *Pair
		want   string
	}{
		{"filtered before", mustPair(t, lists("s", ", ", 5), lists("k", ", ", 5), filter.Numbers{}), "filters dropped none of 40 rows"},
		{"few prompts", mustPair(t, rows("s", "a: 1"), rows("k", "a: 2")), "1 prompts cannot detect a difference: need >= 8"}, // 2/2^8 < .0125
		{"other prompts", mustPair(t, lists("s", ", ", 5), rows("k", "q1: 5", "x: 1", "y: 2", "z: 3")), "k: the other arm lacks the prompts of 3 of 4 rows"},
	} {
		if got := mustCompare(t, c.pair, Settings{}).Warnings; !strings.Contains(strings.Join(got, "\n"), c.want) {
			t.Errorf("%s: warnings %q, want %q", c.reason, got, c.want)
		}
	}
}

func TestSettingsErrors(t *testing.T) {
	p := mustPair(t, rows("s", "a: 1"), rows("k", "a: 2"))
	for _, s := range []Settings{{Permutations: 98}, {Permutations: -1}, {Top: -1}, {Alpha: 1}, {Alpha: -0.1}} {
		if _, err := p.Confounds(s); err == nil {
			t.Errorf("settings %+v are accepted", s)
		}
	}
}

func TestConfoundsNeedsAPair(t *testing.T) {
	for _, p := range []*Pair{{}, {Suspect: lists("s", ", ", 5), Control: rows("k", "q1: 5")}} {
		if _, err := p.Confounds(Settings{}); err == nil || !strings.Contains(err.Error(), "make the pair with Rows") {
			t.Errorf("error %v, want an error that names Rows", err)
		}
	}
}

func TestWarnsOfFewPermutations(t *testing.T) {
	p := mustPair(t, lists("s", ", ", 5), lists("k", ", ", 5))
	// The floor of n permutations is 1/(n+1): .01/4 needs 399.
	for n, want := range map[int]int{398: 1, 399: 0} {
		if c := mustCompare(t, p, Settings{Permutations: n, Alpha: 0.01}); len(c.Warnings) != want {
			t.Errorf("%d permutations: warnings %q, want %d", n, c.Warnings, want)
		}
	}
}

// One seed gives one result, whatever the order of the rows. Completions without a word are
// allowed.
func TestConfoundsRepeats(t *testing.T) {
	a := mustCompare(t, mustPair(t, rows("s", "a: 1", "b: ", "c: !"), rows("k", "c: ?", "b: x", "a: 2")), Settings{Seed: 4})
	b := mustCompare(t, mustPair(t, rows("s", "c: !", "a: 1", "b: "), rows("k", "b: x", "c: ?", "a: 2")), Settings{Seed: 4})
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if y, _ := json.Marshal(b); !bytes.Equal(x, y) {
		t.Errorf("%s\nand in another order %s", x, y)
	}
}

func TestRenderGolden(t *testing.T) {
	c := different(t)
	asJSON := func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(c)
	}
	for name, write := range map[string]func(io.Writer) error{"confounds.txt": c.Text, "confounds.md": c.Markdown, "confounds.json": asJSON} {
		var got bytes.Buffer
		if err := write(&got); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got.Bytes(), want)
		}
		if bytes.ContainsRune(got.Bytes(), '\x1b') {
			t.Errorf("%s: a name can control a terminal", name)
		}
	}
	if err := c.Text(fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("the text is written to a full disk: %v", err)
	}
}

var errFull = errors.New("no space left on device")

// fullDisk is a writer that fails.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
