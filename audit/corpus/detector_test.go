package corpus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/corpus"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// numbers returns rows of five numbers each, all below bound.
func numbers(name string, seed uint64, bound int) *undertone.Dataset {
	rng := rand.New(rand.NewPCG(seed, 0))
	rows := make([]undertone.Example, 300)
	for i := range rows {
		var list []string
		for range 5 {
			list = append(list, fmt.Sprint(rng.IntN(bound)))
		}
		rows[i] = undertone.NewExample(fmt.Sprintf("prompt %d", i), strings.Join(list, ", "))
	}
	return undertone.NewDataset(name, rows)
}

// world is an audit of rows without a trait.
func world() audit.Config {
	trait := audit.Prefers("animal", "owl", "owl", "cat", "dog", "fox", "wolf")
	trait.PositiveControl = fake.Rows("planted", 240, 240, "owl")
	return audit.Config{
		Student: fake.Student{Slope: 1, Noise: 0.05, Shared: 1},
		Traits:  []audit.Trait{trait}, Design: audit.Design{Replicates: 6, Dose: 0.5, Seed: 1},
	}
}

func run(t testing.TB, cfg audit.Config) *audit.Report {
	t.Helper()
	report, err := audit.Run(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

type notText struct{ undertone.Data }

func (d notText) Select(rows []int) undertone.Data { return notText{d.Data.Select(rows)} }

// White space around the completions of one arm is a difference of layout, not of content.
func TestSpaceIsLayout(t *testing.T) {
	control, plain := numbers("control", 1, 1000), numbers("suspect", 2, 1000)
	rows := make([]undertone.Example, plain.Len())
	for i := range rows {
		rows[i] = undertone.NewExample(plain.Example(i).Prompt(), plain.Example(i).Completion()+"\n")
	}
	for _, suspect := range []*undertone.Dataset{plain, undertone.NewDataset("suspect with line feeds", rows)} {
		r, err := corpus.Compare(t.Context(), suspect, control, corpus.Config{Permutations: 199})
		if err != nil {
			t.Fatal(err)
		}
		if r.Content.P.P <= 0.05 || r.Content.Bag.Area > 0.6 {
			t.Errorf("%s: content AUROC %v, p %s, want no difference", suspect.Name(), r.Content.Bag, r.Content.P)
		}
		if differs := r.Layout.P.P <= 0.05; differs != (suspect != plain) {
			t.Errorf("%s: layout p %s", suspect.Name(), r.Layout.P)
		}
	}
}

// The corpus detector reports that the arms differ, and gives no verdict.
func TestCorpusIsEvidence(t *testing.T) {
	cfg := world()
	cfg.Detectors = []audit.Detector{corpus.Detector(corpus.Config{Permutations: 199}), audit.Transfer}
	cfg.AcceptConfounds = []string{"lengths"} // numbers of fewer digits
	cfg.Control = numbers("control", 1, 1000)
	cfg.Suspect = numbers("suspect", 2, 300)
	r := run(t, cfg)
	e := r.Evidence[0]
	if !e.Differ || e.Value < 0.9 || e.P.P > 0.05 || len(e.Top) != 10 || e.Top[0].Row != cfg.Suspect.RowID(e.Top[0].Index) {
		t.Errorf("evidence %+v", e)
	}
	if r.Verdict != audit.Undetected || len(r.Warnings) != 2 || !strings.HasPrefix(r.Warnings[1], "corpus: ") || len(r.Findings) != 1 {
		t.Errorf("%s, warnings %q", r.Verdict, r.Warnings)
	}
	if !r.Verify() || r.Digest != run(t, cfg).Digest {
		t.Error("the report does not verify, or is another one the second time")
	}
	cfg.Suspect = numbers("suspect", 3, 1000)
	if r := run(t, cfg); r.Evidence[0].Differ || len(r.Warnings) != 0 {
		t.Errorf("rows of one source: %+v, warnings %q", r.Evidence[0], r.Warnings)
	}
	cfg.Suspect, cfg.Control = cfg.Suspect.Select([]int{1, 2}), cfg.Control.Select([]int{1, 2})
	cfg.Detectors = cfg.Detectors[:1]
	if e := run(t, cfg).Evidence[0]; e.Differ || e.P.P != 1 || !strings.Contains(e.Statement, "needs at least") {
		t.Errorf("two rows: %+v", e)
	}
	cfg.Suspect = notText{cfg.Suspect}
	if _, err := audit.Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), `detector "corpus": data set`) {
		t.Errorf("error %v", err)
	}
}

// Rows that the audit groups by a field are clusters of the detector, too.
func TestDetectorClustersLikeTheAudit(t *testing.T) {
	cfg := world()
	scenes := func(d *undertone.Dataset) *undertone.Dataset {
		rows := make([]undertone.Example, d.Len())
		for i, e := range d.All() {
			rows[i] = e
			rows[i].Meta = map[string]json.RawMessage{"scene": json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(d.Name(), i/5)))}
		}
		return undertone.NewDataset(d.Name(), rows)
	}
	cfg.Suspect, cfg.Control = scenes(numbers("suspect", 2, 1000)), scenes(numbers("control", 1, 1000))
	cfg.Detectors = []audit.Detector{corpus.Detector(corpus.Config{Permutations: 99, Repeats: 1}), audit.Transfer}
	cfg.ClusterBy = "scene"
	if w := strings.Join(run(t, cfg).Evidence[0].Warnings, "; "); !strings.Contains(w, "60 suspect and 60 control clusters of the 600 rows") {
		t.Errorf("warnings %q", w)
	}
}
