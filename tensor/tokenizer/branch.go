package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// The patterns of tiktoken, in its own (possessive) spelling. https://github.com/openai/tiktoken,
// tiktoken_ext/openai_public.py
const (
	patternGPT2   = `'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s`
	patternCL100K = `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`
	patternO200K  = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|` +
		`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|` +
		`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// branches are the known alternatives by their spelling. Possessive and greedy spellings match the
// same text if nothing after them can fail.
var branches = map[string]branch{
	`'s`: literal("'s"), `'t`: literal("'t"), `'re`: literal("'re"), `'ve`: literal("'ve"),
	`'m`: literal("'m"), `'ll`: literal("'ll"), `'d`: literal("'d"),
	`'(?:[sdmt]|ll|ve|re)`:            contraction(false),
	`(?i:'s|'t|'re|'ve|'m|'ll|'d)`:    contraction(true),
	`'(?i:[sdmt]|ll|ve|re)`:           contraction(true),
	` ?\p{L}+`:                        afterSpace(letter),
	` ?\p{L}++`:                       afterSpace(letter),
	` ?\p{N}+`:                        afterSpace(number),
	` ?\p{N}++`:                       afterSpace(number),
	`[^\r\n\p{L}\p{N}]?\p{L}+`:        word(letter),
	`[^\r\n\p{L}\p{N}]?+\p{L}++`:      word(letter),
	`[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+`: word(letter | mark),
	`\p{N}`:                           digits(1),
	`\p{N}{1,3}`:                      digits(3),
	`\p{N}{1,3}+`:                     digits(3),
	` ?[^\s\p{L}\p{N}]+`:              symbols(space|letter|number, ""),
	` ?[^\s\p{L}\p{N}]++`:             symbols(space|letter|number, ""),
	` ?[^\s\p{L}\p{N}]+[\r\n]*`:       symbols(space|letter|number, "\r\n"),
	` ?[^\s\p{L}\p{N}]++[\r\n]*+`:     symbols(space|letter|number, "\r\n"),
	` ?[^\s\p{L}\p{N}]+[\r\n/]*`:      symbols(space|letter|number, "\r\n/"),
	` ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*`:  symbols(space|letter|mark|number, "\r\n"),
	`\s*[\r\n]+`:                      lines,
	`\s*[\r\n]`:                       lines,
	`\s++$`:                           spacesToEnd,
	`\s+(?!\S)`:                       spacesBeforeSpace,
	`\s+`:                             spaces,
	`\s`:                              oneSpace,
	`[,;] `:                           separator,
	`  +`:                             blanks,
	`[^\p{L}\p{N} ]`:                  oneSymbol,
	` `:                               literal(" "),
	cased(`*`, `+`):                   lowerWord(false),
	cased(`+`, `*`):                   upperWord(false),
	cased(`*`, `+`) + optContraction:  lowerWord(true),
	cased(`+`, `*`) + optContraction:  upperWord(true),
}

const optContraction = `(?i:'s|'t|'re|'ve|'m|'ll|'d)?`

// cased returns the spelling of the two alternatives of o200k that keep the case of a word
// together.
func cased(uppers, lowers string) string {
	return `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]` + uppers + `[\p{Ll}\p{Lm}\p{Lo}\p{M}]` + lowers
}

func literal(text string) branch {
	return func(s string) int {
		if strings.HasPrefix(s, text) {
			return len(text)
		}
		return 0
	}
}

// contraction matches 's 't 'm 'd 'll 've 're.
func contraction(fold bool) branch {
	const longS = "ſ" // the only character outside ASCII that folds to one of these letters
	at := func(s string, i int) byte {
		switch {
		case i >= len(s):
			return 0
		case fold && 'A' <= s[i] && s[i] <= 'Z':
			return s[i] + 'a' - 'A'
		}
		return s[i]
	}
	return func(s string) int {
		if at(s, 0) != '\'' {
			return 0
		}
		switch first, second := at(s, 1), at(s, 2); {
		case first == 's', first == 't', first == 'm', first == 'd':
			return 2
		case first == 'l' && second == 'l', (first == 'v' || first == 'r') && second == 'e':
			return 3
		case fold && strings.HasPrefix(s[1:], longS):
			return 1 + len(longS)
		}
		return 0
	}
}

// afterSpace matches ` ?X+`.
func afterSpace(c class) branch {
	return func(s string) int {
		skip := leading(s, ' ')
		if n := run(s[skip:], c, true); n > 0 {
			return skip + n
		}
		return 0
	}
}

// symbols matches ` ?[^X]+[tail]*`.
func symbols(not class, tail string) branch {
	return func(s string) int {
		skip := leading(s, ' ')
		n := run(s[skip:], not, false)
		if n == 0 {
			return 0
		}
		for n += skip; n < len(s) && strings.IndexByte(tail, s[n]) >= 0; {
			n++
		}
		return n
	}
}

func leading(s string, c byte) int {
	if s != "" && s[0] == c {
		return 1
	}
	return 0
}

// prefix returns the length of `[^\r\n\p{L}\p{N}]?`.
func prefix(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if in(r, newline|letter|number) {
		return 0
	}
	return n
}

// word matches `[^\r\n\p{L}\p{N}]?X+`.
func word(c class) branch {
	return func(s string) int {
		skip := prefix(s)
		if n := run(s[skip:], c, true); n > 0 {
			return skip + n
		}
		return run(s, c, true) // a lone mark is the word, not a prefix
	}
}

// lowerWord matches `[^\r\n\p{L}\p{N}]?U*L+`, and a contraction if contracted.
func lowerWord(contracted bool) branch {
	body := func(s string) int {
		uppers := run(s, upper, true)
		if lowers := run(s[uppers:], lower, true); lowers > 0 {
			return uppers + lowers
		}
		for uppers > 0 { // U* gives characters back until the next one is in L
			r, n := utf8.DecodeLastRuneInString(s[:uppers])
			if in(r, lower) {
				return uppers
			}
			uppers -= n
		}
		return 0
	}
	return casedWord(body, contracted)
}

// upperWord matches `[^\r\n\p{L}\p{N}]?U+L*`, and a contraction if contracted.
func upperWord(contracted bool) branch {
	body := func(s string) int {
		uppers := run(s, upper, true)
		if uppers == 0 {
			return 0
		}
		return uppers + run(s[uppers:], lower, true)
	}
	return casedWord(body, contracted)
}

func casedWord(body branch, contracted bool) branch {
	suffix := contraction(true)
	return func(s string) int {
		skip := prefix(s)
		n := body(s[skip:])
		if n > 0 {
			n += skip
		} else if n = body(s); n == 0 { // a lone mark, as in word
			return 0
		}
		if contracted {
			n += suffix(s[n:])
		}
		return n
	}
}

// digits matches `\p{N}{1,most}`.
func digits(most int) branch {
	return func(s string) int {
		i := 0
		for range most {
			r, n := utf8.DecodeRuneInString(s[i:])
			if !in(r, number) {
				break
			}
			i += n
		}
		return i
	}
}

// lines matches `\s*[\r\n]+`: white space up to its last line break.
func lines(s string) int {
	n := run(s, space, true)
	return strings.LastIndexAny(s[:n], "\r\n") + 1
}

// spacesBeforeSpace matches `\s+(?!\S)`: white space without its last character, which belongs to
// the next word if there is one.
func spacesBeforeSpace(s string) int {
	n := run(s, space, true)
	if n == len(s) {
		return n
	}
	_, last := utf8.DecodeLastRuneInString(s[:n])
	return n - min(n, last)
}

// spacesToEnd matches `\s++$`.
func spacesToEnd(s string) int {
	if n := run(s, space, true); n == len(s) {
		return n
	}
	return 0
}

func spaces(s string) int { return run(s, space, true) }

func oneSpace(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if !in(r, space) {
		return 0
	}
	return n
}

// separator matches `[,;] `, of the embedded models.
func separator(s string) int {
	if len(s) > 1 && (s[0] == ',' || s[0] == ';') && s[1] == ' ' {
		return 2
	}
	return 0
}

// blanks matches `  +`: at least two spaces.
func blanks(s string) int {
	n := 0
	for n < len(s) && s[n] == ' ' {
		n++
	}
	if n < 2 {
		return 0
	}
	return n
}

// oneSymbol matches `[^\p{L}\p{N} ]`.
func oneSymbol(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if r == ' ' || in(r, letter|number) {
		return 0
	}
	return n
}
