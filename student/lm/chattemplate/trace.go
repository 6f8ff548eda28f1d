package chattemplate

import (
	"strings"
	"unicode/utf8"
)

// A trace renders a conversation whose contents are holes: single characters of a private range.
// Where they land in the text shows the frame of the template around the contents. The frame holds
// for other contents if the template looked at none, or if what it saw of them is the same: a guard
// for each question that it asked.
type trace struct {
	guards []guard
	seen   bool // the template looked at a content in another way
}

// guard is a question about the content of a message, and its answer.
type guard struct {
	message  int
	question question
	text     string
	answer   bool
}

type question int

const (
	isNonempty    question = iota
	isEqual                // to the text
	hasText                // within it
	hasPrefix              //
	hasSuffix              //
	stripsAtStart          // characters of the text, or white space if it is ""
	stripsAtEnd            //
)

// ask answers the question for a content.
func (g guard) ask(content string) bool {
	switch g.question {
	case isNonempty:
		return content != ""
	case isEqual:
		return content == g.text
	case hasText:
		return strings.Contains(content, g.text)
	case hasPrefix:
		return strings.HasPrefix(content, g.text)
	case hasSuffix:
		return strings.HasSuffix(content, g.text)
	case stripsAtStart:
		return content == "" || strings.TrimLeftFunc(content, stripped(g.text)) != content
	case stripsAtEnd:
		return content == "" || strings.TrimRightFunc(content, stripped(g.text)) != content
	}
	panic("chattemplate: a question without an answer")
}

// stripped returns which characters Python's str.strip removes: those of a text, or white space.
func stripped(characters string) func(rune) bool {
	if characters == "" {
		return isSpace
	}
	return func(c rune) bool { return strings.ContainsRune(characters, c) }
}

// firstHole is the hole of the content of message 0; message i has firstHole + i. Nothing else may
// have these characters where there are holes.
const (
	firstHole  = rune(0x10F000)
	holePrefix = "\xf4\x8f" // of their bytes
)

func holed(s string) bool { return strings.Contains(s, holePrefix) }

// hole returns the message whose content a text is.
func hole(s string) (message int, ok bool) {
	c, n := utf8.DecodeRuneInString(s)
	return int(c - firstHole), n == len(s) && n > 0 && c >= firstHole
}

// look says that the template sees these texts.
func (r *run) look(texts ...string) {
	if r.trace == nil {
		return
	}
	for _, s := range texts {
		r.trace.seen = r.trace.seen || holed(s)
	}
}

// guarded asks a question about a text. It assumes an answer for a content, and answers other texts
// itself.
func (r *run) guarded(s string, q question, about string, assumed bool) bool {
	g := guard{question: q, text: about, answer: assumed}
	if r.trace == nil || !holed(s) && !holed(about) {
		return g.ask(s)
	}
	message, ok := hole(s)
	if !ok || holed(about) {
		r.trace.seen = true
		return assumed
	}
	g.message = message
	r.trace.guards = append(r.trace.guards, g)
	return assumed
}

func (r *run) nonempty(s string) bool {
	if r.trace != nil && holed(s) && strings.ContainsFunc(s, func(c rune) bool { return c < firstHole }) {
		return true // whatever the contents are
	}
	return r.guarded(s, isNonempty, "", true)
}

func (r *run) sameText(a, b string) bool {
	r.spend(0, min(len(a), len(b))/8)
	if r.trace != nil && holed(b) && !holed(a) {
		a, b = b, a
	}
	return r.guarded(a, isEqual, b, false)
}

func (r *run) within(s, needle string) bool   { return r.guarded(s, hasText, needle, false) }
func (r *run) prefixed(s, prefix string) bool { return r.guarded(s, hasPrefix, prefix, false) }
func (r *run) suffixed(s, suffix string) bool { return r.guarded(s, hasSuffix, suffix, false) }

// strip removes characters at the ends of a text, or white space if characters is "".
func (r *run) strip(s, characters string, left, right bool) string {
	if r.trace == nil || !holed(s) && !holed(characters) {
		if left {
			s = strings.TrimLeftFunc(s, stripped(characters))
		}
		if right {
			s = strings.TrimRightFunc(s, stripped(characters))
		}
		return s
	}
	r.look(characters)
	at := strings.Index(s, holePrefix)
	if left {
		text := strings.TrimLeftFunc(s[:at], stripped(characters))
		if s = text + s[at:]; text == "" {
			_, n := utf8.DecodeRuneInString(s)
			r.guarded(s[:n], stripsAtStart, characters, false)
		}
	}
	if right {
		at := strings.LastIndex(s, holePrefix)
		_, n := utf8.DecodeRuneInString(s[at:])
		text := strings.TrimRightFunc(s[at+n:], stripped(characters))
		if s = s[:at+n] + text; text == "" {
			r.guarded(s[at:at+n], stripsAtEnd, characters, false)
		}
	}
	return s
}
