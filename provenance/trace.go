package provenance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
)

// Graph is the history of a file of rows or of a model, from the subject back to base weights, as
// far as it is known. Each statement has its [Standing].
type Graph struct {
	Nodes    []Node           `json:"nodes"`              // the subject first; each after its children
	Manifest undertone.Digest `json:"manifest,omitzero"`  // of the manifest that describes the subject; absent if none is believed
	Signers  []KeyID          `json:"signers"`            // of attestations that cover the manifest; never null
	Problems []Problem        `json:"problems,omitempty"` // of all nodes, those of the subject first
}

// Node is one record of a graph, compared with its file.
type Node struct {
	ID undertone.Digest `json:"id"`
	Record
	File       FileState   `json:"file"`
	Statements []Statement `json:"statements"` // never null
	Edges      []Edge      `json:"edges"`      // never null

	order undertone.Digest // of the rows that were read, whether the record has it or not; zero if unknown
}

// Edge is a link of a node to a parent.
type Edge struct {
	Node int  `json:"node"` // index of the parent in the graph
	Role Role `json:"role"`
	Rows int  `json:"rows,omitempty"`

	Standing Standing `json:"standing"` // never Verified: that rows came from a parent is not recomputed
}

// FileState says what became of the file or folder of a record.
type FileState string

// The states of a file.
const (
	FileVerified FileState = "verified" // it is there, and is what the record says
	FileStale    FileState = "stale"    // it is there, and is something else
	FileMissing  FileState = "missing"  // there is no file at the path
	FileUnread   FileState = "unread"   // it has no path, lies outside the folder, or cannot be checked
)

// Problem is something that a reader of a graph should know. Kind is stable; Text is for people.
type Problem struct {
	Kind ProblemKind `json:"kind"`
	Node int         `json:"node"`
	Text string      `json:"text"`
}

// ProblemKind is the kind of a [Problem].
type ProblemKind string

// The kinds of problems.
const (
	NoManifest      ProblemKind = "no-manifest"      // the subject has no manifest
	DamagedManifest ProblemKind = "damaged-manifest" // the manifest of the subject cannot be believed
	StaleManifest   ProblemKind = "stale-manifest"   // the manifest describes another file than the subject
	StaleFile       ProblemKind = "stale-file"       // the file of an ancestor was replaced
	MissingFile     ProblemKind = "missing-file"     // the file of an ancestor is not there
	OutsideFile     ProblemKind = "outside-file"     // the path of an ancestor leaves the folder that may be read
	UnreadableFile  ProblemKind = "unreadable-file"  // the file of an ancestor cannot be read
	UnknownOrigin   ProblemKind = "unknown-origin"   // nothing says how rows or a model were made
)

// Options says how [TraceFile] checks statements. The zero value checks files of rows and folders
// by their bytes.
type Options struct {
	// Models loads the model at a path, or the embedded model of a name if path is "", and returns
	// its digests. It returns nil if there is no such model. Without it models are not verified.
	Models func(ctx context.Context, path, name string) (*Model, error)

	// Attestations are those whose signatures were checked. The caller decides which keys count.
	Attestations []Attestation

	// Read are the options with which the rows of the subject are read. A manifest of rows that were
	// read with other options is stale: their row IDs differ.
	Read []jsonl.Option
}

// TraceFile returns the graph of a file of rows, or of the folder of a model. It reads name, the
// manifest beside it, and the files and folders that the manifest names, all in fsys: a file system
// of [os.Root] does not leave its folder. What is missing, stale or damaged becomes a [Problem]. An
// error means that the subject itself cannot be read, or that ctx is done.
//
// A manifest that is damaged, or that describes other bytes than those of the subject, is not
// believed: the graph is then the subject alone.
func TraceFile(ctx context.Context, fsys fs.FS, name string, o Options) (*Graph, error) {
	t := &tracer{ctx: ctx, fsys: fsys, folder: path.Dir(name), options: o, seen: map[string]Content{}, folders: map[string]Content{}, sizes: map[string]int64{}, models: map[string]*Model{}}
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("provenance: %w", err)
	}
	t.graph = &Graph{Signers: []KeyID{}}
	m, problem := t.manifest(name)
	if info.IsDir() {
		err = t.traceModel(name, m, problem)
	} else {
		err = t.traceRows(name, m, problem)
	}
	if err != nil {
		return nil, fmt.Errorf("provenance: %w", err)
	}
	t.graph.Signers = append(t.graph.Signers, t.signers...)
	return t.graph, ctx.Err()
}

