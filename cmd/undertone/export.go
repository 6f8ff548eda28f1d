package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone/contrib/cyclonedx"
	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/provenance/catalogue"
)

type exportVerb struct {
	Data   string `arg:"" name:"file" file:"read" help:"File of rows, with its manifest FILE.undertone.json beside it."`
	Format string `enum:"croissant,card,cyclonedx,summary" default:"croissant" placeholder:"FORMAT" help:"Format: croissant (Croissant 1.1 with RAI and PROV-O), card (section of a dataset card), cyclonedx (CycloneDX 1.7) or summary (paragraph for the summary of training content of the EU AI Act) (default ${default})."`
	Card   string `file:"read" placeholder:"FILE" help:"Dataset card, such as README.md, which is copied to --out with the section in the place of an earlier one, or at the end. It needs --format card (default the section alone)."`
	Out    string `file:"write" default:"-" placeholder:"FILE" help:"File to write; - for standard output (default ${default})."`

	Name        string `group:"Croissant:" placeholder:"NAME" help:"Name of the data set (default the name of the file)."`
	Description string `group:"Croissant:" placeholder:"TEXT" help:"Description of the data set (default a sentence about the rows)."`
	License     string `group:"Croissant:" placeholder:"URL" help:"License of the data set, as an address or a name (default none)."`
	URL         string `name:"url" group:"Croissant:" placeholder:"URL" help:"Page of the data set (default none)."`
	Creator     string `group:"Croissant:" placeholder:"NAME" help:"Person or organisation that made the data set (default none)."`
	Published   string `group:"Croissant:" placeholder:"DATE" help:"Date of publication, such as 2026-11-27 (default none)."`
	SetVersion  string `group:"Croissant:" placeholder:"VERSION" help:"Version of the data set, such as 1.0.0 (default none)."`
}

// Run writes what the manifest of a file knows in a format of data catalogues.
func (v *exportVerb) Run(_ context.Context, c console) error {
	info := catalogue.Info{Name: v.Name, Description: v.Description, Version: v.SetVersion, License: v.License, URL: v.URL, Creator: v.Creator, Published: v.Published}
	switch {
	case v.Card != "" && v.Format != "card":
		return errors.New("--card needs --format card")
	case info != (catalogue.Info{}) && v.Format != "croissant":
		return errors.New("--name, --description, --license, --url, --creator, --published and --set-version need --format croissant")
	}
	m, err := checkedManifest(v.Data)
	if err != nil {
		return err
	}
	text, err := v.text(filepath.Base(v.Data), m, info)
	if err != nil {
		return err
	}
	if missing := info.Missing(); v.Format == "croissant" && len(missing) > 0 {
		c.warnings.add("Croissant requires --" + strings.Join(missing, ", --") + ", which are left out")
	}
	return writeWhole(v.Out, c, text)
}

func (v *exportVerb) text(file string, m *provenance.Manifest, info catalogue.Info) ([]byte, error) {
	switch v.Format {
	case "croissant":
		text, err := catalogue.Croissant(file, m, info)
		return escape.JSON(text), err
	case "cyclonedx":
		text, err := cyclonedx.Encode(file, m)
		return escape.JSON(text), err
	case "summary":
		text, err := catalogue.TrainingSummary(file, m)
		return []byte(text), err
	}
	section, err := catalogue.Section(file, m)
	if err != nil || v.Card == "" {
		return []byte(section), err
	}
	card, err := readSmall(v.Card, catalogue.MaxSize)
	if err != nil {
		return nil, fmt.Errorf("--card %s: %w", v.Card, err)
	}
	return catalogue.UpdateCard(card, section)
}

// checkedManifest returns the manifest of a file. It refuses a manifest that describes other bytes.
func checkedManifest(path string) (*provenance.Manifest, error) {
	m, _, err := provenance.ReadFile(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	if _, statErr := os.Stat(path); statErr != nil {
		return nil, fmt.Errorf("%s: %w", path, withoutPath(statErr))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: it has no manifest %s; the verbs that write rows write it", path, provenance.Path(path))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	bytes, err := fileDigest(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if bytes != m.Subject.Content.Bytes {
		return nil, fmt.Errorf("%s: the file differs from its manifest; it was changed or replaced", path)
	}
	return m, nil
}

// writeWhole writes a text as a file, or to standard output.
func writeWhole(path string, c console, text []byte) error {
	out, err := create(path, c.stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	if err := out.write(text); err != nil {
		return err
	}
	if err := out.flush(); err != nil {
		return err
	}
	return out.commit()
}
