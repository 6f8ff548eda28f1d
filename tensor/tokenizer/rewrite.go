package tokenizer

import (
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// rewriter changes a text before it is cut into words.
type rewriter interface {
	fmt.Stringer

	// rewrite returns the new form of s, a text between two added tokens.
	rewrite(s string, from place) string
}

// place is what precedes a text.
type place int

const (
	atStart    place = iota // nothing
	afterToken              // an added token
	inText                  // text
)

func rewriteAll(rewriters []rewriter, s string, from place) string {
	for _, r := range rewriters {
		s = r.rewrite(s, from)
	}
	return s
}

// maxGrowth is the factor by which rules may lengthen a text: "▁" for a space is 3.
const maxGrowth = 8

// checkGrowth refuses rules by which a short text could fill the memory.
func checkGrowth(rewriters []rewriter) error {
	growth, more := 1, 0
	for _, r := range rewriters {
		switch r := r.(type) {
		case replacement:
			growth *= max(1, (len(r.new)+len(r.old)-1)/len(r.old))
		case prepended:
			more += len(r.text)
		}
		if growth > maxGrowth || more > maxToken {
			return fmt.Errorf("%.200s: texts would grow %d-fold and by %d bytes: %w", r, growth, more, ErrUnsupported)
		}
	}
	return nil
}

// form is a Unicode normal form.
type form struct {
	norm.Form
	name string
}

var forms = map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}

func (f form) rewrite(s string, _ place) string { return f.Form.String(s) }
func (f form) String() string                   { return "normalize " + f.name }

// replacement is a text and its replacement.
type replacement struct{ old, new string }

func (r replacement) rewrite(s string, _ place) string { return strings.ReplaceAll(s, r.old, r.new) }
func (r replacement) String() string                   { return fmt.Sprintf("replace %q by %q", r.old, r.new) }

// prepended puts a text before texts that are not empty.
type prepended struct {
	text      string
	unless    string // not before texts that begin with this; "" is no condition
	firstOnly bool   // not before texts that follow an added token
}

func (p prepended) rewrite(s string, from place) string {
	if s == "" || from == inText || p.firstOnly && from != atStart || p.unless != "" && strings.HasPrefix(s, p.unless) {
		return s
	}
	return p.text + s
}

func (p prepended) String() string {
	return fmt.Sprintf("prepend %q unless %q, first only %t", p.text, p.unless, p.firstOnly)
}
