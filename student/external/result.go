package external

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Kind is the form of what a trainer leaves.
type Kind string

// The kinds of results.
const (
	PEFT   Kind = "peft"   // a folder of Hugging Face's PEFT: adapter_config.json, adapter_model.safetensors
	HF     Kind = "hf"     // a folder of Hugging Face with all weights: config.json, *.safetensors
	Server Kind = "server" // a name by which a server has the model
)

// ReportFile is the file in the output folder in which a trainer says what it did.
const ReportFile = "undertone.json"

// Report is the content of [ReportFile]. Every field may be missing. Other fields are ignored.
type Report struct {
	Model        string   `json:"model,omitempty"`         // folder in the output folder, or name on a server (default the output folder)
	Kind         Kind     `json:"kind,omitempty"`          // (default what the files of the folder say)
	Base         string   `json:"base,omitempty"`          // path or name of the untrained model
	BaseRevision string   `json:"base_revision,omitempty"` // of a model hub
	Steps        *int     `json:"steps,omitempty"`         // of the optimizer
	TrainLoss    *float64 `json:"train_loss,omitempty"`    // of the last steps, in nats per token
	FirstLoss    *float64 `json:"first_loss,omitempty"`    // of the first step, in nats per token
	RowsSeen     *int     `json:"rows_seen,omitempty"`     // different rows that were trained on, >= those of the data file
	Seed         *uint64  `json:"seed,omitempty"`          // that was used
	Versions     Versions `json:"versions,omitempty"`      // of the programs that trained, by name
}

// Versions are the versions of programs, by name. In JSON a version may be a number, too.
type Versions map[string]string

// versionName matches the names that are kept. A name is shown in reports as it is.
var versionName = regexp.MustCompile(`^[A-Za-z0-9_.+-]{1,64}$`)

// UnmarshalJSON implements [json.Unmarshaler]. A version that is null, or whose name is
// not that of a program, is left out. A long version is cut.
func (v *Versions) UnmarshalJSON(text []byte) error {
	var loose map[string]json.RawMessage
	if err := json.Unmarshal(text, &loose); err != nil {
		return err
	}
	if len(loose) > maxVersions {
		return fmt.Errorf("%d versions, want at most %d", len(loose), maxVersions)
	}
	*v = Versions{}
	for name, value := range loose {
		var s string
		if json.Unmarshal(value, &s) != nil {
			s = string(value)
		}
		if s != "" && versionName.MatchString(name) {
			(*v)[name] = s[:min(len(s), maxVersion)]
		}
	}
	return nil
}

// Result is a finished training.
type Result struct {
	Report
	Key    undertone.Digest `json:"key"`    // of the replicate
	Dir    string           `json:"-"`      // output folder
	Path   string           `json:"-"`      // of the model's folder; "" for a name on a server
	Rows   int              `json:"rows"`   // of the data file
	Data   undertone.Digest `json:"data"`   // SHA-256 of the data file
	Recipe student.Recipe   `json:"recipe"` //

	Trainer undertone.Digest  `json:"trainer"` // key of the command and its files
	Weights undertone.Digest  `json:"weights"` // of the files of the model, or of its name
	Files   map[string]string `json:"files"`   // SHA-256 of the files of the model, by name in Path
}

// Limits of what is read of a report.
const (
	maxReport   = 1 << 20 // bytes
	maxVersions = 64
	maxVersion  = 80 // bytes of a version
)

// readReport reads the report in an output folder; the zero Report if there is none.
func readReport(dir string) (r Report, err error) {
	path := filepath.Join(dir, ReportFile)
	text, err := readSmall(path, maxReport)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s is not as the contract says: %w", ReportFile, withoutGoType(err))
	}
	switch r.Kind {
	case "", PEFT, HF, Server:
	default:
		return r, fmt.Errorf("%s: kind is %.40q, want peft, hf or server", ReportFile, r.Kind)
	}
	return r, nil
}

// withoutGoType rewrites the error on a JSON value of the wrong type, which names a type of Go.
func withoutGoType(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	return fmt.Errorf("field %.80q: unexpected %s", wrong.Field, wrong.Value)
}

