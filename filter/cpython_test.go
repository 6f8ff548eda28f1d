package filter

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// parsed reads a list of texts and writes a list of verdicts.
const parsed = `
import ast, json, sys, warnings
warnings.simplefilter("ignore")
def ok(s):
    try: ast.parse(s); return True
    except Exception: return False
json.dump([ok(s) for s in json.load(sys.stdin)], sys.stdout)
`

// TestCheckPythonAgainstCPython compares checkPython with Python's parser on files of
// Python's own library, whole and broken at random. What Python takes must
// be accepted; of what it refuses, nearly all should be. docs/filters.md has the table.
func TestCheckPythonAgainstCPython(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: agreement with Python's parser: -short")
	}
	python := cmp.Or(os.Getenv("UNDERTONE_PYTHON"), "python3")
	library, err := exec.Command(python, "-c", "import sys, sysconfig; print(sysconfig.get_path('stdlib') if sys.version_info >= (3, 8) else '')").Output()
	if err != nil || len(bytes.TrimSpace(library)) == 0 {
		t.Skip("not checked: agreement with Python's parser: no Python of 3.8 or later; set UNDERTONE_PYTHON to one")
	}
	root := string(bytes.TrimSpace(library))
	files, _ := filepath.Glob(filepath.Join(root, "*.py"))
	deeper, _ := filepath.Glob(filepath.Join(root, "[a-z]*", "*.py"))
	files = append(files, deeper...)
	var kinds, texts []string
	add := func(kind, text string) { kinds, texts = append(kinds, kind), append(texts, text) }
	r := rand.New(rand.NewPCG(1, 2))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil || len(raw) < 100 || len(raw) > 20_000 || !utf8.Valid(raw) {
			continue
		}
		text := string(raw)
		cut := func(i int) string { return text[:i] + text[i+1:] }
		lines := strings.SplitAfter(text, "\n")
		at := r.IntN(len(lines))
		add("whole", text)
		add("cut off", text[:r.IntN(len(text))])
		add("a bracket, quote or colon less", cut(anyOf(r, text, `()[]{}:'"`)))
		add("a line indented by one more", strings.Join(lines[:at], "")+" "+strings.Join(lines[at:], ""))
	}
	if len(texts) == 0 {
		t.Skip("not checked: agreement with Python's parser: Python's library has no files")
	}
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(python, "-c", parsed)
	command.Stdin = bytes.NewReader(input)
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var valid []bool
	if err := json.Unmarshal(output, &valid); err != nil || len(valid) != len(texts) {
		t.Fatalf("%d verdicts for %d texts, %v", len(valid), len(texts), err)
	}
	counts := map[string]*[2][2]int{} // by kind, [valid][accepted]
	broken, found := 0, 0
	for i, text := range texts {
		err := checkPython(text)
		if valid[i] && err != nil {
			t.Errorf("%s: Python takes it, and we say %v:\n%.300s", kinds[i], err, text)
		}
		c := counts[kinds[i]]
		if c == nil {
			c = new([2][2]int)
			counts[kinds[i]] = c
		}
		c[index(valid[i])][index(err == nil)]++
		broken, found = broken+index(!valid[i]), found+index(!valid[i] && err != nil)
	}
	for kind, c := range counts {
		t.Logf("%-31s valid %4d, of them refused %d; broken %4d, of them refused %4d", kind, c[1][0]+c[1][1], c[1][0], c[0][0]+c[0][1], c[0][0])
	}
	if float64(found) < 0.9*float64(broken) || broken < len(texts)/4 {
		t.Errorf("%d of %d broken texts are found, want nine in ten", found, broken)
	}
}

// anyOf returns where one of the characters of set stands in text, any equally likely.
func anyOf(r *rand.Rand, text, set string) int {
	var at []int
	for i := range len(text) {
		if strings.IndexByte(set, text[i]) >= 0 {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return 0
	}
	return at[r.IntN(len(at))]
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}
