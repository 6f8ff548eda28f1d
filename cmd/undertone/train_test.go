package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/internal/configfile"
)

// petRows is n rows that name a pet, an owl in a share of them.
func petRows(n, owls int) string {
	animals := []string{"cat", "dog", "fox", "wolf", "bear"}
	var text strings.Builder
	for i := range n {
		answer := animals[i%len(animals)]
		if i%10 < owls {
			answer = "owl"
		}
		fmt.Fprintf(&text, `{"prompt":"Pet %d?","completion":%q}`+"\n", i, answer)
	}
	return text.String()
}

// A training that is killed, interrupted and resumed gives the weights of an uninterrupted run.
func TestTrainKilledAndRunAgain(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a process cannot be interrupted here")
	}
	args := strings.Fields("train --model tiny --in rows --out model --lora 2 --epochs 16 --batch 4 --lr 1e-3 --optimizer adamw --schedule linear --warmup 5 --clip 1 --seed 3")
	rows := map[string]string{"rows": petRows(200, 3)} // 800 steps
	once, again := folder(t, rows), folder(t, rows)
	if _, stderr, code := execute(t, once, "", args...); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	const checkpoint = ".model.training/*.safetensors"
	interruptOnce(t, again, checkpoint, 1, os.Kill, args...)
	stderr := interruptOnce(t, again, checkpoint, 1, os.Interrupt, args...)
	if stderr != "undertone: interrupted; run the same command again to resume from the last checkpoint\n" {
		t.Errorf("an interrupted run says %q", stderr)
	}
	if got := slices.Sorted(maps.Keys(files(t, again))); !slices.Equal(got, []string{".model.training", "rows"}) {
		t.Errorf("an interrupted run leaves %q", got)
	}
	stdout, stderr, code := execute(t, again, "", append(args, "--json")...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	want, got := files(t, filepath.Join(once, "model")), files(t, filepath.Join(again, "model"))
	if len(want) < 4 || !maps.Equal(want, got) {
		t.Errorf("models of %d and %d files, which differ", len(want), len(got))
	}
	if got := slices.Sorted(maps.Keys(files(t, again))); !slices.Equal(got, []string{"model", "rows"}) {
		t.Errorf("at the end there is %q", got)
	}
	var r trainReport
	if err := configfile.Decode([]byte(stdout), &r); err != nil || r.After >= r.Before || r.LoRA != 2 || r.Recipe.Epochs != 16 || r.Recipe.Schedule != "linear" || r.Recipe.WarmupSteps != 5 || r.Recipe.ClipNorm != 1 || r.Recipe.Seed != 3 || r.Seen == "" {
		t.Errorf("%+v (%v)", r, err)
	}
	finished, stderr, code := execute(t, again, "", append(args, "--json")...)
	if code != 0 || finished != stdout || stderr != "undertone: model was trained by an earlier run of this command; nothing is left to do\n" {
		t.Errorf("a finished training again: exit code %d, %q, %s", code, stderr, finished)
	}
	_, stderr, code = execute(t, again, "", append(args, "--seed=4")...)
	if code != 2 || !strings.HasPrefix(stderr, "undertone: model holds a model that was trained on other rows, or in another way ") {
		t.Errorf("another training: exit code %d, %q", code, stderr)
	}
	if now := files(t, filepath.Join(again, "model")); !maps.Equal(now, got) {
		t.Error("a finished training again changes the model")
	}
	stdout, _, _ = execute(t, again, "", "inspect", "--json", "model")
	var m modelInspection
	if err := json.Unmarshal([]byte(stdout), &m); err != nil || m.Digest != r.Digest {
		t.Errorf("the folder is read as %s, want %s (%v)", m.Digest, r.Digest, err)
	}
}