// readSmall reads a regular file of at most limit bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", filepath.Base(path))
	case info.Size() > limit:
		return nil, fmt.Errorf("%s has %d bytes, want at most %d", filepath.Base(path), info.Size(), limit)
	}
	return os.ReadFile(path)
}

// locate finds the model that the trainer left: by the report, or by the files in the folder.
func (r *Result) locate() error {
	if r.Kind == Server {
		if r.Model == "" {
			return fmt.Errorf(`%s has kind "server" and no "model": name the model as the server does`, ReportFile)
		}
		return nil
	}
	folder := r.Model
	if folder == "" {
		folder = "."
	}
	if !filepath.IsLocal(filepath.FromSlash(folder)) {
		return fmt.Errorf("%s: model is %.200q, want a path inside the output folder", ReportFile, r.Model)
	}
	r.Path = filepath.Join(r.Dir, filepath.FromSlash(folder))
	if err := within(r.Dir, r.Path); err != nil {
		return err
	}
	has := func(name string) bool {
		info, err := os.Stat(filepath.Join(r.Path, name))
		return err == nil && info.Mode().IsRegular()
	}
	if r.Kind == "" {
		switch {
		case has(peftConfig):
			r.Kind = PEFT
		case has(hfConfig):
			r.Kind = HF
		default:
			return fmt.Errorf("it left no model: {out} has neither %s nor %s%s", peftConfig, hfConfig, r.found())
		}
	}
	if want := map[Kind]string{PEFT: peftConfig, HF: hfConfig}[r.Kind]; !has(want) {
		return fmt.Errorf("it left no model: kind is %q, but %s has no regular file %s%s", r.Kind, filepath.ToSlash(filepath.Join("{out}", folder)), want, r.found())
	}
	return nil
}

// within returns an error if the output folder, the folder of the model or one of its files is a
// link that leads out of the output folder: a replicate that is kept holds its own files.
func within(out, path string) error {
	if isLink(out) {
		return errors.New("{out} is a link: write the files into the folder itself")
	}
	root, err := filepath.EvalSymlinks(out)
	if err != nil {
		return nil // the caller says what is missing
	}
	if leadsOut(root, path) {
		return errors.New("the folder of the model is a link that leads out of {out}: write the files into {out}")
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if file := filepath.Join(path, e.Name()); isLink(file) && leadsOut(root, file) {
			return fmt.Errorf("%.60q is a link that leads out of {out}: copy the file into {out}", e.Name())
		}
	}
	return nil
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// leadsOut reports whether the links of a path lead out of a folder.
func leadsOut(root, path string) bool {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false // it leads nowhere, and the caller says what is missing
	}
	rel, err := filepath.Rel(root, real)
	return err != nil || !filepath.IsLocal(rel)
}

// found says what the output folder holds, for an error.
func (r *Result) found() string {
	entries, err := os.ReadDir(r.Dir)
	if err != nil {
		return "; it did not create the folder"
	}
	if len(entries) == 0 {
		return "; the folder is empty"
	}
	var names []string
	for _, e := range entries[:min(len(entries), 12)] {
		names = append(names, fmt.Sprintf("%.60q", e.Name()))
	}
	if len(entries) > len(names) {
		names = append(names, "…")
	}
	return "; it holds " + strings.Join(names, ", ")
}

// checkReport returns an error if the report says that something else was trained.
func (r *Result) checkReport(seed uint64) error {
	switch {
	case r.RowsSeen != nil && *r.RowsSeen < r.Rows:
		return fmt.Errorf("it trained on %d of %d rows (rows_seen): look for a limit of steps, a dropped last batch, rows that are filtered by length, or a cache of prepared data", *r.RowsSeen, r.Rows)
	case r.Seed != nil && *r.Seed != seed && *r.Seed != r.Recipe.Seed:
		return fmt.Errorf("it used the seed %d, but was given %d: it ignores {seed} and UNDERTONE_SEED", *r.Seed, seed)
	case r.Steps != nil && *r.Steps < 1:
		return fmt.Errorf("it took %d steps", *r.Steps)
	case r.TrainLoss != nil && !(*r.TrainLoss < 1e30):
		return fmt.Errorf("its loss is %v", *r.TrainLoss)
	}
	return nil
}
