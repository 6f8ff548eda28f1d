package main

import (
	"strings"
	"testing"
)

// An error names the flag that helps, or the file and what to do, and no identifier of the library.
func TestErrorsNameFlags(t *testing.T) {
	dir := folder(t, map[string]string{
		"two.jsonl":   `{"prompt":"a","completion":"1","text":"b"}` + "\n",
		"long.jsonl":  `{"text":"` + strings.Repeat("a", 17<<20) + `"}` + "\n",
		"rows.jsonl":  `{"prompt":"a","completion":"1"}` + "\n",
		"other.jsonl": `{"prompt":"a","completion":"2"}` + "\n",
		"traits.json": `{"traits":[{"kind":"animal","value":"owl","candidates":["owl","cat"]}]}`,
		"lfs.jsonl":   "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
	})
	const audit = " --suspect rows.jsonl --control other.jsonl --student tiny --traits traits.json "
	train := "train --model tiny --in rows.jsonl --out o "
	for _, c := range []struct{ args, want string }{
		{"inspect two.jsonl", "two.jsonl:1: the row can be read as completion and as text: it has \"prompt\", \"completion\", \"text\"; drop the fields that the trainer does not read, or choose a shape with --as"},
		{"score --model tiny --in two.jsonl", "drop the fields that the trainer does not read, or choose a shape with --as"},
		{"inspect long.jsonl", "long.jsonl:1: the line is longer than 16777216 bytes; write one row per line"},
		{"inspect lfs.jsonl", "lfs.jsonl: the content is a Git LFS pointer, not the rows; run git lfs pull to fetch the content"},
		{train + "--epochs=-1", "--epochs is -1, want a number in [1, 1000000]"},
		{train + "--batch=-1", "--batch is -1, want a number in [1, 1000000]"},
		{train + "--lr=-1", "--lr is -1, want a number in [1e-12, 1000]"},
		{train + "--optimizer lion", "--optimizer is \"lion\", want adam, adamw or sgd"},
		{train + "--weight-decay 1", "--weight-decay is 1, want 0, or --optimizer adamw"},
		{train + "--weight-decay=-1 --optimizer adamw", "--weight-decay is -1, want >= 0"},
		{train + "--schedule step", "--schedule is \"step\", want constant, linear or cosine"},
		{train + "--warmup=-1", "--warmup is -1, want >= 0"},
		{train + "--clip NaN", "--clip is NaN, want a number in [1e-12, 1e12]"},
		{train + "--accumulate=-1", "--accumulate is -1, want a number in [1, 65536]"},
		{train + "--lora=-1", "--lora is -1, want a number in [0, 65536]"},
		{"audit" + audit + "--optimizer lion", "--optimizer is \"lion\", want adam, adamw or sgd"},
		{"audit" + audit + "--lora=-1", "--lora is -1, want a number in [0, 65536]"},
		{"clean" + audit + "--shares 0.5,0.2", "--shares is [0.5 0.2], want rising numbers"},
		{"clean" + audit + "--share 2 --out o", "--share is 2, want a number in (0, 1)"},
		{"generate --model tiny --prompts lists --rows 1 --max-tokens=-1 --out o", "--max-tokens is -1, want >= 1"},
		{"generate --model tiny --prompts lists --rows 1 --temperature=-1 --out o", "--temperature is -1, want a number in [0, 1000]"},
	} {
		_, stderr, code := execute(t, dir, "", strings.Fields(c.args)...)
		if code != 2 || !strings.HasSuffix(stderr, c.want+"\n") || !strings.HasPrefix(stderr, "undertone: ") {
			t.Errorf("undertone %s: exit code %d\n got %swant %s", c.args, code, stderr, c.want)
		}
	}
}
