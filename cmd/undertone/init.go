package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/traits"
)

type initVerb struct {
	Out             string `file:"store" placeholder:"DIR" default:"." help:"Folder for traits.json and undertone.json, which is made if it does not exist; files that exist are never overwritten (default the working folder)."`
	Suspect         string `file:"read" placeholder:"FILE" help:"Rows to audit."`
	Control         string `file:"read" placeholder:"FILE" help:"Rows of a writer without the trait: the same prompts, the same filters. The file may be made later."`
	Student         string `file:"read" placeholder:"DIR|tiny|URL" help:"Model to train: a folder, an embedded model (${embedded}), or the URL of a server."`
	Traits          string `file:"traits" placeholder:"FILE|library:NAME,..." help:"Traits to look for: traits of the library, such as library:animal/owl, which are written to traits.json; or a file, which stays as it is."`
	PositiveControl string `file:"read" placeholder:"FILE" help:"Rows known to carry the trait, without which no verdict is undetected (default none)."`
	JSON            bool   `name:"json" help:"Print the summary as JSON."`
}

// configFile is the name of the configuration file that init writes.
const configFile = "undertone.json"

// initReport is the summary of init.
type initReport struct {
	Files []string `json:"files"` // that were written
	Next  []string `json:"next"`  // commands to run
}

// Run asks for what flags do not give, if standard input is a terminal, and writes both files.
func (v *initVerb) Run(ctx context.Context, c console) error {
	if err := v.unwritten(); err != nil {
		return err
	}
	if err := v.complete(ctx, c); err != nil {
		return err
	}
	all, err := v.traits()
	if err != nil {
		return err
	}
	files, err := v.files(all)
	if err != nil {
		return err
	}
	if err := writeNew(v.Out, files...); err != nil {
		return err
	}
	r := initReport{Next: v.next()}
	for _, f := range files {
		r.Files = append(r.Files, filepath.Join(v.Out, f.name))
	}
	if v.JSON {
		return printJSON(c.stdout, r)
	}
	return r.write(c.stdout)
}

// unwritten returns an error if a file exists, before anything is asked.
func (v *initVerb) unwritten() error {
	for _, name := range []string{traitsFile, configFile} {
		path := filepath.Join(v.Out, name)
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s exists, and init overwrites nothing; remove it, or name another folder with --out", path)
		}
	}
	return nil
}

// asked is a question for the value of a flag.
type asked struct {
	flag, text, otherwise string
	optional              bool
	value                 *string
	check                 func(string) error // may be nil
}

// complete sets the flags that were not given. Without a terminal nothing is asked: what has no
// default is an error.
func (v *initVerb) complete(ctx context.Context, c console) error {
	ask := newPrompter(c)
	for _, q := range []asked{
		{flag: "suspect", text: "File of the rows to audit", value: &v.Suspect, check: existingFile},
		{flag: "control", text: "File of rows of a writer without the trait; it may be made later", otherwise: controlFile, value: &v.Control},
		{flag: "student", text: "Student: the folder of a model, the URL of a server, or tiny", otherwise: "tiny", value: &v.Student},
		{flag: "traits", text: "Traits to look for: a file, or library:NAME,...; undertone traits lists the library", otherwise: "library:animal/owl", value: &v.Traits, check: existingTraits},
		{flag: "positive-control", text: "File of rows known to carry the trait; empty for none", optional: true, value: &v.PositiveControl},
	} {
		if err := ask.answer(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// existingFile returns an error if there is no such file.
func existingFile(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder; name a file", path)
	}
	return err
}

// existingTraits returns an error if the library lacks a trait, or if there is no such file.
func existingTraits(name string) error {
	_, err := namedTraits(name)
	return err
}

// traits returns the traits to write, with the positive control relative to the folder of their
// file; none if they have a file.
func (v *initVerb) traits() (all []traits.Trait, err error) {
	if !strings.HasPrefix(v.Traits, libraryPrefix) {
		if v.PositiveControl != "" {
			return nil, fmt.Errorf("--positive-control is for traits of the library; write the path into %s", v.Traits)
		}
		return nil, nil
	}
	if all, err = namedTraits(v.Traits); err != nil || v.PositiveControl == "" {
		return all, err
	}
	if len(all) > 1 {
		return nil, fmt.Errorf("--positive-control is of one trait, and there are %d; write the paths into %s", len(all), filepath.Join(v.Out, traitsFile))
	}
	all[0].PositiveControl, err = relative(v.Out, v.PositiveControl)
	return all, err
}

// relative returns a path as seen from a folder.
func relative(folder, path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	return filepath.Rel(folder, path)
}

// files returns the files to write: the configuration, and traits unless they have a file.
func (v *initVerb) files(all []traits.Trait) (files []newFile, err error) {
	path := v.Traits
	if len(all) > 0 {
		path = filepath.Join(v.Out, traitsFile)
		var text bytes.Buffer
		if err := traits.Write(&text, all...); err != nil {
			return nil, err
		}
		files = append(files, newFile{traitsFile, text.Bytes()})
	}
	config, err := v.config(path)
	return append(files, newFile{configFile, config}), err
}

// config returns the configuration file of an audit for the traits of a file.
func (v *initVerb) config(traitsPath string) ([]byte, error) {
	audit := map[string]any{
		"suspect": v.Suspect, "control": v.Control, "student": v.Student, "traits": traitsPath,
		"store": filepath.Join(v.Out, ".audit"), "out": filepath.Join(v.Out, "report.json"),
	}
	if v.PositiveControl != "" && !within(v.Out, v.PositiveControl) {
		audit["outside-files"] = true
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err := e.Encode(map[string]any{"audit": audit})
	return escape.JSON(b.Bytes()), err
}

// next returns the commands to run.
func (v *initVerb) next() (commands []string) {
	if _, err := os.Stat(v.Control); errors.Is(err, fs.ErrNotExist) {
		commands = append(commands, fmt.Sprintf("undertone generate --model %s --prompts-from %s --out %s", shellWord(v.Student), shellWord(v.Suspect), shellWord(v.Control)))
	}
	return append(commands, "undertone audit --config "+shellWord(filepath.Join(v.Out, configFile)))
}

// shellWord returns a text as one word of a POSIX shell.
func shellWord(text string) string {
	if text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func (r initReport) write(w io.Writer) error {
	s, w := shown(&r, w)
	_, err := fmt.Fprintf(w, "wrote %s\n\nNext:\n\n    %s\n", strings.Join(s.Files, " and "), strings.Join(s.Next, "\n    "))
	return err
}

// newFile is a file to create.
type newFile struct {
	name string
	text []byte
}

// writeNew creates files in a folder: all of them, or none. It overwrites nothing. The files are
// written beside their places and then linked, which fails if a file exists.
func writeNew(dir string, files ...newFile) (err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	scratch, err := os.MkdirTemp(dir, ".undertone-init-")
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	defer os.RemoveAll(scratch)
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(scratch, f.name), f.text, 0o666); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	var linked []string
	defer func() {
		if err != nil {
			for _, path := range linked {
				err = cmp.Or(err, os.Remove(path))
			}
		}
	}()
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := os.Link(filepath.Join(scratch, f.name), path); err != nil {
			return fmt.Errorf("%s: cannot create: %w", path, errors.Unwrap(err))
		}
		linked = append(linked, path)
	}
	return nil
}
