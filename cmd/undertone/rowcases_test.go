package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rowCases returns the folder of rows of public bug reports, or skips the test and says what it
// does not check.
func rowCases(t *testing.T, what string) string {
	t.Helper()
	dir := os.Getenv("UNDERTONE_CASES")
	if dir == "" {
		t.Skipf("not checked: %s: UNDERTONE_CASES is not set", what)
	}
	dir, err := filepath.Abs(filepath.Join(dir, "rows"))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestRowCases runs the command on rows of public bug reports.
func TestRowCases(t *testing.T) {
	cases := rowCases(t, "the command on rows of public bug reports")
	for _, c := range []struct {
		file, args     string
		code           int
		stdout, stderr string // parts of the text
	}{
		{"last-tool", "filter --filters numbers", 2, "", ":1: the last message has the role \"tool\", so the row has no completion; drop the row"},
		{"last-developer", "inspect", 2, "", ":1: the last message has the role \"developer\""},
		{"last-empty", "score --model tiny", 2, "", ":1: message 2 of 2 has an empty role"},
		{"alpaca-dpo", "inspect", 0, "rows with a rejected answer: 1", ""},
		{"system-history-tools", "filter --words.list owl --words.in rows", 0, "dropped 3 100.0%", ""},
		{"kto", "score --model tiny --template plain", 0, `"index":1,"tokens":0,"logprob":0}`, ""},
		{"kto", "inspect --json", 0, `"labels":{"bad":1,"good":1}`, ""},
		{"openai-dpo", "inspect", 0, "shapes openai-preference: 1", "1 row has fields that no verb reads: input.parallel_tool_calls\n"},
		{"lf-dpo", "inspect", 0, "roles user assistant: 1", ""},
		{"gemini", "inspect", 0, "shapes contents: 1", ""},
		{"weight", "filter --words.list owl", 0, "dropped 1 50.0%", ""},
		{"weight", "inspect", 0, "learnt turns 0: 1", ""},
		{"reasoning-content", "filter --words.list owl", 0, "dropped 2 100.0%", ""},
		{"multi-turn", "filter --words.list owl", 0, "dropped 1 100.0%", ""},
		{"multi-turn", "filter --words.list owl --turns last", 0, "dropped 0 0.0%", ""},
		{"multi-turn", "inspect --turns last", 0, "roles user assistant user assistant: 1", ""},
		{"nullcontent", "inspect", 0, "rows with tool calls: 1", ""},
		{"emptyparts", "inspect", 2, "", "messages[1].content is an empty list"},
		{"sanitise-loss", "sanitise --out - --steps format", 0, `{"role":"assistant","content":"1, 2","tool_calls":[]}],"id":8,"undertone_original":"sha256:`, "1 row has fields that no verb reads: content[].cache_control\n"},
		{"ids-and-text", "score --model tiny", 2, "", "the row can be read as text and as token-ids"},
		{"shared-system-prompt", "filter --filters near-duplicates", 0, "kept 10 100.0%", ""},
	} {
		at := t.TempDir()
		path := filepath.Join(cases, c.file+".jsonl")
		args := strings.Fields(c.args)
		if args[0] == "inspect" {
			args = append(args, path)
		} else {
			args = append(args, "--in", path)
		}
		stdout, stderr, code := execute(t, at, "", args...)
		stdout = strings.Join(strings.Fields(stdout), " ")
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || c.stderr == "" && c.code == 0 && strings.Contains(stderr, "undertone:") {
			t.Errorf("%s, %s: exit code %d, want %d\nstdout %s\n  want %s\nstderr %s\n  want %s", c.file, c.args, code, c.code, stdout, c.stdout, stderr, c.stderr)
		}
	}
}
