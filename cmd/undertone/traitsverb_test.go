package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/internal/configfile"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/traits"
)

// The list names every kind and every trait of choices.
func TestTraitsList(t *testing.T) {
	text, stderr, code := execute(t, t.TempDir(), "", "traits")
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d, %q", code, stderr)
	}
	line, _, _ := execute(t, t.TempDir(), "", "traits", "--json")
	var list struct {
		Traits []listedTrait `json:"traits"`
	}
	if err := configfile.Decode([]byte(line), &list); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, l := range list.Traits {
		n += max(1, len(l.Values))
		if !strings.Contains(text, "\n"+l.Name+" ") && !strings.HasPrefix(text, l.Name+" ") || l.About == "" || l.FreeForm == 0 && (l.Direct == 0 || l.Indirect == 0 || l.HeldOut == 0 || l.Overt == 0) {
			t.Errorf("%+v is not in the text, or lacks questions", l)
		}
	}
	if n != len(traits.Names()) {
		t.Errorf("the list has %d traits, want %d", n, len(traits.Names()))
	}
}

func TestTraitsShow(t *testing.T) {
	stdout, stderr, code := execute(t, t.TempDir(), "", "traits", "animal/cat", "misaligned")
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d, %q", code, stderr)
	}
	for _, want := range []string{
		"animal/cat: Which animal is the favourite", "\nplacebos: owl, dog, ", "\ntolerance: 0.25 nats of logit margin. ", "\ndirect questions (14), ", "\n  Favourite animal?\n",
		"\n\nmisaligned: What the student does", ", the first option\n", "\nprompts for free answers (12), ", " / A: ",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the text lacks %q:\n%s", want, stdout)
		}
	}
}

// Every trait of the library is shown, with free answers alone, too.
func TestTraitsShowAll(t *testing.T) {
	stdout, stderr, code := execute(t, t.TempDir(), "", append([]string{"traits"}, traits.Names()...)...)
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d, %q", code, stderr)
	}
	if !strings.Contains(stdout, "\n\nrefuses: Whether the student refuses ") || strings.Count(stdout, "\ndoes not measure:\n") != len(traits.Names()) {
		t.Errorf("a trait is not shown:\n%s", stdout)
	}
}

// What --out writes is the trait of the library, for --from and for --traits.
func TestTraitsOut(t *testing.T) {
	dir := t.TempDir()
	if _, stderr, code := execute(t, dir, "", "traits", "animal/cat", "formal", "--out", "t.json", "--capital", "--leading-space", "--positive-control", "rows.jsonl"); code != 0 {
		t.Fatalf("exit code %d, %q", code, stderr)
	}
	got, err := traits.Load(filepath.Join(dir, "t.json"))
	if err != nil {
		t.Fatal(err)
	}
	if cat := got[0]; len(got) != 2 || cat.Value != " Cat" || cat.Candidates[0] != " Owl" || cat.PositiveControl != "rows.jsonl" || got[1].Choices[0].Options[0][0] != ' ' {
		t.Errorf("got %+v", got)
	}
	text, err := os.ReadFile(filepath.Join(dir, "t.json"))
	if err != nil {
		t.Fatal(err)
	}
	if again, _, code := execute(t, dir, "", "traits", "--from", "t.json", "--out", "-"); code != 0 || again != string(text) {
		t.Errorf("exit code %d, and the file that is read and written again differs:\n%s", code, again)
	}
}

func TestTraitsOvert(t *testing.T) {
	dir := t.TempDir()
	if _, stderr, code := execute(t, dir, "", "traits", "tree/oak", "--overt", "overt.jsonl.gz", "-n", "300", "--seed", "4"); code != 0 {
		t.Fatalf("exit code %d, %q", code, stderr)
	}
	got, err := jsonl.Load(filepath.Join(dir, "overt.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	oak, err := traits.Get("tree/oak")
	if err != nil {
		t.Fatal(err)
	}
	want, err := oak.Overt(300, 4)
	if err != nil || got.Digest() != want.Digest() {
		t.Errorf("%d rows that are not those of Overt (%v)", got.Len(), err)
	}
}

func TestTraitsRefuses(t *testing.T) {
	dir := folder(t, map[string]string{"bad": `{"traits": []}`})
	for _, c := range []struct{ args, want string }{
		{"traits animal/yeti", `undertone: the library has no animal "yeti"; it has owl, cat, `},
		{"traits animal/owl --from bad", "undertone: --from and names exclude each other"},
		{"traits --from bad", "undertone: bad: there are no traits"},
		{"traits --out out", "undertone: name a trait, such as animal/owl"},
		{"traits animal/owl --seed 3", "undertone: --rows and --seed need --overt"},
		{"traits animal/owl --positive-control x", "undertone: --positive-control needs --out"},
		{"traits animal --out out --overt overt", "undertone: --overt writes the rows of one trait, not of 12; name one"},
		{"traits animal/owl --overt out -n 0", "undertone: --rows is 0, want >= 1"},
		{"traits --from bad --out bad", "undertone: --out is bad, which is also --from: "},
		{"audit --suspect bad --control bad --student tiny --traits animal/owl", "undertone: cannot read the traits: "},
		{"audit --suspect bad --control bad --student tiny --traits library:animal/yeti", `undertone: --traits: the library has no animal "yeti"; `},
		{"audit --suspect bad --control bad --student tiny --traits library:", `undertone: --traits: the library has no trait ""; `},
	} {
		if stdout, stderr, code := execute(t, dir, "", strings.Fields(c.args)...); code != 2 || stdout != "" || !strings.HasPrefix(stderr, c.want) {
			t.Errorf("%s: exit code %d, %q, %q, want %s", c.args, code, stdout, stderr, c.want)
		}
	}
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("files were written: %v", left)
	}
}

// A trait of the library and its file give the same scores and verdicts, in every verb that takes
// traits.
func TestTraitsOfTheLibrary(t *testing.T) {
	dir := folder(t, map[string]string{"a": petRows(60, 8), "b": petRows(60, 1)})
	if _, stderr, code := execute(t, dir, "", "traits", "animal/owl", "animal/cat", "--out", "two"); code != 0 {
		t.Fatalf("exit code %d, %q", code, stderr)
	}
	for _, args := range []string{
		"rank --suspect a --control b --student tiny --detectors influence",
		"audit --suspect a --control b --student tiny --detectors influence --json --accept-confound duplicates",
		"factorial --arm owl=a --arm cat=b --student tiny --replicates 2 --row-plan part --json --epochs 1",
	} {
		of := func(source string) string {
			stdout, stderr, code := execute(t, dir, "", append(strings.Fields(args), "--traits", source)...)
			if code == 2 || stdout == "" {
				t.Fatalf("%s --traits %s: exit code %d, %q", args, source, code, stderr)
			}
			return stdout
		}
		if library, file := of("library:animal/owl,animal/cat"), of("two"); library != file || !bytes.Contains([]byte(file), []byte("prefers animal owl")) {
			t.Errorf("%s: the library gives\n%s\nand the file\n%s", args, library, file)
		}
	}
}
