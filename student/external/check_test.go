package external_test

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/external"
)

// Each check is passed by a trainer, and not by another.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		behaviour string
		served    bool // no model is loaded
		status    external.Status
		want      []string // "status name: part of the statement"
	}{
		{"good", false, external.Passed, []string{
			"passed training: five trainings ended", "passed rows: 16 of 16 rows", "passed steps: 3 steps", "passed loss: falls from",
			"passed repeat: bit for bit", "passed seed: another seed", "passed output layer: does not train",
		}},
		{"fails", false, external.Failed, []string{"failed training: run 1: the trainer failed: exit status 3"}},
		{"trains fewer rows", false, external.Failed, []string{"failed training: it trained on 3 of 16 rows"}},
		{"ignores the seed", false, external.Failed, []string{"failed training: it used the seed 42, but was given 1"}},
		{"has one seed", false, external.Failed, []string{"failed seed: all replicates would be one student", "passed repeat: "}},
		{"knows the order only", false, external.Caveat, []string{"caveat seed: the order of the rows only", "passed repeat: "}},
		{"differs each time", false, external.Caveat, []string{"caveat repeat: other weights: they differ by", "caveat repeat: nats per row", "passed seed: "}},
		{"reports nothing", false, external.Caveat, []string{`caveat rows: no "rows_seen"`, `caveat steps: no "steps"`, "passed loss: "}},
		{"packs", false, external.Failed, []string{"failed steps: switch packing off"}},
		{"makes it worse", false, external.Failed, []string{"failed loss: does not fall"}},
		{"trains the output layer", true, external.Failed, []string{"failed training: modules_to_save of the adapter names lm_head"}},
		{"good", true, external.Passed, []string{"not checked loss: ", "passed output layer: which vLLM would leave out", "passed seed: "}},
		{"reports losses", true, external.Passed, []string{"passed loss: the trainer reports a loss that falls from 3.5000 to 2.5000"}},
	} {
		t.Run(c.behaviour, func(t *testing.T) {
			t.Parallel()
			cfg := external.Config{Command: command(t, c.behaviour), Dir: t.TempDir()}
			if c.served {
				cfg.BasePath, cfg.RefuseOutputLayer = saved(t), true
			} else {
				cfg.Base = base(t)
			}
			report, err := external.Check(t.Context(), cfg, rows(16), student.Recipe{BatchSize: 4, LearningRate: 1e-2})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, k := range report.Checks {
				got = append(got, string(k.Status)+" "+k.Name+": "+k.Statement)
			}
			for _, want := range c.want {
				name, part, _ := strings.Cut(want, ": ")
				found := false
				for _, line := range got {
					found = found || strings.HasPrefix(line, name+": ") && strings.Contains(line, part)
				}
				if !found {
					t.Errorf("no check is %q:\n%s", want, strings.Join(got, "\n"))
				}
			}
			if report.Status() != c.status {
				t.Errorf("the status is %s, want %s:\n%s", report.Status(), c.status, strings.Join(got, "\n"))
			}
		})
	}
}

// saved writes the base to a folder.
func saved(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := base(t).Save(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestCheckNeedsABase(t *testing.T) {
	if _, err := external.Check(t.Context(), external.Config{Command: command(t, "good"), Dir: t.TempDir()}, rows(16), student.Recipe{}); err == nil {
		t.Error("a check without a base gives no error")
	}
	if _, err := external.Check(t.Context(), external.Config{Base: base(t), Command: []string{"no-such-program"}, Dir: t.TempDir()}, rows(16), student.Recipe{}); err == nil {
		t.Error("a check of a program that does not exist gives no error")
	}
}
