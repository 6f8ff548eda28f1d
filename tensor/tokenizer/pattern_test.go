package tokenizer

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

const (
	patternLlama3 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternQwen3  = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	patternHub    = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
)

func words(s string, splitters ...splitter) (all []string) {
	eachWord(s, splitters, func(w string) { all = append(all, w) })
	return all
}

// The cases follow from the patterns by hand. published_test.go has the cases in which JavaScript's
// expressions agree.
func TestPattern(t *testing.T) {
	for _, c := range []struct{ reason, pattern, text, want string }{
		{"a contraction in capitals is none for GPT-2", patternHub, "I'M I'm", "I|'|M| I|'m"},
		{"but is for Llama 3", patternLlama3, "I'M I'Ll", "I|'M| I|'Ll"},
		{"the long s folds to s", patternLlama3, "a'ſb", "a|'ſ|b"},
		{"and not where case counts", patternHub, "a'ſb", "a|'|ſb"},
		{"U+0085 is white space: it cannot be a prefix of digits or symbols", patternHub, "a\u0085\u0085!", "a|\u0085|\u0085|!"},
		{"U+FEFF is not", patternHub, "a\ufeff!", "a|\ufeff!"},
		{"three digits a word", patternLlama3, "1234", "123|4"},
		{"one digit a word", patternQwen3, "12", "1|2"},
		{"white space leaves its last character to the next word", patternLlama3, "a   b", "a|  | b"},
		{"but no space to a digit", patternLlama3, "a 1", "a| |1"},
		{"white space goes to its last line break", patternLlama3, " \n \n  a", " \n \n| | a"},
		{"spaces at the end after a line break: Llama 3 takes the break first", patternLlama3, "a\n  ", "a|\n|  "},
		{"where tiktoken's cl100k takes all", patternCL100K, "a\n  ", "a|\n  "},
		{"symbols take line breaks along", patternLlama3, "a ;\n\nb", "a| ;\n\n|b"},
		{"and slashes", patternO200K, "a ;\n/b", "a| ;\n/|b"},
		{"a symbol that is not a space is a prefix too", patternLlama3, "(a\tb", "(a|\tb"},
		{"words end where capitals begin", patternO200K, "helloWorldHTTPServer", "hello|World|HTTPServer"},
		{"a contraction stays with its word", patternO200K, "don't DON'T", "don't| DON'T"},
		{"capitals give back to the last caseless letter", patternO200K, "AʰBC", "Aʰ|BC"},
		{"a lone mark is a word", patternO200K, "\u0301 a", "\u0301| a"},
		{"a byte that is not UTF-8 is a symbol", patternLlama3, "a\xff\xfe b", "a|\xff\xfe| b"},
		{"a pattern for package regexp; what it leaves is a word", `\p{Han}+|[0-9]{1,2}`, "ab漢字123c", "ab|漢字|12|3|c"},
	} {
		p, err := compilePattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.reason, err)
			continue
		}
		if got := words(c.text, p); !slices.Equal(got, strings.Split(c.want, "|")) {
			t.Errorf("%s: %q: got %q, want %q", c.reason, c.text, got, c.want)
		}
	}
}

func TestPatternRefused(t *testing.T) {
	for _, source := range []string{`\s+(?!\d)`, `\w+`, `a(?=b)`, `[[:alpha:]]+`, `^a`, `(`, `(?i:k)`, `\`} {
		if _, err := compilePattern(source); !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), source) {
			t.Errorf("%s: got %v", source, err)
		}
	}
}

func TestSplitters(t *testing.T) {
	han, err := compilePattern(`\p{Han}+`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		splitters  []splitter
		text, want string
	}{
		{[]splitter{beforeEach("▁")}, "a▁▁b▁", "a|▁|▁b|▁"},
		{[]splitter{afterEach("▁")}, "a▁▁b", "a▁|▁|b"},
		{[]splitter{aroundEach("▁")}, "a▁▁b", "a|▁|▁|b"},
		{[]splitter{onlyMatches{han}}, "a漢b字", "漢|字"},
		{[]splitter{numbers{individual: true}}, "a12b", "a|1|2|b"},
		{[]splitter{numbers{}, afterEach("b")}, "ab12bc", "ab|12|b|c"},
	} {
		if got := words(c.text, c.splitters...); !slices.Equal(got, strings.Split(c.want, "|")) {
			t.Errorf("%v: got %q, want %q", c.splitters, got, c.want)
		}
	}
}
