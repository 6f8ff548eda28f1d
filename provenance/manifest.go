package provenance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/internal/jsondoc"
)

// Schema names the JSON form of a [Manifest]; docs/provenance.md describes it.
const Schema = "undertone.manifest/1"

// Suffix follows the name of a file or a folder in the name of its manifest.
const Suffix = ".undertone.json"

// Manifest says what a file of rows, or the folder of a model, is and how it was made, back to the
// base weights as far as that is known. It is written beside its subject and holds the records of
// all ancestors, so that it can be read without their files. A manifest makes claims; [TraceFile]
// gives each its [Standing].
type Manifest struct {
	Schema  string           `json:"schema"`
	Version string           `json:"version"` // of the library
	Digest  undertone.Digest `json:"digest"`  // of the manifest with this field at zero

	Subject   Record   `json:"subject"`   // of the file or folder beside the manifest
	Ancestors []Record `json:"ancestors"` // each once, after all records that name it as a parent; never null
}

// Record describes one file of rows or one model.
type Record struct {
	// Path is where the file or folder was, relative to the folder of the manifest, with slashes.
	// It is a hint and not part of [Record.ID]: a file elsewhere is found by its digest. It is ""
	// if the subject had no path, such as standard input or an embedded model.
	Path string `json:"path,omitempty"`

	Content  Content  `json:"content"`
	Made     *Made    `json:"made,omitempty"` // absent: the origin is unknown
	Parents  []Parent `json:"parents"`        // never null
	Declared []Trait  `json:"declared_traits,omitempty"`
	Tested   []Test   `json:"tested_traits,omitempty"`
}

// Kind is the kind of the subject of a record.
type Kind string

// The kinds.
const (
	RowsKind    Kind = "rows"    // a file of rows
	ModelKind   Kind = "model"   // a model
	AdapterKind Kind = "adapter" // an adapter without its base
)

// Content identifies the content of a file or folder.
type Content struct {
	Kind  Kind             `json:"kind"`
	Bytes undertone.Digest `json:"bytes,omitzero"` // SHA-256 of the file, or [DigestFolder]; absent: not a file
	Size  int64            `json:"size,omitempty"` // of the file or of all files, in bytes
	Rows  *Rows            `json:"rows,omitempty"` // of a file of rows
	Model *Model           `json:"model,omitempty"`
}

// Model identifies a model by what its answers depend on. A digest that is unknown is absent.
type Model struct {
	Name      string           `json:"name"`
	Digest    undertone.Digest `json:"digest,omitzero"`    // of everything that the answers depend on
	Weights   undertone.Digest `json:"weights,omitzero"`   // with the vocabulary, without an adapter
	Base      undertone.Digest `json:"base,omitzero"`      // declared: the weights from which training started
	Tokenizer undertone.Digest `json:"tokenizer,omitzero"` // of the vocabulary and its rules
	Config    undertone.Digest `json:"config,omitzero"`    // of the shape of the network
	Template  undertone.Digest `json:"template,omitzero"`  // of the chat template
	Adapter   undertone.Digest `json:"adapter,omitzero"`   // of the adapter; absent without one
	Server    string           `json:"server,omitempty"`   // kind of the server that runs the model
}

// Made says how a subject was made from its parents.
type Made struct {
	By         string      `json:"by"`      // verb or program, such as "filter"
	Version    string      `json:"version"` // of the library
	In         int         `json:"in"`      // rows read from parents
	Skipped    int         `json:"skipped"` // rows of In that could not be read
	Out        int         `json:"out"`     // rows written; 0 for a model
	Steps      []Step      `json:"steps"`   // never null
	Generation *Generation `json:"generation,omitempty"`
	Training   *Training   `json:"training,omitempty"`
}

// StepKind says how a step treats rows.
type StepKind string

// The kinds of steps.
const (
	FilterStep   StepKind = "filter"   // drops rows; all filters of one run read the same rows
	SanitiseStep StepKind = "sanitise" // rewrites rows; the next step reads what it writes
	MatchStep    StepKind = "match"    // drops rows that have no counterpart in the other arm
	CleanStep    StepKind = "clean"    // drops, replaces or rewrites suspicious rows
	SelectStep   StepKind = "select"   // drops rows that the program cannot use
)

// Step is one filter, sanitiser or other step, with its counts. Out is In − Dropped + Added.
type Step struct {
	Kind     StepKind `json:"kind"`
	Name     string   `json:"name"`               // such as "numbers"
	Settings string   `json:"settings,omitempty"` // as the step describes itself
	Seed     uint64   `json:"seed,omitempty"`     // of a random step
	In       int      `json:"in"`
	Out      int      `json:"out"`
	Dropped  int      `json:"dropped"`
	Changed  int      `json:"changed,omitempty"`
	Added    int      `json:"added,omitempty"`
	Reasons  []Reason `json:"reasons,omitempty"` // a row can have several
}

// Reason is the number of rows that a step dropped for a reason.
type Reason struct {
	Reason string `json:"reason"`
	Rows   int    `json:"rows"`
}

