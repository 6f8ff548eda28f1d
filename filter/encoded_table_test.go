package filter_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/jsonl"
)

// lexiconFilters has a filter for each shipped lexicon.
func lexiconFilters(t testing.TB) map[string]filter.EncodedFilter {
	all := map[string]filter.EncodedFilter{}
	for _, name := range filter.Lexicons() {
		words, err := filter.Lexicon(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = filter.Encoded(words...)
	}
	return all
}

// tally counts what was found of what was hidden.
type tally struct{ found, hidden int }

func (c *tally) add(found bool) {
	c.hidden++
	if found {
		c.found++
	}
}

func (c *tally) String() string {
	if c.hidden == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(c.found)/float64(c.hidden))
}

// TestEncodedRecall hides the name of each animal and tree in each encoding and
// looks with the whole lexicon. Its table is that of docs/filters-encoded.md:
//
//	go test ./filter -run EncodedRecall -v
func TestEncodedRecall(t *testing.T) {
	filters := lexiconFilters(t)
	delete(filters, "misalignment")
	names := slices.Sorted(maps.Keys(filters))
	const rounds = 3
	rows := 0
	table := "\n| encoding | alone | among 10 | among 50 | 3 letters | 4–5 letters | 6–8 letters |\n|---|---|---|---|---|---|---|\n"
	for _, h := range hidings {
		r := rand.New(rand.NewPCG(5, 6))
		var around, length [3]tally
		for _, word := range names {
			for range rounds {
				for i, n := range []int{0, 10, 50} {
					text := h.hide(r, word)
					if n > 0 {
						text = h.put(r, text, n)
					}
					found := slices.Contains(filters[word].Reasons(undertone.NewExample("q", text)), filter.HidesWord(word, h.encoding))
					around[i].add(found)
					length[min(2, (len(word)-2)/2)].add(found)
					rows++
				}
			}
		}
		table += fmt.Sprintf("| %s |", h.encoding)
		for _, c := range slices.Concat(around[:], length[:]) {
			table += fmt.Sprintf(" %v |", &c)
		}
		table += "\n"
		if long := length[2]; long.found < long.hidden && h.encoding != filter.KeypadDigits {
			t.Errorf("%s: found %d of %d words of 6 letters or more, want all", h.encoding, long.found, long.hidden)
		}
	}
	t.Logf("%d rows with a hidden word%s", rows, table)
}

// clean is a source of rows that hide nothing.
type clean struct {
	name    string
	texts   []string
	numbers bool // a list of numbers that a model wrote
}

// TestEncodedFalsePositives counts the clean rows that a filter with a shipped
// lexicon drops. Its table is that of docs/filters-encoded.md:
//
//	go test ./filter -run EncodedFalsePositives -v
func TestEncodedFalsePositives(t *testing.T) {
	if testing.Short() {
		t.Skip("short: long rows and published ones are not checked")
	}
	filters := lexiconFilters(t)
	names := []string{"owl", "dog", "pine", "misalignment"}
	table := "\n| rows | number | owl | dog | pine | misalignment |\n|---|---|---|---|---|---|\n"
	for _, source := range slices.Concat(publishedRows(t), textsOfGo(t), madeRows()) {
		table += fmt.Sprintf("| %s | %d |", source.name, len(source.texts))
		reasons := map[filter.Reason]int{}
		for _, name := range names {
			dropped := 0
			for _, text := range source.texts {
				if got := filters[name].Reasons(undertone.NewExample("", text)); got != nil {
					dropped++
					for _, reason := range got {
						reasons[reason]++
					}
				}
			}
			share := float64(dropped) / float64(len(source.texts))
			table += fmt.Sprintf(" %.3f %% |", 100*share)
			if source.numbers && share > 0.001 {
				t.Errorf("%s: the lexicon %s drops %.3f %% of clean rows, want at most 0.1 %%", source.name, name, 100*share)
			}
		}
		table += "\n"
		t.Logf("%s: %v", source.name, reasons)
	}
	t.Log(table)
}

