package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/internal/bounded"
	"github.com/undertone-audit/undertone/internal/strictjson"
)

// MaxSize is the largest size of a catalogue file that is read, in bytes.
const MaxSize = 16 << 20

// maxClaims is the largest number of values of one field of [Claims].
const maxClaims = 10_000

// ReadCroissant reads what a Croissant file claims, of any version. It refuses text that two
// readers could understand in different ways. The context of the file gives the prefixes of
// properties; a context at an address is not fetched.
func ReadCroissant(text []byte) (*Claims, error) {
	c, err := readCroissant(text)
	if err != nil {
		return nil, fmt.Errorf("catalogue: croissant: %w", err)
	}
	return c, nil
}

func readCroissant(text []byte) (*Claims, error) {
	var strict json.RawMessage
	if err := strictjson.Decode(text, MaxSize, &strict); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var document map[string]any
	if err := bounded.CheckJSON(text, &document); err != nil {
		return nil, err
	}
	if err := d.Decode(&document); err != nil {
		return nil, errors.New("it is not a JSON object")
	}
	l := newLinked(document["@context"])
	set := l.node(document)
	if !slices.ContainsFunc(texts(set["@type"]), func(t string) bool { return l.expand(t) == schemaOrg+"Dataset" }) {
		return nil, errors.New(`its "@type" is not a data set (sc:Dataset)`)
	}
	c := &collector{linked: l, claims: &Claims{
		Format: CroissantFormat, Name: first(set[schemaOrg+"name"]), Version: first(set[schemaOrg+"version"]),
		Licenses: l.names(set[schemaOrg+"license"]), ConformsTo: texts(set[dcTerms+"conformsTo"]), Tags: texts(set[schemaOrg+"keywords"]),
	}}
	c.origin(set)
	c.files(set)
	c.responsible(set)
	return c.result()
}

// collector collects the claims of a document.
type collector struct {
	*linked
	claims                  *Claims
	models, sources, agents distinct
}

// files reads the distribution, and where its files and records come from.
func (c *collector) files(set node) {
	for _, v := range list(set[schemaOrg+"distribution"]) {
		file := c.node(v)
		if file == nil {
			continue
		}
		f := File{Name: first(file[schemaOrg+"name"]), URL: first(file[schemaOrg+"contentUrl"]), SHA256: first(file[schemaOrg+"sha256"])}
		if f.SHA256 == "" {
			f.SHA256 = first(file[croissant+"sha256"])
		}
		if f.Name == "" {
			f.Name = first(file["@id"])
		}
		c.claims.Files = append(c.claims.Files, f)
		c.origin(file)
	}
	for _, v := range list(set[croissant+"recordSet"]) {
		records := c.node(v)
		c.origin(records)
		for _, f := range list(records[croissant+"field"]) {
			c.origin(c.node(f))
		}
	}
}

// origin reads the properties of PROV-O of an object: the data set, a file, records or a field.
func (c *collector) origin(n node) {
	c.sources.add(c.names(n[provSpace+"wasDerivedFrom"])...)
	c.sources.add(c.names(n[schemaOrg+"isBasedOn"])...)
	c.agents.add(c.names(n[provSpace+"wasAttributedTo"])...)
	c.programs(n[provSpace+"wasAttributedTo"])
	for _, v := range list(n[provSpace+"wasGeneratedBy"]) {
		activity := c.node(v)
		if activity == nil {
			c.claims.Activities = append(c.claims.Activities, Activity{Label: first(v)})
			continue
		}
		with := activity[provSpace+"wasAssociatedWith"]
		c.programs(with)
		c.claims.Activities = append(c.claims.Activities, Activity{
			Label: c.name(activity), Agents: c.names(with), Used: c.names(activity[provSpace+"used"]),
			Start: first(activity[provSpace+"startedAtTime"]), End: first(activity[provSpace+"endedAtTime"]),
		})
	}
}

// programs adds the agents that are programs as models.
func (c *collector) programs(agents any) {
	for _, v := range list(agents) {
		agent := c.node(v)
		if slices.ContainsFunc(texts(agent["@type"]), func(t string) bool { return c.expand(t) == provSpace+"SoftwareAgent" }) {
			c.models.add(c.name(agent))
			c.claims.Synthetic = true
		}
	}
}

// names returns the names of the objects of a property, or its texts.
func (l *linked) names(v any) (all []string) {
	for _, each := range list(v) {
		if n := l.node(each); n != nil {
			if name := l.name(n); name != "" {
				all = append(all, name)
			}
			continue
		}
		all = append(all, texts(each)...)
	}
	return all
}

// name returns the label or the name of an object, its address, or "".
func (l *linked) name(n node) string {
	for _, property := range []string{provSpace + "label", "http://www.w3.org/2000/01/rdf-schema#label", schemaOrg + "name", "@id", schemaOrg + "url", "@value"} {
		if text := first(n[property]); text != "" {
			return text
		}
	}
	return ""
}

// responsible reads the properties of Croissant RAI.
func (c *collector) responsible(set node) {
	for _, property := range slices.Sorted(maps.Keys(set)) {
		name, ok := strings.CutPrefix(property, raiSpace)
		if values := texts(set[property]); ok && len(values) > 0 {
			c.claims.Responsible = append(c.claims.Responsible, Responsible{name, values})
		}
	}
}

// result returns the claims, or an error if there are more than a reader can want.
func (c *collector) result() (*Claims, error) {
	r := c.claims
	r.Models, r.Sources, r.Agents = c.models.all, c.sources.all, c.agents.all
	for what, n := range map[string]int{
		"files": len(r.Files), "sources": len(r.Sources), "agents": len(r.Agents), "models": len(r.Models), "activities": len(r.Activities),
	} {
		if n > maxClaims {
			return nil, fmt.Errorf("it names %d %s, want at most %d", n, what, maxClaims)
		}
	}
	return r, nil
}

// distinct holds texts in the order in which they were added, each once.
type distinct struct {
	all  []string
	seen map[string]bool
}

func (d *distinct) add(texts ...string) {
	for _, text := range texts {
		if text == "" || d.seen[text] {
			continue
		}
		if d.seen == nil {
			d.seen = map[string]bool{}
		}
		d.seen[text] = true
		d.all = append(d.all, text)
	}
}
