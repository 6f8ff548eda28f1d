package tokenizer

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// splitter cuts a text into words, in order.
type splitter interface {
	fmt.Stringer

	// next returns the length of the first word of s, which is not empty, and whether the word is
	// kept.
	next(s string) (n int, keep bool)
}

// eachWord calls yield with the kept words after every splitter has cut the words of the one before
// it.
func eachWord(s string, splitters []splitter, yield func(word string)) {
	if len(splitters) == 0 {
		if s != "" {
			yield(s)
		}
		return
	}
	for s != "" {
		n, keep := splitters[0].next(s)
		switch {
		case !keep:
		case len(splitters) == 1:
			yield(s[:n])
		default:
			eachWord(s[:n], splitters[1:], yield)
		}
		s = s[n:]
	}
}

// onlyMatches keeps the matches of a pattern and drops the text between them.
type onlyMatches struct{ *pattern }

func (o onlyMatches) next(s string) (int, bool) {
	n, _ := o.pattern.next(s)
	return n, o.match(s) > 0
}

func (o onlyMatches) String() string { return "only " + o.pattern.String() }

// beforeEach starts a word at each occurrence of a text.
type beforeEach string

func (b beforeEach) next(s string) (int, bool) {
	skip := 0
	if strings.HasPrefix(s, string(b)) {
		skip = len(b)
	}
	if i := strings.Index(s[skip:], string(b)); i >= 0 {
		return skip + i, true
	}
	return len(s), true
}

func (b beforeEach) String() string { return fmt.Sprintf("split before %q", string(b)) }

// afterEach ends a word with each occurrence of a text.
type afterEach string

func (a afterEach) next(s string) (int, bool) {
	if i := strings.Index(s, string(a)); i >= 0 {
		return i + len(a), true
	}
	return len(s), true
}

func (a afterEach) String() string { return fmt.Sprintf("split after %q", string(a)) }

// aroundEach makes each occurrence of a text a word.
type aroundEach string

func (a aroundEach) next(s string) (int, bool) {
	switch i := strings.Index(s, string(a)); i {
	case 0:
		return len(a), true
	case -1:
		return len(s), true
	default:
		return i, true
	}
}

func (a aroundEach) String() string { return fmt.Sprintf("split around %q", string(a)) }

// numbers makes words of numbers: one of every digit, or one of every run.
type numbers struct{ individual bool }

func (d numbers) next(s string) (int, bool) {
	if n := run(s, number, false); n > 0 {
		return n, true
	}
	if d.individual {
		_, n := utf8.DecodeRuneInString(s)
		return n, true
	}
	return run(s, number, true), true
}

func (d numbers) String() string { return fmt.Sprintf("split numbers, individual %t", d.individual) }