type tracer struct {
	ctx     context.Context
	fsys    fs.FS
	folder  string // of the manifest
	options Options
	graph   *Graph
	signers []KeyID            // whose attestations cover the manifest
	seen    map[string]Content // of files of rows that were read, by path and options
	folders map[string]Content // of folders that were read, by path
	sizes   map[string]int64   // of files and folders of ancestors, in bytes, by path
	models  map[string]*Model  // that were loaded, or nil, by path and name
	read    int64              // sum of the sizes
}

// mostUnsigned is the largest number of bytes of ancestors that are read if no signature covers the
// manifest.
const mostUnsigned = 64 << 30

// admit returns an error if an ancestor is not to be read: its file or folder is larger than
// the record says ([errLarger]), or the manifest is not signed and names too much.
func (t *tracer) admit(r Record, name string, info fs.FileInfo) error {
	size, known := t.sizes[name]
	if !known {
		size = info.Size()
		if info.IsDir() {
			var err error
			if _, size, err = folderFiles(t.ctx, t.fsys, name); err != nil {
				return err
			}
		}
		t.sizes[name] = size
		t.read = min(t.read, math.MaxInt64-size) + size
	}
	switch {
	case !r.Content.Bytes.IsZero() && size > r.Content.Size:
		return fmt.Errorf("%w: %d bytes, want %d", errLarger, size, r.Content.Size)
	case len(t.signers) == 0 && t.read > mostUnsigned:
		return fmt.Errorf("it is not read: no trusted signature covers the manifest, and the ancestors have more than %d bytes", int64(mostUnsigned))
	}
	return nil
}

// errLarger means that a file or folder is larger than its record says.
var errLarger = errors.New("it is larger than its record says")

// manifest reads the manifest of a subject, or returns the problem with it.
func (t *tracer) manifest(name string) (*Manifest, *Problem) {
	m, bytes, err := ReadFile(t.fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Problem{Kind: NoManifest, Text: "there is no manifest " + Path(path.Base(name))}
	case err != nil:
		return nil, &Problem{Kind: DamagedManifest, Text: err.Error()}
	}
	for _, a := range t.options.Attestations {
		if a.covers(m.Digest, bytes) && !slices.Contains(t.signers, a.Signer) {
			t.signers = append(t.signers, a.Signer)
		}
	}
	return m, nil
}

// ReadFile reads the manifest beside a subject in a file system. It returns the SHA-256 of its
// bytes too, which an attestation may cover. A manifest that does not exist is [fs.ErrNotExist].
func ReadFile(fsys fs.FS, subject string) (*Manifest, undertone.Digest, error) {
	f, info, err := openRegular(fsys, Path(subject))
	if err != nil {
		return nil, undertone.Digest{}, err
	}
	defer f.Close()
	if info.Size() > maxManifest {
		return nil, undertone.Digest{}, fmt.Errorf("provenance: manifest: it has %d bytes, want at most %d", info.Size(), maxManifest)
	}
	h := NewByteHasher()
	m, err := Read(io.TeeReader(f, h))
	sum, _ := h.Sum()
	return m, sum, err
}

