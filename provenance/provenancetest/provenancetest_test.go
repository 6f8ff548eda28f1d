package provenancetest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/provenance/provenancetest"
)

// recorder is a test that records its failure.
type recorder struct {
	testing.TB
	failed bool
	log    strings.Builder
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failed = true
	fmt.Fprintf(&r.log, format+"\n", args...)
}
func (r *recorder) Fatal(args ...any) {
	r.Errorf("%s", fmt.Sprint(args...))
	r.FailNow()
}
func (r *recorder) FailNow() {
	r.failed = true
	runtime.Goexit()
}

// run calls check with a recorder.
func run(t *testing.T, check func(testing.TB)) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		check(r)
	}()
	<-done
	return r
}

func TestRequireAllowed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "rows.jsonl"), []byte(`{"prompt":"q","completion":"a"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	g, err := provenance.TraceFile(t.Context(), os.DirFS(dir), "rows.jsonl", provenance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	evidence := provenance.Evidence{Graph: g, Reports: []provenance.Report{{
		Name: "report", Order: g.Nodes[0].Content.Rows.Order, Traits: []provenance.TestedTrait{{Trait: "owl", Verdict: "undetected"}},
	}}}
	now := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		manifest bool // is demanded
		want     string
	}{{false, ""}, {true, "refused by manifest.required: no manifest describes the rows; remedy: "}} {
		p := &provenance.Policy{Schema: provenance.PolicySchema, Manifest: &provenance.ManifestRule{Required: true}}
		if !c.manifest {
			p.Manifest, p.Audits = nil, &provenance.AuditRule{OtherStudent: true}
		}
		r := run(t, func(t testing.TB) {
			provenancetest.RequireAllowed(t, p, evidence, provenance.Model{Name: "student"}, now)
		})
		if r.failed != (c.want != "") || !strings.HasPrefix(r.log.String(), c.want) {
			t.Errorf("a manifest is demanded: %v: failed %v with %q, want %q", c.manifest, r.failed, r.log.String(), c.want)
		}
	}
	if r := run(t, func(t testing.TB) {
		provenancetest.RequireAllowed(t, nil, provenance.Evidence{Graph: g}, provenance.Model{}, now)
	}); !r.failed {
		t.Error("a test without a policy passes")
	}
}