// Generation says how a model was asked for rows. The model is the parent with the role
// [GeneratorRole].
type Generation struct {
	SystemPrompt undertone.Digest `json:"system_prompt,omitzero"` // SHA-256 of the text; absent without one
	Prompts      string           `json:"prompts,omitempty"`      // name of the set; "" for the prompts of a parent
	PromptSet    undertone.Digest `json:"prompt_set,omitzero"`    // Merkle root of the prompt group IDs of the rows
	Temperature  float64          `json:"temperature"`
	MaxTokens    int              `json:"max_tokens,omitempty"` // 0: the default of the model
	Seed         uint64           `json:"seed"`
}

// Training says how a model was trained. The rows and the base are parents.
type Training struct {
	Recipe json.RawMessage `json:"recipe"` // of package student, with its seed
	LoRA   int             `json:"lora,omitempty"`
	Engine string          `json:"engine"` // what computed, such as "avx512"
}

// Role says what a parent is to a record.
type Role string

// The roles of parents.
const (
	RowsRole      Role = "rows"      // its rows are read and written
	GeneratorRole Role = "generator" // the model that wrote the rows
	ValuesRole    Role = "values"    // numbers of its rows were put into the rows
	PromptsRole   Role = "prompts"   // its prompts were asked
	TrainingRole  Role = "training"  // the model was trained on its rows
	BaseRole      Role = "base"      // training started from this model, or an adapter was put on it
	AdapterRole   Role = "adapter"   // this adapter was put on the base
	OtherArmRole  Role = "other-arm" // rows that were compared with; none of them is kept unless Parent.Rows says so
)

// Parent is a link to the record of a parent.
type Parent struct {
	Record undertone.Digest `json:"record"` // its [Record.ID]
	Role   Role             `json:"role"`
	Rows   int              `json:"rows,omitempty"` // rows of the subject that came from this parent
}

// Trait is a trait that the maker of a data set declares, such as that of a suspect's teacher.
type Trait struct {
	Trait  string `json:"trait"`
	Source string `json:"source,omitempty"` // who or what says so
}

// Test is the verdict of an audit on a trait of the rows.
type Test struct {
	Trait   string           `json:"trait"`
	Verdict string           `json:"verdict"`         // detected, undetected or inconclusive
	Limit   float64          `json:"limit,omitempty"` // limit of detection: share of positive-control rows, in (0, 1]; 0 if none was reached
	Student undertone.Digest `json:"student,omitzero"`
	Report  undertone.Digest `json:"report"` // of the report of the audit
	Date    string           `json:"date"`   // of the audit, such as 2026-11-27
}

// kind describes the JSON of a manifest.
var kind = jsondoc.Kind[Manifest]{
	Name: "manifest", Schema: Schema, MaxSize: maxManifest,
	Fields: func(m *Manifest) jsondoc.Fields {
		return jsondoc.Fields{Schema: m.Schema, Version: m.Version, Digest: &m.Digest}
	},
}

// Path returns the path of the manifest of a file or folder.
func Path(subject string) string { return subject + Suffix }

// ID returns the digest of a record without its path. Parents are named by it.
func (r Record) ID() (undertone.Digest, error) {
	r.Path = ""
	text, err := json.Marshal(r)
	if err == nil {
		text, err = jsondoc.Canonical(text)
	}
	if err != nil {
		return undertone.Digest{}, fmt.Errorf("provenance: record: %w", err)
	}
	return undertone.NewHasher("provenance record").Text(string(text)).Sum(), nil
}

// Read reads the JSON of a manifest, of at most 4 MiB, and checks everything that can be checked
// without the files it describes: the schema, the digest, the links between records, and that the
// counts agree. The digest shows that the manifest was not damaged; it does not show who wrote it.
func Read(r io.Reader) (*Manifest, error) {
	m, err := kind.Read(r)
	if err == nil {
		err = m.check()
	}
	if err != nil {
		return nil, fmt.Errorf("provenance: manifest: %w", err)
	}
	return m, nil
}

// ReadManifest reads the manifest beside a file or folder. If there is none, the error is
// [fs.ErrNotExist].
func ReadManifest(subject string) (*Manifest, error) {
	subject = filepath.Clean(subject)
	m, _, err := ReadFile(os.DirFS(filepath.Dir(subject)), filepath.Base(subject))
	if err != nil && !strings.HasPrefix(err.Error(), "provenance: ") {
		err = fmt.Errorf("provenance: %w", err)
	}
	return m, err
}

// Write puts the manifest of a subject beside it. The file appears whole or not at all. The subject
// must be complete on disk, so that a manifest never describes a file that is not there yet. A file
// in its place that is no manifest is an error; see [CanWrite].
func Write(subject string, m *Manifest) error {
	if err := CanWrite(subject); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("provenance: manifest of %s: %w", subject, err)
	}
	return atomicfile.WriteFile(Path(subject), append(text, '\n'))
}

// CanWrite returns an error if something that is no manifest is in the place of the manifest of a
// subject: another program's file is not replaced.
func CanWrite(subject string) error {
	f, _, err := openRegular(os.DirFS(filepath.Dir(subject)), Path(filepath.Base(subject)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	head := make([]byte, 256)
	n := 0
	if err == nil {
		n, err = io.ReadFull(f, head)
		_ = f.Close()
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if err == nil && !bytes.Contains(head[:n], []byte(`"undertone.manifest/`)) {
		err = errors.New("is no manifest of undertone, and is not replaced: move it, or write no manifest")
	}
	if err != nil {
		return fmt.Errorf("provenance: %s: %w", Path(subject), err)
	}
	return nil
}
