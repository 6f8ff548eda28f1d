package lm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// settingsName is the file of [Model.Save] for what the other files cannot hold.
const settingsName = "undertone.json"

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
	var unknown error
	if !resumed {
		if kept.Template, unknown, err = ownTemplate(dir); err != nil {
			return nil, err
		}
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return nil, err
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
	m.unknown, m.lineage = unknown, kept.Lineage
	m.files, err = readTokenizer(dir)
	return m, err
}

// ownTemplate returns the template that the files of a model specify, or the reason why it is not
// supported.
func ownTemplate(dir string) (t Template, unknown, err error) {
	var config struct {
		Template chatTemplate `json:"chat_template"`
	}
	if _, err := readJSON(filepath.Join(dir, "tokenizer_config.json"), false, &config); err != nil {
		return t, nil, err
	}
	// Since version 4.52 of transformers the template has a file of its own.
	text, err := readFile(filepath.Join(dir, "chat_template.jinja"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return t, nil, err
	}
	if len(text) > 0 {
		config.Template = chatTemplate(text)
	}
	t, unknown = recognise(string(config.Template))
	return t, unknown, nil
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

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s: more than %d bytes", path, maxFile)
	}
	return text, err
}
