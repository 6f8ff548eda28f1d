package tokenizer

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// pattern is a regular expression that cuts text into words. Its top-level alternatives are tried
// in order, as in a backtracking engine.
type pattern struct {
	source   string
	branches []branch
}

// branch returns the length of its match at the start of s, or 0. It does not depend on the text
// before s.
type branch func(s string) int

// compilePattern builds a pattern of the alternatives that this package knows, or uses package
// regexp. That has no look-ahead, and some of its escapes are ASCII only: a pattern with one of
// these is an error.
func compilePattern(source string) (*pattern, error) {
	p := &pattern{source: source}
	for _, part := range alternatives(source) {
		b, ok := branches[part]
		if !ok {
			return compileRegexp(source, part)
		}
		p.branches = append(p.branches, b)
	}
	return p, nil
}

func compileRegexp(source, unknown string) (*pattern, error) {
	if !portable(source) {
		return nil, fmt.Errorf("pattern %#.500q: %w: its part %#.500q is not among the patterns of GPT-2, cl100k, o200k, Llama 3 or Qwen", source, ErrUnsupported, unknown)
	}
	re, err := regexp.Compile(`\A(?:` + source + `)`)
	if err != nil {
		return nil, fmt.Errorf("pattern %#.500q: %w: %w", source, ErrUnsupported, err)
	}
	return &pattern{source, []branch{func(s string) int {
		if at := re.FindStringIndex(s); at != nil {
			return at[1]
		}
		return 0
	}}}, nil
}

// portable reports whether package regexp reads a pattern as Oniguruma does: there \s, \d, \w, \b
// and [:names:] are Unicode's, $ and ^ match at every line, and && inside a class intersects.
func portable(source string) bool {
	for i := 0; i < len(source); i++ {
		rest := source[i:]
		switch {
		case strings.HasPrefix(rest, `\`):
			i++
			if i == len(source) || !strings.ContainsRune(`pPrntfvxu\|.-+*?()[]{}^$'"/ `, rune(source[i])) {
				return false
			}
		case strings.HasPrefix(rest, "[^"):
			i++
		case strings.HasPrefix(rest, "(?") && !strings.HasPrefix(rest, "(?:"),
			strings.HasPrefix(rest, "^"), strings.HasPrefix(rest, "$"),
			strings.HasPrefix(rest, "[:"), strings.HasPrefix(rest, "&&"):
			return false
		}
	}
	return true
}

// alternatives cuts a pattern at the bars outside of groups and classes.
func alternatives(source string) []string {
	var parts []string
	depth, start := 0, 0
	class := false
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == '|' && depth == 0:
			parts = append(parts, source[start:i])
			start = i + 1
		}
	}
	return append(parts, source[start:])
}

// match returns the length of the match at the start of s, or 0.
func (p *pattern) match(s string) int {
	for _, b := range p.branches {
		if n := b(s); n > 0 {
			return n
		}
	}
	return 0
}

// next implements [splitter]: a match is a word, and so is the text between two matches.
func (p *pattern) next(s string) (int, bool) {
	if n := p.match(s); n > 0 {
		return n, true
	}
	for i := 0; i < len(s); {
		_, n := utf8.DecodeRuneInString(s[i:])
		if i += n; p.match(s[i:]) > 0 {
			return i, true
		}
	}
	return len(s), true
}

func (p *pattern) String() string { return fmt.Sprintf("split %q", p.source) }
