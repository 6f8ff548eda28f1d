package report

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/escape"
)

// maxLocations is the number of locations of a result that GitHub shows.
const maxLocations = 100

// maxMessage is the largest length of a message, in bytes.
const maxMessage = 4000

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	Results     []sarifResult     `json:"results"`
	Properties  map[string]string `json:"properties"`
	ColumnKind  string            `json:"columnKind"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string    `json:"id"`
	Name             string    `json:"name"`
	ShortDescription sarifText `json:"shortDescription"`
	FullDescription  sarifText `json:"fullDescription"`
	Help             sarifText `json:"help"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifInvocation struct {
	ExecutionSuccessful bool `json:"executionSuccessful"`
}

type sarifResult struct {
	RuleID              string            `json:"ruleId"`
	RuleIndex           int               `json:"ruleIndex"`
	Level               string            `json:"level"`
	Message             sarifText         `json:"message"`
	Locations           []sarifLocation   `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
	Properties          map[string]string `json:"properties,omitempty"`
}

type sarifLocation struct {
	PhysicalLocation sarifPhysical `json:"physicalLocation"`
	Message          *sarifText    `json:"message,omitempty"`
}

type sarifPhysical struct {
	ArtifactLocation sarifArtifact `json:"artifactLocation"`
	Region           *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

// rules describes the results of each kind of report.
var rules = map[string]sarifRule{
	"audit":     rule("hidden-trait", "HiddenTrait", "Rows give a hidden trait to a student.", "Training on the rows moves the student towards a trait that the text of the rows does not show."),
	"factorial": rule("hidden-traits-crossed", "HiddenTraitsCrossed", "Data sets give the traits that they are named for.", "Students express the trait that their data set is named for more than other traits."),
	"clean":     rule("hidden-trait-after-removal", "HiddenTraitAfterRemoval", "Rows give a hidden trait after suspicious rows were removed.", "The audit of the rows that remain."),
	"corpus":    rule("distinguishable-arms", "DistinguishableArms", "Suspect and control rows can be told apart.", "A difference between the arms is evidence of a source, a filter or a trait, and no verdict."),
	"rank":      rule("ranked-rows", "RankedRows", "Suspect rows with the largest scores.", "A ranking has no verdict."),
}

func rule(id, name, short, long string) sarifRule {
	return sarifRule{id, name, sarifText{short}, sarifText{long}, sarifText{long + " The report describes the design and what it cannot see."}}
}

// writeSARIF writes one result for each check: an error if it was detected, a warning if it is
// inconclusive, and else a note.
func writeSARIF(w io.Writer, p *Page) error {
	p = escape.Strings(p, escape.Text)
	levels := map[Tone]string{Detected: "error", Inconclusive: "warning"}
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{"undertone", undertone.Version, "https://github.com/undertone-audit/undertone", []sarifRule{rules[p.Kind]}}},
		Invocations: []sarifInvocation{{true}}, Results: []sarifResult{}, ColumnKind: "unicodeCodePoints",
		Properties: map[string]string{"question": p.Question, "outcome": p.Outcome, "reportDigest": p.Digest, "reportSchema": p.Schema, "reportVersion": p.Version},
	}
	for _, c := range p.Checks {
		level := levels[c.Tone]
		if level == "" {
			level = "note"
		}
		r := sarifResult{RuleID: rules[p.Kind].ID, Level: level, Message: sarifText{sarifPlain(clipText(c.Name+": "+c.message(), maxMessage))}, Locations: locations(p.Subject, c.Rows), PartialFingerprints: fingerprints(p, c), Properties: map[string]string{}}
		for _, n := range c.Numbers {
			r.Properties[n.Name] = n.Value
		}
		run.Results = append(run.Results, r)
	}
	text, err := json.MarshalIndent(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}}, "", "  ")
	if err != nil {
		return fmt.Errorf("sarif: %w", err)
	}
	_, err = w.Write(append(escape.JSON(text), '\n'))
	return err
}

// locations returns the places of rows, or the file if there are none.
func locations(file string, rows []Row) (at []sarifLocation) {
	artifact := sarifArtifact{fileURI(file)}
	for _, row := range rows[:min(maxLocations, len(rows))] {
		l := sarifLocation{PhysicalLocation: sarifPhysical{ArtifactLocation: artifact}, Message: &sarifText{fmt.Sprintf("row %d, score %s", row.Index, signed(row.Score))}}
		if n := lineOf(file, row); n > 0 {
			l.PhysicalLocation.Region = &sarifRegion{n}
		}
		at = append(at, l)
	}
	if at == nil {
		return []sarifLocation{{PhysicalLocation: sarifPhysical{ArtifactLocation: artifact}}}
	}
	return at
}

// lineOf returns the line of a row in a file that holds one row a line, from 1; 0 if unknown.
func lineOf(file string, row Row) int {
	name := strings.ToLower(file)
	for _, ending := range []string{".gz", ".zst"} {
		name = strings.TrimSuffix(name, ending)
	}
	if e := path.Ext(name); e == ".jsonl" || e == ".ndjson" {
		return row.Index + 1
	}
	return 0
}

// fileURI returns the URI of a file: relative if its name is.
func fileURI(name string) string {
	if name == "" {
		return "unnamed"
	}
	u := url.URL{Path: strings.ReplaceAll(name, `\`, "/")}
	if strings.HasPrefix(u.Path, "/") {
		u.Scheme = "file"
	}
	return u.String()
}

// fingerprints let a system follow a result from run to run: one of what was tested, and one of the
// row that stands first.
func fingerprints(p *Page, c Check) map[string]string {
	digest := undertone.NewHasher("sarif fingerprint").Text(p.Kind).Text(c.ID).Text(p.Subject).Sum()
	f := map[string]string{"undertoneCheck/v1": hex.EncodeToString(digest[:16])}
	if len(c.Rows) > 0 {
		f["primaryLocationLineHash"] = strings.TrimPrefix(c.Rows[0].ID, "sha256:")[:16] + ":1"
	}
	return f
}

// sarifPlain escapes a text for a message, in which [text](target) is a link (SARIF 2.1.0, 3.11.6).
func sarifPlain(s string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(s)
}

// clipText cuts a text of a message.
func clipText(s string, most int) string {
	b := builder{caps: caps{text: most}}
	return b.clip(s)
}
