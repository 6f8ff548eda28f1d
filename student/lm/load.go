package lm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/bounded"
	"github.com/undertone-audit/undertone/student/lm/chattemplate"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// settingsName is the file of [Model.Save] for what the other files cannot hold.
const settingsName = "undertone-model.json"

// saved is the content of that file.
type saved struct {
	Settings
	Lineage undertone.Digest `json:"lineage"`
}

// Load reads a model from a folder: the files of Hugging Face (config.json, *.safetensors,
// tokenizer.json) or those of llama2.c (one checkpoint *.bin, and tok*.bin). The name of the model
// is the name of the folder.
func Load(dir string) (*Model, error) {
	m, err := load(dir)
	if err != nil {
		return nil, fmt.Errorf("lm: load %s: %w", dir, err)
	}
	return m, nil
}

func load(dir string) (*Model, error) {
	if err := transformer.CheckFiles(dir); err != nil {
		return nil, err
	}
	var kept saved
	resumed, err := readJSON(filepath.Join(dir, settingsName), true, &kept)
	if err != nil {
		return nil, err
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return nil, err
	}
	files, unknown, err := readTemplates(dir)
	if err != nil {
		return nil, err
	}
	if resumed {
		unknown = nil
	} else if kept.Template, unknown = ownTemplate(files, unknown, tok); unknown != nil {
		kept.Template = Plain()
	}
	net, err := transformer.Load(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "config.json")); errors.Is(err, fs.ErrNotExist) && !resumed {
		if bos, ok := tok.BOS(); ok { // of llama2.c
			kept.End = tok.Token(bos)
			if id, ok := tok.ID(kept.End); !ok || id != bos {
				kept.End = "<s>" // the tokenizer's spelling of what the file calls "\n<s>\n"
			}
		}
	}
	name := filepath.Base(filepath.Clean(dir))
	m, err := New(net, tok, Options{Name: name, Settings: kept.Settings, Tokenizer: dir})
	if err != nil {
		return nil, err
	}
	m.unknown, m.lineage, m.templates = unknown, kept.Lineage, files
	m.files, err = readTokenizer(dir)
	return m, err
}

// readTemplates reads the chat templates of a folder. The problem is a field of a wrong type.
func readTemplates(dir string) (files chattemplate.Files, problem, err error) {
	files, err = chattemplate.ReadFolder(dir)
	if errors.Is(err, chattemplate.ErrFiles) {
		return files, fmt.Errorf("lm: %w: %w", ErrTemplate, err), nil
	}
	return files, nil, err
}

// ownTemplate returns the template of a model's files, or the reason why it is not supported.
func ownTemplate(files chattemplate.Files, problem error, tok *tokenizer.Tokenizer) (Template, error) {
	if problem != nil {
		return Template{}, problem
	}
	text, tools, err := files.Choose()
	if err != nil {
		return Template{}, fmt.Errorf("lm: %w: %w", ErrTemplate, err)
	}
	if text == "" {
		return Plain(), nil
	}
	t := Template{Name: ownName, Jinja: &Jinja{Text: text, ToolUse: tools, Tokens: files.Tokens}}
	_, err = newProgram(t, tok)
	return t, err
}

// readJSON reads a file if it exists; strict refuses unknown fields.
func readJSON(path string, strict bool, v any) (bool, error) {
	text, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	switch {
	case err != nil:
	case isPointer(text):
		err = errPointer
	default:
		d := json.NewDecoder(bytes.NewReader(text))
		if strict {
			d.DisallowUnknownFields()
		}
		err = explainJSON(d.Decode(v))
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	return true, nil
}

// maxFile bounds the files that describe a model. The files of weights are not among them.
const maxFile = 32 << 20 // bytes

func readFile(path string) ([]byte, error) { return bounded.ReadFile(path, maxFile) }
