// Package cyclonedx writes what a manifest knows as a machine-learning bill of materials: CycloneDX
// 1.7, with the rows as a data component, their parents as its pedigree, and the models that wrote
// them. It is a module of its own, because the format is that of github.com/CycloneDX/cyclonedx-go.
package cyclonedx

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/provenance"
)

// Encode returns the bill of materials of a file and its manifest as CycloneDX 1.7 in JSON. Equal
// manifests give equal text: the serial number comes from the digest of the manifest, and no time
// is recorded.
func Encode(file string, m *provenance.Manifest) ([]byte, error) {
	bom, err := BOM(file, m)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := cdx.NewBOMEncoder(&text, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_7); err != nil {
		return nil, fmt.Errorf("cyclonedx: %s: %w", file, err)
	}
	return escape.JSON(text.Bytes()), nil
}

// BOM returns the bill of materials of a file and its manifest.
func BOM(file string, m *provenance.Manifest) (*cdx.BOM, error) {
	b := builder{components: map[undertone.Digest]cdx.Component{}}
	for _, r := range m.Ancestors {
		id, err := r.ID()
		if err != nil {
			return nil, fmt.Errorf("cyclonedx: %s: %w", file, err)
		}
		b.components[id] = component(id, r)
		b.order = append(b.order, id)
		b.depend(id.String(), r.Parents)
	}
	subject := m.Subject
	subject.Path = file
	id, err := subject.ID()
	if err != nil {
		return nil, fmt.Errorf("cyclonedx: %s: %w", file, err)
	}
	c := component(id, subject)
	c.Pedigree = b.pedigree(m.Subject)
	b.depend(id.String(), subject.Parents)

	bom := cdx.NewBOM()
	bom.SpecVersion = cdx.SpecVersion1_7
	bom.SerialNumber = "urn:uuid:" + uuid(m.Digest)
	bom.Metadata = &cdx.Metadata{
		Component:  &c,
		Tools:      &cdx.ToolsChoice{Components: &[]cdx.Component{{Type: cdx.ComponentTypeApplication, Name: "undertone", Version: undertone.Version}}},
		Properties: properties("manifest", m.Digest.String()),
	}
	components := []cdx.Component{}
	for _, id := range b.order {
		components = append(components, b.components[id])
	}
	bom.Components, bom.Dependencies = &components, &b.dependencies
	return bom, nil
}

// builder collects the parts of a bill of materials.
type builder struct {
	components   map[undertone.Digest]cdx.Component
	order        []undertone.Digest
	dependencies []cdx.Dependency
}

func (b *builder) depend(ref string, parents []provenance.Parent) {
	on := []string{}
	seen := map[undertone.Digest]bool{}
	for _, p := range parents {
		if !seen[p.Record] {
			seen[p.Record] = true
			on = append(on, p.Record.String())
		}
	}
	b.dependencies = append(b.dependencies, cdx.Dependency{Ref: ref, Dependencies: &on})
}

// pedigree returns the parents of a record, and its steps as notes.
func (b *builder) pedigree(r provenance.Record) *cdx.Pedigree {
	ancestors := []cdx.Component{}
	for _, p := range r.Parents {
		parent := b.components[p.Record]
		parent.BOMRef = "" // a reference is there once
		parent.Properties = join(parent.Properties, properties("role", string(p.Role)))
		ancestors = append(ancestors, parent)
	}
	return &cdx.Pedigree{Ancestors: &ancestors, Notes: notes(r.Made)}
}

// notes returns a sentence on how a record was made.
func notes(m *provenance.Made) string {
	if m == nil {
		return "The origin is unknown."
	}
	text := fmt.Sprintf("Made by undertone %s %s: %d rows in, %d rows out.", m.By, m.Version, m.In, m.Out)
	for _, s := range m.Steps {
		text += fmt.Sprintf(" %s %s: %d rows in, %d dropped, %d changed, %d added.", s.Kind, s.Name, s.In, s.Dropped, s.Changed, s.Added)
	}
	return text
}

// component returns the component of a record.
func component(id undertone.Digest, r provenance.Record) cdx.Component {
	c := cdx.Component{BOMRef: id.String(), Type: cdx.ComponentTypeData, Name: r.Path}
	if !r.Content.Bytes.IsZero() {
		c.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(r.Content.Bytes[:])}}
	}
	if rows := r.Content.Rows; rows != nil {
		c.Properties = properties("rows", strconv.Itoa(rows.Count), "root", rows.Root.String())
		c.Data = &[]cdx.ComponentData{{Type: cdx.ComponentDataTypeDataset, Name: r.Path, Description: fmt.Sprintf("%d training rows", rows.Count)}}
	}
	if model := r.Content.Model; model != nil {
		c.Type, c.Name, c.Hashes = cdx.ComponentTypeMachineLearningModel, model.Name, nil // the digest of a folder is no SHA-256 of a file
		c.Properties = properties("weights", known(model.Weights), "base", known(model.Base), "tokenizer", known(model.Tokenizer), "adapter", known(model.Adapter))
	}
	for _, t := range r.Tested {
		c.Properties = join(c.Properties, properties("tested trait "+t.Trait, t.Verdict+", report "+t.Report.String()))
	}
	for _, t := range r.Declared {
		c.Properties = join(c.Properties, properties("declared trait", t.Trait))
	}
	if c.Name == "" {
		c.Name = id.String()
	}
	return c
}

// properties returns properties of names and values. Those without a value are left out.
func properties(pairs ...string) *[]cdx.Property {
	all := []cdx.Property{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			all = append(all, cdx.Property{Name: "undertone:" + pairs[i], Value: pairs[i+1]})
		}
	}
	return &all
}

func join(a, b *[]cdx.Property) *[]cdx.Property {
	all := []cdx.Property{}
	for _, list := range []*[]cdx.Property{a, b} {
		if list != nil {
			all = append(all, *list...)
		}
	}
	return &all
}

// known returns a digest, or "" if it is unknown.
func known(d undertone.Digest) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// uuid returns a UUID of version 8 (RFC 9562) from a digest.
func uuid(d undertone.Digest) string {
	d[6], d[8] = d[6]&0x0f|0x80, d[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", d[:4], d[4:6], d[6:8], d[8:10], d[10:16])
}