// traceRows fills the graph of a file of rows.
func (t *tracer) traceRows(name string, m *Manifest, problem *Problem) error {
	reading := jsonl.Reading(t.options.Read...) // the caller decides it, and not the manifest
	found, err := t.describeRows(name, reading, true)
	if err != nil {
		return err
	}
	if m != nil && m.Subject.Content.Rows != nil && m.Subject.Content.Rows.Reading != reading {
		problem = &Problem{Kind: StaleManifest, Text: fmt.Sprintf("%s describes rows that are read with the options %q, want %q", Path(path.Base(name)), m.Subject.Content.Rows.Reading, reading)}
	} else if m != nil {
		if why := m.Subject.Content.differ(found); why != "" {
			problem = &Problem{Kind: StaleManifest, Text: fmt.Sprintf("%s describes another file: %s", Path(path.Base(name)), why)}
		}
	}
	return t.believe(m, problem, Record{Path: path.Base(name), Content: found, Parents: []Parent{}})
}

// traceModel fills the graph of the folder of a model.
func (t *tracer) traceModel(name string, m *Manifest, problem *Problem) error {
	sum, size, err := DigestFolder(t.ctx, t.fsys, name)
	if err != nil {
		return err
	}
	found := Content{Kind: ModelKind, Bytes: sum, Size: size, Model: &Model{Name: path.Base(name)}}
	if m != nil && m.Subject.Content.Bytes != sum {
		problem = &Problem{Kind: StaleManifest, Text: fmt.Sprintf("%s describes another folder: the files were changed", Path(path.Base(name)))}
	}
	return t.believe(m, problem, Record{Path: path.Base(name), Content: found, Parents: []Parent{}})
}

// believe adds the records of a manifest, or what was found without one.
func (t *tracer) believe(m *Manifest, problem *Problem, found Record) error {
	if problem != nil {
		t.graph.Problems = append(t.graph.Problems, *problem)
		t.signers = nil
		id, err := found.ID()
		n := Node{ID: id, Record: found, File: FileVerified, Edges: []Edge{}}
		n.Statements = t.statements(found, found.Content, FileVerified)
		n.order = found.Content.order()
		t.graph.Nodes = []Node{n}
		return err
	}
	t.graph.Manifest = m.Digest
	at := map[undertone.Digest]int{}
	for i, r := range append([]Record{m.Subject}, m.Ancestors...) {
		id, err := r.ID()
		if err != nil {
			return err
		}
		at[id] = i
		n := Node{ID: id, Record: r, Edges: []Edge{}}
		checked := found.Content
		if i > 0 {
			if n.File, checked, err = t.compare(i, r); err != nil {
				return err
			}
		} else if n.File = FileVerified; r.Content.Kind != RowsKind {
			checked.Model = t.loaded(r, path.Join(t.folder, found.Path))
		}
		n.Statements = t.statements(r, checked, n.File)
		n.order = checked.order()
		t.graph.Nodes = append(t.graph.Nodes, n)
		if r.Made == nil && !r.isBase() {
			t.problem(UnknownOrigin, i, "nothing says how %s was made", r.name())
		}
	}
	for i := range t.graph.Nodes {
		n := &t.graph.Nodes[i]
		for _, p := range n.Parents {
			n.Edges = append(n.Edges, Edge{at[p.Record], p.Role, p.Rows, t.unverified()})
		}
	}
	return nil
}

// isBase reports whether a record is that of a base: an embedded model, which has no path, or a
// model which declares no training.
func (r Record) isBase() bool {
	m := r.Content.Model
	return m != nil && m.Server == "" && (r.Path == "" && r.Content.Kind == ModelKind || m.Base.IsZero() || m.Base == m.Weights)
}

// name returns what a record is called in messages.
func (r Record) name() string {
	switch {
	case r.Path != "":
		return r.Path
	case r.Content.Model != nil:
		return r.Content.Model.Name
	}
	return "a file without a path"
}

// unverified returns the standing of statements that are not verified.
func (t *tracer) unverified() Standing {
	if len(t.signers) > 0 {
		return Signed
	}
	return Claimed
}

func (t *tracer) problem(kind ProblemKind, node int, format string, args ...any) {
	t.graph.Problems = append(t.graph.Problems, Problem{kind, node, fmt.Sprintf(format, args...)})
}