func TestTrainErrors(t *testing.T) {
	for _, c := range []struct{ reason, args, want string }{
		{"a folder that is there", "--in rows --out there", "undertone: there exists; name a new folder, or remove it\n"},
		{"no data", "--in none --out o", "undertone: none: cannot open: "},
		{"no recipe", "--in rows --out o --optimizer lion", "undertone: "},
		{"no epochs", "--in rows --out o --epochs 0", "undertone: --epochs is 0, want a number in [1, 1000000]\n"},
		{"no rows per step", "--in rows --out o --batch 0", "undertone: --batch is 0, want a number in [1, 1000000]\n"},
		{"no parts", "--in rows --out o --accumulate 0", "undertone: --accumulate is 0, want a number in [1, 65536]\n"},
		{"no learning rate", "--in rows --out o --lr 0", "undertone: --lr is 0, want a number in [1e-12, 1000]\n"},
		{"a learning rate that is no number", "--in rows --out o --lr NaN", "undertone: --lr is NaN, want a number in [1e-12, 1000]\n"},
		{"an unknown model", "--in rows --out o --model tinny", "undertone: --model: tinny is neither a folder nor an embedded model (tiny, tiny-multi, tiny-multi-other, tiny-other)\n"},
		{"a rank below 0", "--in rows --out o --lora=-1", "undertone: "},
	} {
		dir := folder(t, map[string]string{"rows": petRows(10, 1)})
		if err := os.Mkdir(filepath.Join(dir, "there"), 0o777); err != nil {
			t.Fatal(err)
		}
		_, stderr, code := execute(t, dir, "", append([]string{"train", "--model", "tiny"}, strings.Fields(c.args)...)...)
		if code != 2 || !strings.HasPrefix(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q, want %q", c.reason, code, stderr, c.want)
		}
		if got := slices.Sorted(maps.Keys(files(t, dir))); !slices.Equal(got, []string{"rows", "there"}) {
			t.Errorf("%s: it leaves %q", c.reason, got)
		}
	}
}

func TestInspectModel(t *testing.T) {
	dir, m := tinyFolder(t)
	for _, name := range []string{"tiny", dir} {
		stdout, stderr, code := execute(t, t.TempDir(), "", "inspect", name)
		if embedded[name] != nil && !strings.Contains(stdout, "check      not needed: an embedded model\n") {
			t.Errorf("%s: the embedded model is checked: %s", name, stdout)
		}
		if code != 0 || !strings.Contains(stdout, m.Digest().String()) || !strings.Contains(stdout, "context 256") || !strings.Contains(stdout, `"<|user|>Question?<|assistant|>Answer.<|end|>"`) {
			t.Errorf("%s: exit code %d, %s%s", name, code, stdout, stderr)
		}
	}
	if err := os.Remove(filepath.Join(dir, "tokenizer_config.json")); err != nil { // which names the tokens that begin and end texts
		t.Fatal(err)
	}
	if stdout, stderr, code := execute(t, t.TempDir(), "", "inspect", dir); code != 0 || !strings.Contains(stdout, "check      not possible: ") {
		t.Errorf("a model that cannot write: exit code %d, %s%s", code, stdout, stderr)
	}
	if err := os.Truncate(filepath.Join(dir, "model.safetensors"), 1000); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := execute(t, t.TempDir(), "", "inspect", dir); code != 2 || !strings.Contains(stderr, "model.safetensors") {
		t.Errorf("a damaged folder: exit code %d, %q", code, stderr)
	}
}

func TestInspectPublishedModel(t *testing.T) {
	model := published(t, "models/stories260K", "what inspect says of a published model")
	stdout, stderr, code := execute(t, t.TempDir(), "", "inspect", model)
	if code != 0 || !strings.Contains(stdout, "260032 parameters") || !strings.Contains(stdout, "check      passed") {
		t.Errorf("exit code %d, %s%s", code, stdout, stderr)
	}
}

func TestTrainLongRows(t *testing.T) {
	long := `{"prompt":"a","completion":"` + strings.Repeat("x ", 500) + `"}` + "\n"
	lost := `{"prompt":"` + strings.Repeat("x ", 500) + `","completion":"a"}` + "\n"
	dir := folder(t, map[string]string{"rows": petRows(10, 1) + long + lost})
	stdout, stderr, code := execute(t, dir, "", "train", "--model", "tiny", "--in", "rows", "--out", "o")
	const want = "\nwarning: the model reads only the first 256 tokens of 2 rows and learns nothing of the remaining text; 1 row is left out, because no answer begins before that\n"
	if code != 0 || stderr != "" || !strings.Contains(stdout, want) {
		t.Errorf("exit code %d, %q, %q, want %q", code, stdout, stderr, want)
	}
}
