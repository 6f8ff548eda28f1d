package tokenizer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// added is a token that is searched for in the text first.
type added struct {
	id      int32
	content string

	special    bool // part of a chat format: plain text except in EncodeChat
	normalized bool // searched for after the normaliser, if not special
	singleWord bool // not inside a word
	lstrip     bool // includes the white space before it
	rstrip     bool // includes the white space after it
}

func (a added) String() string {
	return fmt.Sprintf("added %d %q special %t normalized %t single word %t lstrip %t rstrip %t",
		a.id, a.content, a.special, a.normalized, a.singleWord, a.lstrip, a.rstrip)
}

// finder finds added tokens: the leftmost one, and of several there the longest.
type finder struct {
	starts [256]bool // the first bytes of tokens
	next   map[edge]int32
	token  []int32 // by node of the trie: index into tokens, or -1
	tokens []added
}

// edge is a byte at a node of the trie, whose root is node 0.
type edge struct {
	node int32
	b    byte
}

// newFinder returns nil if there are no tokens.
func newFinder(tokens []added) *finder {
	if len(tokens) == 0 {
		return nil
	}
	f := &finder{next: map[edge]int32{}, token: []int32{-1}, tokens: tokens}
	for i, t := range tokens {
		node := int32(0)
		f.starts[t.content[0]] = true
		for _, b := range []byte(t.content) {
			child, ok := f.next[edge{node, b}]
			if !ok {
				child = int32(len(f.token))
				f.next[edge{node, b}] = child
				f.token = append(f.token, -1)
			}
			node = child
		}
		f.token[node] = int32(i)
	}
	return f
}

// longest returns the index of the longest token at the start of s, or -1.
func (f *finder) longest(s string) int32 {
	best, node := int32(-1), int32(0)
	for i := 0; i < len(s); i++ {
		child, ok := f.next[edge{node, s[i]}]
		if !ok {
			break
		}
		node = child
		if f.token[node] >= 0 {
			best = f.token[node]
		}
	}
	return best
}

// split calls text with the parts between tokens and their starts, and token with the ids of
// tokens, in order. A nil finder finds no token.
func (f *finder) split(s string, text func(start int, s string), token func(id int32)) {
	done := 0 // the text before it is done
	for i := 0; f != nil && i < len(s); {
		if !f.starts[s[i]] {
			i++
			continue
		}
		t := f.longest(s[i:])
		if t < 0 {
			i++
			continue
		}
		found := f.tokens[t]
		start, end := i, i+len(found.content)
		i = end
		if found.singleWord && (endsWord(s[:start]) || startsWord(s[end:])) {
			continue
		}
		if found.lstrip {
			start = done + len(strings.TrimRightFunc(s[done:start], unicode.IsSpace))
		}
		if found.rstrip {
			end = len(s) - len(strings.TrimLeftFunc(s[end:], unicode.IsSpace))
			i = end
		}
		if start > done {
			text(done, s[done:start])
		}
		token(found.id)
		done = end
	}
	if done < len(s) {
		text(done, s[done:])
	}
}

func endsWord(s string) bool {
	r, n := utf8.DecodeLastRuneInString(s)
	return n > 0 && inWord(r)
}

func startsWord(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n > 0 && inWord(r)
}

// inWord reports whether r matches \w.
func inWord(r rune) bool {
	return in(r, letter|mark) || unicode.In(r, unicode.Nd, unicode.Pc)
}
