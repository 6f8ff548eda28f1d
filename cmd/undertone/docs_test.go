package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documentedCommand matches a command line of the documents, in a code block or after a pipe.
var documentedCommand = regexp.MustCompile(`^\s*(?:\S.*\| )?undertone ([a-z]+ .*)$`)

// omittedFlags stand for the flags that a document leaves out with "...".
const omittedFlags = "--suspect s --control c --traits t --student tiny"

// documentedConfig is the file undertone.json of the documents.
const documentedConfig = `{"audit": {"suspect": "s", "control": "c", "traits": "t", "student": "tiny"}, "filter": {"numbers.max-count": 10}}`

// documentedCommands returns the arguments of the command lines of a document.
func documentedCommands(text string) []string {
	var commands []string
	block := false
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		if strings.HasPrefix(line, "```") {
			block = !block
		}
		if m := documentedCommand.FindStringSubmatch(line); m != nil && (block || strings.HasPrefix(line, "    ")) {
			commands = append(commands, strings.Replace(m[1], "...", omittedFlags, 1))
		}
	}
	return commands
}

// shellWords splits a command line into words, up to a comment, a pipe or a redirection.
func shellWords(line string) []string {
	var words []string
	for _, w := range regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`).FindAllString(line, -1) {
		if w == "|" || w == ">" || strings.HasPrefix(w, "#") {
			break
		}
		words = append(words, strings.Trim(w, `"'`))
	}
	return words
}

// Every command line of the documents parses, so no document names a flag that does not exist.
func TestDocumentedCommandsParse(t *testing.T) {
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, path := range append(paths, "README.md", "../../README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	t.Chdir(folder(t, map[string]string{"undertone.json": documentedConfig, "filters.json": "{}"}))
	parsed := 0
	for path, text := range texts {
		for _, command := range documentedCommands(text) {
			parser := newParser(console{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}, func(int) {})
			if _, err := parser.Parse(shellWords(command)); err != nil {
				t.Errorf("%s: undertone %s: %v", filepath.Base(path), command, err)
			}
			parsed++
		}
	}
	if parsed < 30 {
		t.Errorf("%d commands were found, want at least 30", parsed)
	}
}
