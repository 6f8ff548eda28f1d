package provenance

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
)

// standings returns the standing of each statement of a node.
func standings(n Node) map[string]Standing {
	all := map[string]Standing{}
	for _, s := range n.Statements {
		all[s.What] = s.Standing
	}
	return all
}

func problemKinds(g *Graph) (kinds []ProblemKind) {
	for _, p := range g.Problems {
		kinds = append(kinds, p.Kind)
	}
	return kinds
}

// An embedded model, which has no path, is a base. A model of a folder with another declared base
// is of unknown origin, unless its training is described.
func TestEmbeddedModelsAreBases(t *testing.T) {
	for path, want := range map[string][]ProblemKind{"": nil, "teacher": {UnknownOrigin}} {
		m := testModel("tiny")
		m.Base = testModel("nano").Weights
		r := Record{Path: path, Content: Content{Kind: ModelKind, Model: &m}, Parents: []Parent{}}
		w := newWorld(t)
		raw := w.raw.Subject
		raw.Parents = nil
		w.write(t, "raw.jsonl", raw, Source{Record: r, Role: GeneratorRole, Rows: 10})
		g, err := TraceFile(t.Context(), w.files, "raw.jsonl", Options{})
		if err != nil {
			t.Fatal(err)
		}
		kinds := slices.DeleteFunc(problemKinds(g), func(k ProblemKind) bool { return k == MissingFile })
		if len(g.Nodes) != 2 || !slices.Equal(kinds, want) {
			t.Errorf("path %q: %d nodes with the problems %v, want %v", path, len(g.Nodes), kinds, want)
		}
	}
}

func TestTraceFile(t *testing.T) {
	w := newWorld(t)
	g := w.trace(t, Options{})
	if len(g.Nodes) != 4 || g.Manifest != w.manifest.Digest {
		t.Fatalf("%d nodes of the manifest %s, want 4 of %s", len(g.Nodes), g.Manifest.Short(), w.manifest.Digest.Short())
	}
	var files []FileState
	for _, n := range g.Nodes {
		files = append(files, n.File)
	}
	if want := []FileState{FileVerified, FileVerified, FileUnread, FileVerified}; !slices.Equal(files, want) {
		t.Errorf("files are %v, want %v", files, want)
	}
	if e := g.Nodes[0].Edges; len(e) != 2 || e[0] != (Edge{1, RowsRole, 8, Claimed}) || e[1] != (Edge{3, RowsRole, 3, Claimed}) {
		t.Errorf("edges of the subject: %+v", e)
	}
	got := standings(g.Nodes[0])
	for what, want := range map[string]Standing{
		"bytes": Verified, "rows": Verified, "row root": Verified, "row order": Verified,
		"made by": Claimed, "step filter numbers": Claimed, "declared trait": Claimed,
	} {
		if s, there := got[what]; !there || s != want {
			t.Errorf("%q is %v (there: %v), want %v", what, s, there, want)
		}
	}
	if kinds := problemKinds(g); !slices.Equal(kinds, []ProblemKind{UnknownOrigin}) {
		t.Errorf("problems %v, want the unknown origin of more.jsonl", g.Problems)
	}
}

// A signature raises claims to signed. What is recomputed stays verified.
func TestTraceSigned(t *testing.T) {
	w := newWorld(t)
	g := w.trace(t, Options{Attestations: w.attest(signer, today, w.manifest.Digest)})
	got := standings(g.Nodes[0])
	if got["rows"] != Verified || got["made by"] != Signed || g.Nodes[0].Edges[0].Standing != Signed || !slices.Equal(g.Signers, []KeyID{signer}) {
		t.Errorf("rows %v, made by %v, signers %v", got["rows"], got["made by"], g.Signers)
	}
	h := NewByteHasher()
	_, _ = h.Write(w.files[Path("kept.jsonl")].Data)
	sum, _ := h.Sum()
	byBytes := w.trace(t, Options{Attestations: []Attestation{{Signer: signer, Subjects: []undertone.Digest{sum}}}})
	if standings(byBytes.Nodes[0])["made by"] != Signed {
		t.Error("an attestation of the bytes of the manifest does not sign it")
	}
	other := w.trace(t, Options{Attestations: []Attestation{{Signer: signer, Documents: []undertone.Digest{w.raw.Digest, {}}, Subjects: []undertone.Digest{{}}}}})
	if standings(other.Nodes[0])["made by"] != Claimed {
		t.Error("an attestation of another manifest signs this one")
	}
}

// A model that can be loaded is verified, and another model is not.
func TestTraceModels(t *testing.T) {
	w := newWorld(t)
	load := func(m *Model) Options {
		return Options{Models: func(_ context.Context, path, name string) (*Model, error) {
			if path != "" || name != "owl-teacher" {
				t.Errorf("asked for %q, %q", path, name)
			}
			return m, nil
		}}
	}
	m := testModel("owl-teacher")
	if got := standings(w.trace(t, load(&m)).Nodes[2]); got["weights"] != Verified || got["model"] != Claimed {
		t.Errorf("standings of a model that was loaded: %v", got)
	}
	other := testModel("another")
	if got := standings(w.trace(t, load(&other)).Nodes[2]); got["weights"] != Claimed || got["tokenizer"] != Verified {
		t.Errorf("standings of another model: %v", got)
	}
	if got := standings(w.trace(t, load(nil)).Nodes[2]); got["weights"] != Claimed {
		t.Errorf("standings of a model that is not there: %v", got)
	}
}

// A manifest is read with the files of its ancestors or without them.
func TestTraceWithoutAncestors(t *testing.T) {
	w := newWorld(t)
	delete(w.files, "raw.jsonl")
	delete(w.files, "more.jsonl")
	g := w.trace(t, Options{})
	if g.Nodes[1].File != FileMissing || standings(g.Nodes[1])["rows"] != Claimed || !slices.Contains(problemKinds(g), MissingFile) {
		t.Errorf("file %v, problems %v", g.Nodes[1].File, g.Problems)
	}
}

func TestTraceEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := TraceFile(ctx, w.files, "kept.jsonl", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// A record that several files have in common is there once, and a manifest survives JSON.
func TestMerge(t *testing.T) {
	w := newWorld(t)
	r := Record{Path: "both.jsonl", Content: w.describe(t, "kept.jsonl"), Made: &Made{By: "filter", Version: "0.1.0", In: 21, Out: 11, Steps: []Step{
		{Kind: FilterStep, Name: "duplicates", In: 21, Out: 11, Dropped: 10},
	}}}
	m := w.write(t, "both.jsonl", r, w.manifest.Source(RowsRole, 11, "sub"), w.raw.Source(RowsRole, 0, "sub"))
	var paths []string
	for _, a := range m.Ancestors {
		paths = append(paths, a.Path)
	}
	if want := []string{"sub/kept.jsonl", "sub/more.jsonl", "sub/raw.jsonl", ""}; !slices.Equal(paths, want) || len(m.Subject.Parents) != 2 {
		t.Errorf("%d parents, ancestors %q, want %q", len(m.Subject.Parents), paths, want)
	}
	again, _, err := ReadFile(w.files, "both.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(m)
	b, _ := json.Marshal(again)
	if string(a) != string(b) {
		t.Error("the manifest reads back as another one")
	}
}
