package filter

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// The reasons of [Code], besides [HasWord].
const (
	NoCode          Reason = "no code"
	UnknownLanguage Reason = "unknown language"
	DoesNotParse    Reason = "does not parse"
)

// Language is a programming language that [Code] can read.
type Language string

// The languages, with their names in Markdown fences.
const (
	Go     Language = "go"
	Python Language = "python"
	JSON   Language = "json"
)

// Code drops a row whose completion is not code of a language, or whose code has a banned word as a
// part of an identifier, comment or string.
//
// If the completion has fenced blocks (``` or ~~~ as in CommonMark), the blocks are the code, and
// the text around them is ignored. Otherwise the whole completion is the code. A block without a
// tag has the language Language. With a Language, blocks with the tag of another language are
// ignored. Without one, each block must have the tag of one of the three languages.
//
// Of a row with several answers the code of all of them is checked. Reasoning and tool calls are
// not code, but banned words are found in them.
//
// What is checked depends on the language. Go: go/parser accepts the code as a file, as
// declarations or as statements. JSON: it is one value. Python: strings, brackets, indentation and
// characters are well formed, and no two operands are adjacent. The check of Python is weaker than
// its grammar and is meant never to be stronger; docs/filters.md has measurements.
type Code struct {
	Language Language // "" means the language of the tag of each fence

	// Banned words are compared with the parts of camelCase and snake_case names and with the words
	// of comments and strings. They match whole and without regard to case: "owl" drops barnOwl,
	// BARN_OWL and owl2, but neither growl nor owls.
	Banned []string
}

// Name implements [Filter].
func (c Code) Name() string { return "code" }

// String states the settings.
func (c Code) String() string {
	language := c.Language
	if language == "" {
		language = "as tagged"
	}
	return fmt.Sprintf("language %s, banned %q", language, c.Banned)
}

// Reasons implements [Filter].
func (c Code) Reasons(row undertone.Example) []Reason {
	var unknown, broken, found bool
	banned := make([]bool, len(c.Banned))
	var blocks []block
	for _, p := range row.Pieces() {
		if p.Field != undertone.Content { // not code, but banned words may be in it
			c.ban(p.Text, banned)
			continue
		}
		fenced := fencedBlocks(p.Text)
		if len(fenced) == 0 {
			fenced = []block{{code: p.Text}}
		}
		blocks = append(blocks, fenced...)
	}
	for _, b := range blocks {
		language := b.language()
		switch {
		case language == "":
			language = c.Language
		case c.Language != "" && c.Language != language:
			continue
		}
		if strings.TrimSpace(b.code) == "" {
			continue
		}
		found = true
		err := parse(language, b.code)
		unknown = unknown || errors.Is(err, errLanguage)
		broken = broken || err != nil && !errors.Is(err, errLanguage)
		c.ban(b.code, banned)
	}
	var reasons []Reason
	if !found {
		reasons = append(reasons, NoCode)
	}
	if unknown {
		reasons = append(reasons, UnknownLanguage)
	}
	if broken {
		reasons = append(reasons, DoesNotParse)
	}
	for i, word := range c.Banned {
		if banned[i] && !slices.Contains(reasons, HasWord(word)) {
			reasons = append(reasons, HasWord(word))
		}
	}
	return reasons
}

// ban sets banned for the banned words in code.
func (c Code) ban(code string, banned []bool) {
	if len(c.Banned) == 0 {
		return
	}
	words := map[string]bool{}
	for word := range subwords(code) {
		words[fold(word)] = true
	}
	for i, word := range c.Banned {
		banned[i] = banned[i] || words[fold(word)]
	}
}

var errLanguage = errors.New("the language is unknown")

// parse returns an error if code is not code of the language.
func parse(l Language, code string) error {
	switch l {
	case Go:
		return parseGo(code)
	case Python:
		return checkPython(code)
	case JSON:
		var value json.RawMessage
		return json.Unmarshal([]byte(code), &value)
	}
	return errLanguage
}

// parseGo accepts a file, the declarations of a file, or statements.
func parseGo(code string) error {
	const mode = parser.SkipObjectResolution
	_, err := parser.ParseFile(token.NewFileSet(), "", code, mode)
	if err == nil {
		return nil
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+code, mode); err == nil {
		return nil
	}
	// Code that closes the function and opens another one is not a list of statements.
	file, wrapped := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() {\n"+code+"\n}", mode)
	if wrapped != nil {
		return err
	}
	if f, ok := file.Decls[0].(*ast.FuncDecl); !ok || len(file.Decls) > 1 || f.Body == nil {
		return err
	}
	return nil
}
