package catalogue

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/provenance"
)

// The markers around the section of this program in a dataset card.
const (
	sectionBegin = "<!-- undertone: begin. This section is generated; text between the markers is replaced. -->"
	sectionEnd   = "<!-- undertone: end -->"
)

// Section returns a section of a dataset card in Markdown about a file of rows and its manifest. It
// has no markers.
func Section(file string, m *provenance.Manifest) (string, error) {
	o, err := originOf(m)
	if err != nil {
		return "", fmt.Errorf("catalogue: section of %s: %w", file, err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## Origin of the rows\n\n`undertone` has written this section from the manifest of %s (digest `%s`).\nThe manifest makes claims; `undertone trace` checks them.\n", escape.Markdown(file), m.Digest)
	biases, limitations := o.traits()
	for _, part := range []struct {
		title string
		lines []string
	}{
		{"Written by", o.writers()}, {"Filtered and changed by", o.steps()}, {"Traits that were declared or detected", biases}, {"Other tests of traits", limitations},
	} {
		if len(part.lines) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n", part.title)
		for _, line := range part.lines {
			fmt.Fprintf(&b, "- %s\n", escapedDigest.ReplaceAllString(escape.Markdown(line), "`sha256:$1`"))
		}
	}
	return b.String(), nil
}

// escapedDigest is a digest in escaped text. It is written as code, so that it can be copied.
var escapedDigest = regexp.MustCompile(`sha256:&#8203;([0-9a-f]{64})\b`)

// UpdateCard returns a dataset card with a section of this program: in the place of the earlier
// one, or at the end. Everything else stays as it is, byte by byte.
func UpdateCard(card []byte, section string) ([]byte, error) {
	begins, ends := bytes.Count(card, []byte(sectionBegin)), bytes.Count(card, []byte(sectionEnd))
	marked := sectionBegin + "\n" + section + sectionEnd
	switch {
	case begins == 0 && ends == 0:
		gap := ""
		if len(card) > 0 {
			gap = "\n"
			if !bytes.HasSuffix(card, []byte("\n")) {
				gap = "\n\n"
			}
		}
		return append(append(bytes.Clone(card), gap...), marked+"\n"...), nil
	case begins == 1 && ends == 1 && bytes.Index(card, []byte(sectionBegin)) < bytes.Index(card, []byte(sectionEnd)):
		before, _, _ := bytes.Cut(card, []byte(sectionBegin))
		_, after, _ := bytes.Cut(card, []byte(sectionEnd))
		return append(append(bytes.Clone(before), marked...), after...), nil
	}
	return nil, errors.New("catalogue: card: its markers of the undertone section do not form one pair; remove them, and the section is added at the end")
}
