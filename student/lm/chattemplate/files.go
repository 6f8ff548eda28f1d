package chattemplate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/internal/bounded"
)

// Files is what the files of a model say about its chat templates.
type Files struct {
	Templates map[string]string // by name; "default" is the model's template
	Tokens    map[string]string // bos_token, eos_token and so on

	// AddBOS says whether add_bos_token of tokenizer_config.json is set, and to what.
	AddBOS *bool
}

// The names of templates with a meaning: the template of the model, and the template of
// conversations with tools.
const (
	Default = "default"
	ToolUse = "tool_use"
)

// ErrFiles is wrapped by errors about the fields of a model's files.
var ErrFiles = errors.New("malformed chat template")

// ReadFolder reads the templates of a model's folder. chat_template.jinja comes before the field
// chat_template of tokenizer_config.json, and this field before chat_template.json;
// additional_chat_templates/NAME.jinja adds the template NAME. A folder without templates is no
// error. Files that cannot be read are an error, and so are fields of a wrong type: then the error
// wraps [ErrFiles] and the rest of Files is set.
func ReadFolder(dir string) (Files, error) {
	f := Files{Templates: map[string]string{}, Tokens: map[string]string{}}
	var problem error
	if err := f.readConfig(dir, &problem); err != nil {
		return f, err
	}
	if len(f.Templates) == 0 && problem == nil {
		if err := f.readProcessor(dir, &problem); err != nil {
			return f, err
		}
	}
	text, err := readFile(filepath.Join(dir, "chat_template.jinja"))
	switch {
	case err == nil:
		f.Templates[Default], problem = string(text), nil
	case !errors.Is(err, fs.ErrNotExist):
		return f, err
	}
	if err := f.readAdditional(filepath.Join(dir, "additional_chat_templates")); err != nil {
		return f, err
	}
	return f, problem
}

// readConfig reads tokenizer_config.json.
func (f *Files) readConfig(dir string, problem *error) error {
	const name = "tokenizer_config.json"
	text, err := readFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var fields map[string]json.RawMessage
	if err := decode(text, &fields); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
	}
	if f.Templates, err = templates(fields["chat_template"]); err != nil {
		*problem = fmt.Errorf("%w: %s: %w", ErrFiles, name, err)
	}
	for field, raw := range fields {
		if strings.HasSuffix(field, "_token") {
			if token, ok := tokenText(raw); ok {
				f.Tokens[field] = token
			}
		}
	}
	var extra map[string]json.RawMessage
	if json.Unmarshal(fields["extra_special_tokens"], &extra) == nil {
		for field, raw := range extra {
			if token, ok := tokenText(raw); ok {
				f.Tokens[field] = token
			}
		}
	}
	var add bool
	if raw := fields["add_bos_token"]; len(raw) > 0 && string(raw) != "null" && json.Unmarshal(raw, &add) == nil {
		f.AddBOS = &add
	}
	return nil
}

// readProcessor reads chat_template.json, the file of processors.
func (f *Files) readProcessor(dir string, problem *error) error {
	const name = "chat_template.json"
	text, err := readFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var fields struct {
		Template json.RawMessage `json:"chat_template"`
	}
	if err := decode(text, &fields); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
	}
	if f.Templates, err = templates(fields.Template); err != nil {
		*problem = fmt.Errorf("%w: %s: %w", ErrFiles, name, err)
	}
	return nil
}

// maxTemplates bounds the files of a folder.
const maxTemplates = 100

func (f *Files) readAdditional(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".jinja")
		if !ok {
			continue
		}
		if len(f.Templates) == maxTemplates {
			return fmt.Errorf("%s: more than %d templates", dir, maxTemplates)
		}
		text, err := readFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		f.Templates[name] = string(text)
	}
	return nil
}

// templates returns the templates of the field chat_template, by name.
func templates(raw json.RawMessage) (map[string]string, error) {
	all := map[string]string{}
	wrong := func(what string) error {
		return fmt.Errorf("chat_template is %s; want a string, an object of strings by name, or a list of objects with name and template", what)
	}
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0 || string(raw) == "null":
		return all, nil
	case raw[0] == '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return all, err
		}
		if text != "" {
			all[Default] = text
		}
		return all, nil
	case raw[0] == '{':
		var texts map[string]*string
		if err := json.Unmarshal(raw, &texts); err != nil {
			return all, wrong("an object with a value that is not a string")
		}
		for name, text := range texts {
			if text == nil {
				return map[string]string{}, wrong(fmt.Sprintf("an object whose value %.40q is null", name))
			}
			all[name] = *text
		}
		return all, nil
	case raw[0] != '[':
		return all, wrong(fmt.Sprintf("%.40s", raw))
	}
	var list []struct{ Name, Template *string }
	if err := json.Unmarshal(raw, &list); err != nil {
		return all, wrong("a list with another item")
	}
	for i, t := range list {
		if t.Name == nil || t.Template == nil {
			return map[string]string{}, wrong(fmt.Sprintf("a list whose item %d lacks name or template", i))
		}
		all[*t.Name] = *t.Template
	}
	return all, nil
}

// decode reads a JSON object, which may begin with a byte order mark.
func decode(text []byte, to any) error {
	err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), to)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field == "" {
		return fmt.Errorf("the file is a JSON %s, want an object", wrong.Value)
	}
	return err
}

// tokenText returns a token: a string, or an object with its content.
func tokenText(raw json.RawMessage) (string, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil && string(bytes.TrimSpace(raw)) != "null" {
		return text, true
	}
	var object struct{ Content *string }
	if json.Unmarshal(raw, &object) == nil && object.Content != nil {
		return *object.Content, true
	}
	return "", false
}

// Choose returns the template for conversations and the template for conversations with tools, or
// an error that lists the names if there is no default.
func (f Files) Choose() (text, tools string, err error) {
	text, ok := f.Templates[Default]
	if !ok && len(f.Templates) > 0 {
		return "", "", fmt.Errorf("%w: the model has the templates %s and no default: choose one", ErrFiles, strings.Join(f.Names(), ", "))
	}
	return text, f.Templates[ToolUse], nil
}

// Names returns the names of the templates in order.
func (f Files) Names() []string {
	names := []string{}
	for name := range f.Templates {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// maxFile bounds the files that hold templates: a tokenizer_config.json lists added tokens too.
const maxFile = 32 << 20 // bytes

func readFile(path string) ([]byte, error) {
	text, err := bounded.ReadFile(path, maxFile)
	if err == nil && bytes.HasPrefix(text, []byte("version https://git-lfs")) {
		err = fmt.Errorf("%s: is a Git LFS pointer: run git lfs pull", path)
	}
	return text, err
}

// ReadFile reads one template: a Jinja file, or a JSON file with the field chat_template.
func ReadFile(path string) (string, error) {
	text, err := readFile(path)
	if err != nil {
		return "", err
	}
	var fields struct {
		Template json.RawMessage `json:"chat_template"`
	}
	if decode(text, &fields) != nil || fields.Template == nil {
		return string(text), nil
	}
	all, err := templates(fields.Template)
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrFiles, path, err)
	}
	one, ok := all[Default]
	if !ok {
		return "", fmt.Errorf("%w: %s: the file has no default template", ErrFiles, path)
	}
	return one, nil
}
