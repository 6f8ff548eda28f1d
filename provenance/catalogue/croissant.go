package catalogue

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/provenance"
)

// Info is what a catalogue wants to know and a manifest does not hold. An empty field is left out,
// although Croissant requires all but Version.
type Info struct {
	Name        string // of the data set (default the name of the file)
	Description string // (default a sentence on the rows)
	Version     string // such as "1.0.0"
	License     string // an address or a name
	URL         string // page of the data set
	Creator     string // person or organisation
	Published   string // date, such as 2026-11-27
}

// Missing returns the names of the fields that Croissant requires and that are empty.
func (i Info) Missing() (names []string) {
	for _, f := range []struct{ name, value string }{
		{"license", i.License}, {"url", i.URL}, {"creator", i.Creator}, {"published", i.Published},
	} {
		if f.value == "" {
			names = append(names, f.name)
		}
	}
	return names
}

// context is the JSON-LD context of Croissant 1.1, appendix 1, with PROV-O.
const context = `{
  "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/",
  "rai": "http://mlcommons.org/croissant/RAI/", "dct": "http://purl.org/dc/terms/", "prov": "http://www.w3.org/ns/prov#",
  "annotation": "cr:annotation", "arrayShape": "cr:arrayShape", "citeAs": "cr:citeAs", "column": "cr:column",
  "conformsTo": "dct:conformsTo", "containedIn": "cr:containedIn", "data": {"@id": "cr:data", "@type": "@json"},
  "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "equivalentProperty": "cr:equivalentProperty",
  "examples": {"@id": "cr:examples", "@type": "@json"}, "excludes": "cr:excludes", "extract": "cr:extract", "field": "cr:field",
  "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
  "includes": "cr:includes", "isArray": "cr:isArray", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath",
  "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path", "readLines": "cr:readLines",
  "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated",
  "replace": "cr:replace", "samplingRate": "cr:samplingRate", "sdVersion": "cr:sdVersion", "separator": "cr:separator",
  "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform", "unArchive": "cr:unArchive", "value": "cr:value"
}`

// document is a Croissant file.
type document struct {
	Context     json.RawMessage `json:"@context"`
	Type        string          `json:"@type"`
	ConformsTo  []string        `json:"conformsTo"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	License     string          `json:"license,omitempty"`
	URL         string          `json:"url,omitempty"`
	Creator     *agent          `json:"creator,omitempty"`
	Published   string          `json:"datePublished,omitempty"`
	Version     string          `json:"version,omitempty"`
	Identifier  string          `json:"identifier"`

	Distribution []fileObject `json:"distribution"`

	GeneratedBy  []activity  `json:"prov:wasGeneratedBy,omitempty"`
	DerivedFrom  []reference `json:"prov:wasDerivedFrom,omitempty"`
	AttributedTo []agent     `json:"prov:wasAttributedTo,omitempty"`

	Collection  []string `json:"rai:dataCollection,omitempty"`
	Preprocess  []string `json:"rai:dataPreprocessingProtocol,omitempty"`
	Biases      []string `json:"rai:dataBiases,omitempty"`
	Limitations []string `json:"rai:dataLimitations,omitempty"`
}

type fileObject struct {
	Type     string `json:"@type"`
	ID       string `json:"@id"`
	Name     string `json:"name"`
	URL      string `json:"contentUrl"`
	Size     string `json:"contentSize,omitempty"`
	Encoding string `json:"encodingFormat"`
	SHA256   string `json:"sha256"`
}

type activity struct {
	Type  string      `json:"@type"`
	ID    string      `json:"@id,omitempty"`
	Label string      `json:"prov:label"`
	With  *agent      `json:"prov:wasAssociatedWith,omitempty"`
	Used  []reference `json:"prov:used,omitempty"`
}

type agent struct {
	Type  string `json:"@type"`
	ID    string `json:"@id,omitempty"`
	Label string `json:"prov:label,omitempty"`
	Name  string `json:"name,omitempty"`
}

type reference struct {
	ID string `json:"@id"`
}

// Croissant returns a Croissant 1.1 file with RAI and PROV-O about a file of rows and its manifest.
func Croissant(file string, m *provenance.Manifest, info Info) ([]byte, error) {
	d, err := describe(file, m, info)
	if err != nil {
		return nil, fmt.Errorf("catalogue: croissant of %s: %w", file, err)
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("catalogue: croissant of %s: %w", file, err)
	}
	return escape.JSON(text.Bytes()), nil
}

var errNoRows = errors.New("its manifest describes no file of rows")

func describe(file string, m *provenance.Manifest, info Info) (*document, error) {
	o, err := originOf(m)
	if err != nil {
		return nil, err
	}
	if m.Subject.Content.Rows == nil {
		return nil, errNoRows
	}
	content := m.Subject.Content
	d := &document{
		Context: json.RawMessage(context), Type: "sc:Dataset",
		ConformsTo: []string{"http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"},
		Name:       or(info.Name, datasetName(file)), Description: or(info.Description, fmt.Sprintf("%d training rows. %s", content.Rows.Count, strings.Join(o.writers(), " "))),
		License: info.License, URL: info.URL, Published: info.Published, Version: info.Version, Identifier: "undertone manifest " + m.Digest.String(),
		Distribution: []fileObject{{
			Type: "cr:FileObject", ID: file, Name: file, URL: file, Size: fmt.Sprintf("%d B", content.Size),
			Encoding: encoding(file), SHA256: hex.EncodeToString(content.Bytes[:]),
		}},
		Collection: o.writers(), Preprocess: o.steps(),
	}
	if info.Creator != "" {
		d.Creator = &agent{Type: "sc:Organization", Name: info.Creator}
	}
	d.Biases, d.Limitations = o.traits()
	d.origin(o)
	return d, nil
}

// origin adds the properties of PROV-O.
func (d *document) origin(o *origin) {
	for _, g := range o.generators {
		a := activity{Type: "prov:Activity", Label: "generate", With: &agent{Type: "prov:SoftwareAgent", Label: g.model.Name}}
		if !g.model.Weights.IsZero() {
			a.With.ID = "urn:" + g.model.Weights.String()
		}
		if !g.how.PromptSet.IsZero() {
			a.Used = []reference{{"urn:" + g.how.PromptSet.String()}}
		}
		d.GeneratedBy = append(d.GeneratedBy, a)
	}
	for _, made := range o.made {
		d.GeneratedBy = append(d.GeneratedBy, activity{Type: "prov:Activity", Label: made.By})
	}
	for _, s := range o.sources {
		d.DerivedFrom = append(d.DerivedFrom, reference{"urn:" + s.Content.Bytes.String()})
	}
}

// datasetName returns the name of a file without its endings.
func datasetName(file string) string {
	name, _, _ := strings.Cut(file, ".")
	return or(name, file)
}

// encoding returns the media type of a file of rows.
func encoding(file string) string {
	switch {
	case strings.HasSuffix(file, ".gz"):
		return "application/gzip"
	case strings.HasSuffix(file, ".zst"):
		return "application/zstd"
	}
	return "application/jsonlines"
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
