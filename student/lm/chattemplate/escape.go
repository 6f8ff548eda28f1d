package chattemplate

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A conversation must not forge the special tokens of a template. Before a rendering that mixes
// contents with the text of the template, each special token that a content spells becomes one
// character of a private range; afterwards the character becomes a segment of its own.

// firstControl is the character of special token 0.
const firstControl = rune(0x10E000)

// maxControls is the largest number of special tokens.
const maxControls = int(firstHole - firstControl)

// controls escapes special tokens.
type controls struct {
	tokens  []string // longest first
	replace *strings.Replacer
}

func newControls(tokens []string) controls {
	tokens = slices.DeleteFunc(slices.Clone(tokens), func(s string) bool { return s == "" })
	slices.SortFunc(tokens, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	tokens = slices.Compact(tokens)
	tokens = tokens[:min(len(tokens), maxControls)]
	var pairs []string
	for i, t := range tokens {
		pairs = append(pairs, t, string(firstControl+rune(i)))
	}
	return controls{tokens, strings.NewReplacer(pairs...)}
}

// private reports whether a character is one of those that stand for special tokens or holes.
func private(c rune) bool { return c >= firstControl }

func (c controls) escape(s string) string { return c.replace.Replace(s) }

// in reports whether a text has a special token.
func (c controls) in(text string) bool {
	return slices.ContainsFunc(c.tokens, func(token string) bool { return strings.Contains(text, token) })
}

// clean returns an error if a conversation has a character of the private ranges.
func (c Conversation) clean() error {
	check := func(s string) error {
		if i := strings.IndexFunc(s, private); i >= 0 {
			r, _ := utf8.DecodeRuneInString(s[i:])
			return fmt.Errorf("chat template: the conversation has the character U+%X, which stands for other text while a template is rendered: remove it", r)
		}
		return nil
	}
	for _, m := range c.Messages {
		texts := []string{m.Content, m.Reasoning, m.Name, m.ToolCallID}
		for _, call := range m.ToolCalls {
			texts = append(texts, string(call))
		}
		for _, s := range texts {
			if err := check(s); err != nil {
				return err
			}
		}
	}
	for _, tool := range c.Tools {
		if err := check(string(tool)); err != nil {
			return err
		}
	}
	return nil
}

// unescape divides a text at what stands for special tokens.
func (t *Template) unescape(s string) []Segment {
	var segments []Segment
	for s != "" {
		at := strings.IndexFunc(s, private)
		if at < 0 {
			at = len(s)
		}
		if at > 0 {
			segments = append(segments, Segment{Text: s[:at]})
		}
		if s = s[at:]; s != "" {
			c, n := utf8.DecodeRuneInString(s)
			segments, s = append(segments, Segment{t.controls.text(c), true}), s[n:]
		}
	}
	return segments
}

// text returns the special token that a character stands for.
func (c controls) text(r rune) string {
	if i := int(r - firstControl); i < len(c.tokens) {
		return c.tokens[i]
	}
	return string(r)
}

// unescaped returns the length of a text after unescape.
func (t *Template) unescaped(s string) int {
	n := 0
	for _, segment := range t.unescape(s) {
		n += len(segment.Text)
	}
	return n
}
