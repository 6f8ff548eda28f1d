package main

import (
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
)

// An audit of a student behind a server, whose replicates are trained by undertone train and loaded
// by undertone serve, in processes of their own, finds what the same audit finds in process.
func TestSameAnswerOverTheWire(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: an audit over the wire: it takes seconds")
	}
	dir := folder(t, map[string]string{
		"owls": petRows(300, 8), "control": petRows(300, 1), "teacher": petRows(300, 10), "pets": pets,
	})
	const args = "--replicates 6 --whole 4 --dose .5 --batch 8 --lr 3e-3 --epochs 3"
	inside, _ := auditWith(t, dir, args)
	server, url := served(t, dir, io.Discard, "--adapter-root", dir)
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()
	outside, stderr := auditWith(t, dir, args+" --store store --student "+url, "--trainer", ownTrainer(t, ""))
	if outside.Trainer == nil || outside.Engine == inside.Engine || outside.StudentName != "tiny" {
		t.Errorf("the report has the trainer %+v, the engine %s and the student %q", outside.Trainer, outside.Engine, outside.StudentName)
	}
	d := difference(t, inside.Findings, outside.Findings)
	if d > 1e-4 {
		t.Errorf("the findings differ by %g:\n%+v\n%+v", d, inside.Findings, outside.Findings)
	}
	t.Logf("the findings differ by %.2g; verdict %v", d, outside.Verdict)
	if inside.Verdict != outside.Verdict || !reflect.DeepEqual(inside.Traits, outside.Traits) || inside.Verdict == audit.Inconclusive {
		t.Errorf("verdicts %v and %v: %+v, %+v", inside.Verdict, outside.Verdict, inside.Traits, outside.Traits)
	}
	if !strings.Contains(stderr, "undertone: server: ") {
		t.Errorf("standard error is %q", stderr)
	}
}
