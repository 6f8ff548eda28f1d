package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance"
)

// documentedPipeline returns the commands and the policy of the section "A pipeline" of
// docs/provenance.md.
func documentedPipeline(t *testing.T) (commands []string, policy string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/provenance.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## A pipeline\n")
	section, _, _ = strings.Cut(section, "\n##") // the next section, or what other commands give
	_, policy, _ = strings.Cut(section, "```json\n")
	policy, _, _ = strings.Cut(policy, "```")
	return documentedCommands(section), policy
}

// pipelineKills says before which steps of writing which files a command of the pipeline is killed.
var pipelineKills = map[string][]string{
	"train":    {"create:teacher.undertone.json"},
	"generate": {"rename:raw.jsonl", "create:raw.jsonl.undertone.json", "rename:raw.jsonl.undertone.json"},
	"filter":   {"rename:kept.jsonl", "write:kept.jsonl.undertone.json"},
	"sanitise": {"rename:suspect.jsonl.undertone.json"},
	"audit":    {"rename:suspect.jsonl.undertone.json"},
	"attest":   {"rename:made.intoto.json", "rename:verdict.intoto.json"},
}

// smaller returns a command with fewer rows, and an audit with fewer students.
func smaller(line string) string {
	line = regexp.MustCompile(`--rows \d+`).ReplaceAllString(line, "--rows 120")
	if strings.HasPrefix(line, "audit ") {
		line += " --replicates 2 --whole 2"
	}
	return line
}

// The commands of the documentation lead from a model to the gate, in processes of their own, with
// fewer rows. A command that is killed leaves no manifest that lies, and the same command then
// completes. With so few rows the audit is inconclusive, and the gate refuses the rows for nothing
// else.
func TestDocumentedPipeline(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: what a killed process leaves stays here")
	}
	commands, policy := documentedPipeline(t)
	dir := t.TempDir()
	kills := 0
	ran := map[string]bool{}
	for _, line := range commands {
		line = smaller(line)
		args := shellWords(line)
		ran[args[0]] = true
		for _, step := range pipelineKills[args[0]] {
			_, file, _ := strings.Cut(step, ":")
			if written := strings.TrimSuffix(file, provenance.Suffix); !slices.Contains(args, written) {
				continue // another command of this verb
			}
			killAt(t, dir, line, step)
			kills++
			for _, out := range []string{"teacher", "raw.jsonl", "kept.jsonl", "suspect.jsonl", "control.jsonl"} {
				checkNoLie(t, dir, out, line+", killed before "+step)
			}
		}
		stdout, stderr, code := execute(t, dir, "", args...)
		switch args[0] {
		case "keygen":
			policy = regexp.MustCompile(`sha256:[0-9a-f]{64}`).ReplaceAllString(policy, regexp.MustCompile(`sha256:[0-9a-f]{64}`).FindString(stdout))
			if err := os.WriteFile(filepath.Join(dir, "policy.json"), []byte(policy), 0o600); err != nil {
				t.Fatal(err)
			}
		case "audit":
			if code != int(inconclusive) {
				t.Fatalf("%s: exit code %d: %s%s", line, code, stdout, stderr)
			}
			continue
		case "verify":
			checkGate(t, dir, append(args, "--json"))
			continue
		}
		if code != 0 {
			t.Fatalf("%s: exit code %d: %s", line, code, stderr)
		}
	}
	for _, verb := range []string{"train", "generate", "filter", "sanitise", "trace", "audit", "attest", "verify"} {
		if !ran[verb] {
			t.Errorf("the pipeline has no command %q", verb)
		}
	}
	if kills != 10 {
		t.Errorf("commands were killed %d times, want 10", kills)
	}
}

// checkGate fails the test unless the gate refuses the rows because the audit is inconclusive, and
// for nothing else.
func checkGate(t *testing.T, dir string, args []string) {
	t.Helper()
	stdout, stderr, code := execute(t, dir, "", args...)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	var r checkedData
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil || code != int(detected) {
		t.Fatalf("verify: exit code %d, %v: %s%s", code, err, stdout, stderr)
	}
	for _, x := range r.Refusals {
		if x.Rule != provenance.RuleAuditVerdicts && x.Rule != provenance.RuleAuditLimit {
			t.Errorf("refused by %v", x)
		}
	}
}
