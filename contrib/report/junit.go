package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/internal/escape"
)

// The elements of JUnit's XML, as Jenkins, GitLab and GitHub's actions read them.
type junitSuites struct {
	XMLName  xml.Name   `xml:"testsuites"`
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Errors   int        `xml:"errors,attr"`
	Suite    junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class      string           `xml:"classname,attr"`
	Name       string           `xml:"name,attr"`
	Properties *junitProperties `xml:"properties"`
	Failure    *junitFailure    `xml:"failure"`
}

type junitProperties struct {
	Property []junitProperty `xml:"property"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes one test for each check. A check that is inconclusive fails: CI systems count a
// skipped test as green.
func writeJUnit(w io.Writer, p *Page) error {
	p = escape.Strings(p, escape.Text)
	s := junitSuite{Name: p.Kind + " of " + p.Subject, Properties: []junitProperty{
		{"question", p.Question}, {"outcome", p.Outcome}, {"schema", p.Schema}, {"version", p.Version}, {"digest", p.Digest},
	}}
	if p.Gate != "" {
		s.Properties = append(s.Properties, junitProperty{"gate", p.Gate})
	}
	for _, c := range p.Checks {
		t := junitCase{Class: "undertone." + p.Kind, Name: c.Name}
		if len(c.Numbers) > 0 {
			t.Properties = new(junitProperties)
		}
		for _, n := range c.Numbers {
			t.Properties.Property = append(t.Properties.Property, junitProperty(n))
		}
		if c.fails() {
			t.Failure = &junitFailure{Type: c.Outcome, Message: c.message(), Text: strings.Join(c.Reasons, "\n")}
			s.Failures++
		}
		s.Tests++
		s.Cases = append(s.Cases, t)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{Name: "undertone", Tests: s.Tests, Failures: s.Failures, Suite: s}); err != nil {
		return fmt.Errorf("junit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// fails reports whether a CI system must show the check as failed.
func (c Check) fails() bool { return !c.Passes && (c.Tone == Detected || c.Tone == Inconclusive) }

// message returns the outcome with its reasons and its effects, in one line.
func (c Check) message() string {
	about := slices.Concat(c.Reasons, c.Effects)
	if len(about) == 0 {
		return c.Outcome
	}
	return c.Outcome + ": " + strings.Join(about, "; ")
}
