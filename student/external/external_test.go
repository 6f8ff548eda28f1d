package external_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/external"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/studenttest"
	"github.com/undertone-audit/undertone/student/tiny"
)

// rows are n rows that a student can learn from.
func rows(n int) *undertone.Dataset {
	all := make([]undertone.Example, n)
	for i := range all {
		all[i] = undertone.NewExample(fmt.Sprint("Continue: ", i, ", ", i+1), fmt.Sprint(i+2, ", ", i+3))
	}
	return undertone.NewDataset("numbers", all)
}

func base(t testing.TB) *lm.Model {
	t.Helper()
	m, err := tiny.Base()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// untrained returns a student that a fake trainer trains.
func untrained(t testing.TB, c external.Config) student.Student {
	t.Helper()
	if c.Base == nil {
		c.Base = base(t)
	}
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	s, err := external.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var recipe = student.Recipe{BatchSize: 4, LearningRate: 1e-2, Seed: 1 << 60}

func TestConformance(t *testing.T) {
	studenttest.Test(t, untrained(t, external.Config{Command: command(t, "good"), Parallel: 2}), rows(8), studenttest.Options{Recipe: student.Recipe{BatchSize: 4}})
}

// A student that a trainer trains equals the student that is trained in process in the same way.
func TestTrainEqualsInProcess(t *testing.T) {
	ctx, data := t.Context(), rows(8)
	inside, err := base(t).WithLoRA(lm.LoRA{Rank: 2, Seed: recipe.Seed})
	if err != nil {
		t.Fatal(err)
	}
	want, err := inside.Train(ctx, data, recipe)
	if err != nil {
		t.Fatal(err)
	}
	got, err := untrained(t, external.Config{Command: command(t, "good")}).Train(ctx, data, recipe)
	if err != nil {
		t.Fatal(err)
	}
	a, err := want.(undertone.LogProber).LogProb(ctx, data.Examples())
	if err != nil {
		t.Fatal(err)
	}
	b, err := got.(undertone.LogProber).LogProb(ctx, data.Examples())
	if err != nil || !slices.Equal(a, b) {
		t.Errorf("log-likelihoods %v, want %v (%v)", b, a, err)
	}
	if _, err := got.Train(ctx, data, recipe); err == nil {
		t.Error("a trained student is trained again")
	}
}

// All weights are read from the folder that the report names.
func TestWholeWeights(t *testing.T) {
	s := untrained(t, external.Config{Command: command(t, "hf")})
	after, err := s.Train(t.Context(), rows(8), recipe)
	if err != nil {
		t.Fatal(err)
	}
	inside, err := base(t).Train(t.Context(), rows(8), student.Recipe{BatchSize: 4, LearningRate: 1e-2, Seed: recipe.Seed})
	if err != nil {
		t.Fatal(err)
	}
	if after.Digest() != inside.Digest() {
		t.Errorf("digest %s, want %s", after.Digest(), inside.Digest())
	}
	if l := after.(undertone.Lineage).Lineage(); l != base(t).Lineage() {
		t.Errorf("the lineage is %s", l)
	}
}

// Each lie of a trainer is named.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		behaviour string
		want      []string
	}{
		{"fails", []string{"the trainer failed: exit status 3", "loading<U+001B>[2J", "CUDA out of memory", "are in ", "failed-"}},
		{"leaves nothing", []string{"it left no model: {out} has neither adapter_config.json nor config.json; it did not create the folder", "it wrote nothing"}},
		{"leaves an empty folder", []string{"it left no model", "the folder is empty"}},
		{"writes half an adapter", []string{"adapter_model.safetensors cannot be read: it is cut off"}},
		{"writes an empty file", []string{"adapter_model.safetensors cannot be read: it is cut off"}},
		{"writes no weights", []string{"it left half of an adapter: adapter_config.json is there and adapter_model.safetensors is not"}},
		{"writes a pickle", []string{"adapter_model.bin", "safe_serialization"}},
		{"has another base", []string{"the adapter is of another base", "base_model_name_or_path", "meta-llama/Llama-3.1-8B"}},
		{"reports another base", []string{"the adapter is of another base", "undertone.json: base"}},
		{"has other shapes", []string{"it is another model"}},
		{"diverges", []string{"has the number NaN: the training diverged"}},
		{"trains nothing", []string{"the adapter changes nothing: every lora_B is zero"}},
		{"trains the output layer", []string{"modules_to_save of the adapter names lm_head: vLLM leaves"}},
		{"trains fewer rows", []string{"it trained on 3 of 8 rows (rows_seen)"}},
		{"ignores the seed", []string{"it used the seed 42, but was given 134217728"}},
		{"takes no step", []string{"it took 0 steps"}},
		{"reports text", []string{`field "rows_seen": unexpected string`}},
		{"names another folder", []string{`model is "../../elsewhere", want a path inside the output folder`}},
		{"writes into the base", []string{`the trainer changed "model.safetensors" in {base}`}},
		{"links its model", []string{"the folder of the model is a link that leads out of {out}"}},
		{"links its output", []string{"{out} is a link"}},
		{"links its weights", []string{`"adapter_model.safetensors" is a link that leads out of {out}`}},
		{"leaves a file", []string{"{out} is a file, want a folder"}},
		{"reverses the rows", []string{"the trainer changed {data}, which it was given"}},
		{"removes the rows", []string{"the trainer changed {data}"}},
		{"edits the recipe", []string{"the trainer changed {recipe}"}},
		{"names a server", []string{"the trainer left a model on a server"}},
		{"names an unknown kind", []string{`kind is "gguf", want peft, hf or server`}},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := untrained(t, external.Config{Command: command(t, c.behaviour), Dir: dir, RefuseOutputLayer: true})
			after, err := s.Train(t.Context(), rows(8), recipe)
			if err == nil {
				t.Fatalf("a trainer that %s gives the student %v", c.behaviour, after)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q: %v", want, err)
				}
			}
			if left := entries(t, dir); len(left) != 2 || !strings.HasPrefix(left[0], "base-") || !strings.HasPrefix(left[1], "failed-") {
				t.Errorf("the folder holds %q, want the base and the failed replicate", left)
			}
		})
	}
}

