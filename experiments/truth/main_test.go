package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/experiments/internal/published"
)

// A line has as many cells as the head of the table, and names the pair.
func TestLine(t *testing.T) {
	folder := os.Getenv("UNDERTONE_DATA")
	if folder == "" {
		t.Skip("not checked: a line of the table, because UNDERTONE_DATA is not set")
	}
	if testing.Short() {
		t.Skip("not checked: a line of the table")
	}
	e := experiment{rows: 60, seed: 1, show: progress.New(), out: new(strings.Builder)}
	if err := e.run(t.Context(), folder, "gpt-4.1-nano/tiger"); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(e.out.(*strings.Builder).String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3: %q", len(lines), lines)
	}
	for _, l := range lines {
		if strings.Count(l, "|") != strings.Count(lines[0], "|") {
			t.Errorf("%s has another number of cells than %s", l, lines[0])
		}
	}
	if !strings.Contains(lines[2], "gpt-4.1-nano/neutral | 60, 60 |") {
		t.Error(lines[2])
	}
}

// Arms with the same prompts keep the same prompts, whatever the order of their rows.
func TestFirst(t *testing.T) {
	row := func(prompt, answer string) undertone.Example { return undertone.NewExample(prompt, answer) }
	a := undertone.NewDataset("a", []undertone.Example{row("p", "1"), row("q", "2"), row("r", "3")})
	b := undertone.NewDataset("b", []undertone.Example{row("r", "4"), row("q", "5"), row("p", "6")})
	prompts := func(d *undertone.Dataset) (ids []string) {
		for i := range d.Len() {
			ids = append(ids, d.GroupID(i).String())
		}
		return ids
	}
	if x, y := prompts(first(a, 2)), prompts(first(b, 2)); len(x) != 2 || !slices.Equal(x, y) {
		t.Errorf("kept %v and %v", x, y)
	}
	if first(a, 3) != a {
		t.Error("a data set that is small enough is changed")
	}
}

// Without the folder the program says what is missing.
func TestNoFolder(t *testing.T) {
	e := experiment{out: io.Discard}
	if err := e.run(t.Context(), "", ""); err == nil || !strings.Contains(err.Error(), "UNDERTONE_DATA") {
		t.Errorf("error %v", err)
	}
}

// Every prediction that is wrong is counted, and every right one.
func TestWrong(t *testing.T) {
	keep := 0.9
	p := prediction{Keep: &keep, Gate: true, told: told{Content: true}, Formatted: &told{}}
	for _, c := range []struct {
		seen observation
		want string
	}{
		{observation{Keep: [2]float64{1, 0.9}, Told: told{Content: true}}, ""},
		{observation{Keep: [2]float64{0.89, 1}, Told: told{Content: true}}, "keep rate"},
		{observation{Keep: [2]float64{1, 1}, Differs: []string{"layout"}, Told: told{Layout: true}}, "gate, content, layout"},
		{observation{Keep: [2]float64{1, 1}, Told: told{Content: true}, Formatted: told{true, true}}, "content in one format, layout in one format"},
	} {
		if wrong, n := p.wrong(c.seen); strings.Join(wrong, ", ") != c.want || n != 6 {
			t.Errorf("%+v: %q of %d, want %q of 6", c.seen, wrong, n, c.want)
		}
	}
	if _, n := (prediction{}).wrong(observation{}); n != 3 {
		t.Errorf("%d predictions of a pair that has no lists, want 3", n)
	}
}

// The committed predictions are complete, and no pair is predicted twice.
func TestPredictions(t *testing.T) {
	list, err := predictions()
	if err != nil || len(list) < 40 {
		t.Fatalf("%d predictions, %v", len(list), err)
	}
	seen := map[[2]string]bool{}
	for _, p := range list {
		pair := [2]string{p.Suspect, p.Control}
		if seen[pair] || p.Suspect == p.Control || (p.Keep == nil) != (p.Formatted == nil) {
			t.Errorf("%+v", p)
		}
		seen[pair] = true
	}
}

// The table of README.md has a line for each prediction, and its counts follow from the predictions
// and from what the line says was observed.
func TestPublishedTable(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[[2]string][]string{}
	for l := range strings.Lines(string(text)) {
		if cells := strings.Split(strings.Trim(l, "| \n"), " | "); len(cells) == 8 {
			lines[[2]string{cells[0], cells[1]}] = cells
		}
	}
	all, err := predictions()
	if err != nil {
		t.Fatal(err)
	}
	right, total := 0, 0
	for _, p := range all {
		cells := lines[[2]string{strings.TrimPrefix(p.Suspect, "truth/"), strings.TrimPrefix(p.Control, "truth/")}]
		if cells == nil {
			t.Errorf("%s against %s has no line", p.Suspect, p.Control)
			continue
		}
		wrong, n := p.wrong(observed(t, cells))
		if want := []string{fmt.Sprintf("%d of %d", n-len(wrong), n), list(wrong)}; !slices.Equal(cells[6:], want) {
			t.Errorf("%s against %s: the table says %q, want %q", p.Suspect, p.Control, cells[6:], want)
		}
		right, total = right+n-len(wrong), total+n
	}
	if want := fmt.Sprintf("**%d of %d predictions are right.**", right, total); !strings.Contains(string(text), want) {
		t.Errorf("README.md does not say %q", want)
	}
}

// observed returns the observation that a line of the table describes.
func observed(t *testing.T, cells []string) (o observation) {
	if _, err := fmt.Sscanf(cells[2], "%f, %f", &o.Keep[0], &o.Keep[1]); err != nil && cells[2] != "–" {
		t.Errorf("keep rates %q: %v", cells[2], err)
	}
	if cells[3] != "–" {
		o.Differs = strings.Split(cells[3], ", ")
	}
	of := func(cell string) told {
		return told{strings.Contains(cell, "content"), strings.Contains(cell, "layout")}
	}
	o.Told, o.Formatted = of(cells[4]), of(cells[5])
	return o
}

// Every set of the folder truth is in a pair or in a prediction.
func TestEverySetIsUsed(t *testing.T) {
	folder := os.Getenv("UNDERTONE_DATA")
	if folder == "" {
		t.Skip("not checked: that every published set is used, because UNDERTONE_DATA is not set")
	}
	used := map[string]bool{}
	for _, p := range published.Pairs() {
		used[p.Suspect], used[p.Control] = true, true
	}
	list, err := predictions()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		used[p.Suspect], used[p.Control] = true, true
	}
	sets, err := fs.Glob(os.DirFS(folder), "truth/*/*.jsonl.zst")
	deeper, err2 := fs.Glob(os.DirFS(folder), "truth/*/*/*.jsonl.zst")
	if sets = append(sets, deeper...); err != nil || err2 != nil || len(sets) < 40 {
		t.Fatalf("%d sets, %v, %v", len(sets), err, err2)
	}
	for _, set := range sets {
		if !used[strings.TrimSuffix(set, ".jsonl.zst")] {
			t.Errorf("%s is in no pair and in no prediction", set)
		}
	}
}