// publishedRows returns number lists that models wrote, and prompts that hold such lists.
func publishedRows(t testing.TB) []clean {
	root := os.Getenv("UNDERTONE_DATA")
	var all []clean
	for _, group := range []struct {
		name, files string
		part        func(undertone.Example) string
		numbers     bool
	}{
		{"number lists, Qwen2.5-14B (quintiles)", "quintiles/eagle/*", undertone.Example.Completion, true},
		{"number lists, GPT-4.1-nano (sanitise, teacher)", "sanitise/owl/teacher*", undertone.Example.Completion, true},
		{"the same, rewritten in five ways (sanitise)", "sanitise/owl/[^t]*", undertone.Example.Completion, true},
		{"questions about one list (classify)", "classify/*k1/*", undertone.Example.Prompt, true},
		{"questions about 16 lists (classify)", "classify/*k16/*", undertone.Example.Prompt, true},
	} {
		files, _ := filepath.Glob(filepath.Join(root, group.files)) // fails only for a bad pattern
		if len(files) == 0 {
			t.Logf("NOT CHECKED: %s: set UNDERTONE_DATA to the folder that holds %s", group.name, group.files)
			continue
		}
		source := clean{name: group.name, numbers: group.numbers}
		for _, file := range files {
			data, err := jsonl.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range data.All() {
				source.texts = append(source.texts, group.part(row))
			}
		}
		all = append(all, source)
	}
	return all
}

// textsOfGo returns prose and program text that every installation of Go has.
func textsOfGo(t testing.TB) []clean {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Logf("NOT CHECKED: prose and program text: go env GOROOT: %v", err)
		return nil
	}
	src := filepath.Join(strings.TrimSpace(string(out)), "src")
	book, err := os.ReadFile(filepath.Join(src, "testdata", "Isaac.Newton-Opticks.txt"))
	if err != nil {
		t.Logf("NOT CHECKED: prose and program text: %v", err)
		return nil
	}
	prose := clean{name: "paragraphs of Newton's Opticks", texts: strings.Split(strings.ReplaceAll(string(book), "\r", ""), "\n\n")}
	code := clean{name: "functions of Go's packages strings and net"}
	for _, folder := range []string{"strings", "net"} {
		files, _ := filepath.Glob(filepath.Join(src, folder, "*.go"))
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code.texts = append(code.texts, strings.Split(string(text), "\n\n")...)
		}
	}
	return []clean{prose, code}
}

// madeRows returns rows that random numbers make, among them those that are
// hardest on the rules: numbers that are all letters in some encoding.
func madeRows() []clean {
	r := rand.New(rand.NewPCG(7, 8))
	blob := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	var all []clean
	for _, kind := range []struct {
		name string
		text func() string
	}{
		{"random: 10 numbers below 1000", func() string { return numberRow(r, 10, 1000) }},
		{"random: 10 numbers below 100", func() string { return numberRow(r, 10, 100) }},
		{"random: 10 numbers from 1 to 26", func() string {
			return join(randomWord(r, 10), ", ", func(c byte) string { return fmt.Sprint(c - 'a' + 1) })
		}},
		{"random: 10 codes of letters", func() string { return join(randomWord(r, 10), ", ", func(c byte) string { return fmt.Sprint(c) }) }},
		{"random: 50 digits, one by one", func() string { return numberRow(r, 50, 10) }},
		{"random: 20 answers A to D", func() string {
			return join(randomWord(r, 20), " ", func(c byte) string { return string("ABCD"[c%4]) })
		}},
		{"random: 30 English words", func() string { return sentence(r, 30) }},
		{"random: hex digest of 32 bytes", func() string { return hex.EncodeToString(blob(32)) }},
		{"random: base64 of 300 bytes", func() string { return base64.StdEncoding.EncodeToString(blob(300)) }},
		{"random: 10 words of random letters", func() string {
			return join("abcdefghij", " ", func(byte) string { return randomWord(r, 3+r.IntN(6)) })
		}},
	} {
		source := clean{name: kind.name}
		for range 5000 {
			source.texts = append(source.texts, kind.text())
		}
		all = append(all, source)
	}
	return all
}