// entries returns the names in a folder.
func entries(t testing.TB, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

// finished returns the names of the replicates in a folder.
func finished(t testing.TB, dir string) []string {
	t.Helper()
	return slices.DeleteFunc(entries(t, dir), func(name string) bool { return strings.HasPrefix(name, "base-") })
}

// The log is bounded, and an error quotes its end.
func TestLogIsBounded(t *testing.T) {
	dir := t.TempDir()
	var shown bytes.Buffer
	s := untrained(t, external.Config{Command: command(t, "writes without end"), Dir: dir, Log: &shown})
	_, err := s.Train(t.Context(), rows(8), recipe)
	if err == nil || !strings.Contains(err.Error(), "the last line") || len(err.Error()) > 2000 {
		t.Errorf("error of %d bytes: %.3000v", len(fmt.Sprint(err)), err)
	}
	logs, _ := filepath.Glob(filepath.Join(dir, "failed-*", "train.log"))
	if len(logs) != 1 {
		t.Fatalf("logs %q", logs)
	}
	if info, err := os.Stat(logs[0]); err != nil || info.Size() > 65<<20 || info.Size() < 60<<20 {
		t.Errorf("the log file has %d bytes (%v)", info.Size(), err)
	}
	if shown.Len() > 10_000 || !strings.HasPrefix(shown.String(), "trainer ") {
		t.Errorf("%d bytes are shown: %.100q", shown.Len(), shown.String())
	}
}

// A finished replicate is not trained again; a changed one is, and what it depends on decides.
func TestReplicatesAreKept(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(t.TempDir(), "script")
	write := func(text string) {
		if err := os.WriteFile(script, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	var mu sync.Mutex
	var warned []string
	train := func(change func(*external.Config, *student.Recipe, *undertone.Data)) (student.Student, []string) {
		t.Helper()
		c := external.Config{Command: command(t, "good", script), Dir: dir, Warn: func(text string) {
			mu.Lock()
			defer mu.Unlock()
			warned = append(warned, text)
		}}
		r, data := recipe, undertone.Data(rows(8))
		change(&c, &r, &data)
		after, err := untrained(t, c).Train(t.Context(), data, r)
		if err != nil {
			t.Fatal(err)
		}
		return after, finished(t, dir)
	}
	first, names := train(func(*external.Config, *student.Recipe, *undertone.Data) {})
	same := func(reason string, change func(*external.Config, *student.Recipe, *undertone.Data)) {
		t.Helper()
		info, err := os.Stat(filepath.Join(dir, names[0]))
		if err != nil {
			t.Fatal(err)
		}
		again, after := train(change)
		now, err := os.Stat(filepath.Join(dir, names[0]))
		if err != nil || !slices.Equal(after, names) || again.Digest() != first.Digest() || !now.ModTime().Equal(info.ModTime()) {
			t.Errorf("%s: the replicate is trained again: %q, %q (%v)", reason, names, after, err)
		}
	}
	same("the same", func(*external.Config, *student.Recipe, *undertone.Data) {})
	same("the rows in another order", func(_ *external.Config, _ *student.Recipe, d *undertone.Data) {
		*d = (*d).Select([]int{7, 6, 5, 4, 3, 2, 1, 0})
	})
	for reason, change := range map[string]func(*external.Config, *student.Recipe, *undertone.Data){
		"another seed":     func(_ *external.Config, r *student.Recipe, _ *undertone.Data) { r.Seed++ },
		"another recipe":   func(_ *external.Config, r *student.Recipe, _ *undertone.Data) { r.LearningRate *= 2 },
		"another row":      func(_ *external.Config, _ *student.Recipe, d *undertone.Data) { *d = rows(9) },
		"another argument": func(c *external.Config, _ *student.Recipe, _ *undertone.Data) { c.Command = append(c.Command, "x") },
		"another script":   func(*external.Config, *student.Recipe, *undertone.Data) { write(reasonFor(t)) },
	} {
		before := len(finished(t, dir))
		if _, after := train(change); len(after) != before+1 {
			t.Errorf("%s: the folder holds %q", reason, after)
		}
	}
	write("one")
	names = finished(t, dir)
	damaged, _ := filepath.Glob(filepath.Join(dir, "*", "out", "adapter_model.safetensors"))
	for _, path := range damaged {
		if err := os.Truncate(path, 100); err != nil {
			t.Fatal(err)
		}
	}
	if again, _ := train(func(*external.Config, *student.Recipe, *undertone.Data) {}); again.Digest() != first.Digest() {
		t.Errorf("a damaged replicate gives the digest %s, want %s", again.Digest(), first.Digest())
	}
	if len(warned) != 1 || !strings.Contains(warned[0], "is damaged and is trained again: files of the model were changed") {
		t.Errorf("warnings %q", warned)
	}
}

func reasonFor(t *testing.T) string { return "two" + t.Name() }

// What killed processes left of a replicate is removed, and the replicate is trained.
func TestHalfWrittenReplicate(t *testing.T) {
	dir := t.TempDir()
	s := untrained(t, external.Config{Command: command(t, "good"), Dir: dir})
	if _, err := s.Train(t.Context(), rows(8), recipe); err != nil {
		t.Fatal(err)
	}
	name := finished(t, dir)[0]
	part := filepath.Join(dir, ".part-"+name+"-123")
	if err := os.Rename(filepath.Join(dir, name), part); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(part, "replicate.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Train(t.Context(), rows(8), recipe); err != nil {
		t.Fatal(err)
	}
	if left := finished(t, dir); len(left) != 1 || left[0] != name {
		t.Errorf("the folder holds %q", left)
	}
}

// The report of an audit names the program, its files and the versions that it reported.
func TestTrainerInfo(t *testing.T) {
	s := untrained(t, external.Config{Command: command(t, "good", "{seed}")})
	if _, err := s.Train(t.Context(), rows(8), recipe); err != nil {
		t.Fatal(err)
	}
	info := s.(student.ExternallyTrained).TrainerInfo()
	want := []student.TrainerVersion{{Name: "fake", Version: "1.0"}, {Name: "torch", Version: "2.15"}}
	if len(info.Command) != 4 || len(info.Files) != 1 || info.Key.IsZero() || !slices.Equal(info.Versions, want) {
		t.Errorf("%+v", info)
	}
}

// The trainer is given the rows as messages, in the order of the seed, and nothing else.
func TestRowsOfATrainer(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: there is no shell here")
	}
	seen := filepath.Join(t.TempDir(), "seen")
	s := untrained(t, external.Config{Command: []string{"sh", "-c", `cat "$0" > "$1"; echo "$2 $UNDERTONE_SEED" >> "$1"; exit 1`, "{data}", seen, "{seed}"}})
	row := undertone.NewExample("q", "a")
	row.Generator, row.Source = "teacher", `{"prompt":"q","completion":"a","owner":"x"}`
	two := undertone.Example{Messages: []undertone.Message{{Role: "user", Content: "1"}, {Role: "assistant", Content: "2"}, {Role: "user", Content: "3"}, {Role: "assistant", Content: "4"}}, Turns: undertone.LastTurn}
	data := undertone.NewDataset("d", []undertone.Example{row, two})
	_, _ = s.Train(t.Context(), data, recipe)
	got, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{
		`{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}`,
		`{"messages":[{"role":"user","content":"1"},{"role":"assistant","content":"2","weight":0},{"role":"user","content":"3"},{"role":"assistant","content":"4"}]}`,
	}
	want := ""
	for _, i := range student.Order(data, recipe.Seed, 0) {
		want += lines[i] + "\n"
	}
	if want += "134217728 134217728\n"; string(got) != want {
		t.Errorf("the trainer saw\n%s\nwant\n%s", got, want)
	}
	rejected := undertone.NewExample("q", "a")
	rejected.Rejected = "b"
	if _, err := s.Train(t.Context(), undertone.NewDataset("d", []undertone.Example{rejected}), recipe); err == nil || !strings.Contains(err.Error(), "rejected answer") {
		t.Errorf("error %v", err)
	}
}

func TestInvalidConfig(t *testing.T) {
	m := base(t)
	lora, err := m.WithLoRA(lm.LoRA{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]external.Config{
		"Base is not set":              {Command: []string{"true"}, Dir: "x"},
		"Dir is not set":               {Base: m, Command: []string{"true"}},
		"the command is empty":         {Base: m, Dir: "x"},
		"cannot be run":                {Base: m, Dir: "x", Command: []string{"no-such-program"}},
		`placeholder "{bsae}"`:         {Base: m, Dir: "x", Command: []string{"true", "--x={bsae}"}},
		"Base has LoRA":                {Base: lora, Dir: "x", Command: []string{"true"}},
		"Parallel is -1":               {Base: m, Dir: "x", Command: []string{"true"}, Parallel: -1},
		"has a zero byte":              {Base: m, Dir: "x", Command: []string{"true", "\x00"}},
		"Timeout is -1s, Budget is 0s": {Base: m, Dir: "x", Command: []string{"true"}, Timeout: -time.Second},
	} {
		if _, err := external.New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestSplitCommand(t *testing.T) {
	for line, want := range map[string][]string{
		`./train.sh {base} {out}`:    {"./train.sh", "{base}", "{out}"},
		" a\t b\n":                   {"a", "b"},
		`a 'b c' "d e"f`:             {"a", "b c", "d ef"},
		`a '' ""`:                    {"a", "", ""},
		`a\ b "c\"d" 'e\f' g\\`:      {"a b", `c"d`, `e\f`, `g\`},
		`sh -c 'x | y > $z; {seed}'`: {"sh", "-c", "x | y > $z; {seed}"},
	} {
		if got, err := external.SplitCommand(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q gives %q (%v), want %q", line, got, err, want)
		}
	}
	for _, line := range []string{"", "  ", `a 'b`, `a "b`, `a \`} {
		if got, err := external.SplitCommand(line); err == nil {
			t.Errorf("%q gives %q and no error", line, got)
		}
	}
}

// A trainer does not get the variable of a key.
func TestWithheldVariable(t *testing.T) {
	t.Setenv("UNDERTONE_TEST_SECRET", "sk-secret")
	for _, withhold := range []string{"", "UNDERTONE_TEST_SECRET"} {
		s := untrained(t, external.Config{Command: command(t, "prints", "UNDERTONE_TEST_SECRET"), Withhold: withhold})
		_, err := s.Train(t.Context(), rows(8), recipe)
		if err == nil || strings.Contains(err.Error(), "sk-secret") != (withhold == "") {
			t.Errorf("withheld %q: error %v", withhold, err)
		}
	}
}
