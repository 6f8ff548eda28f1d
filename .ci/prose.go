// Prose checks the language rules of docs/language.md that a program can check: lines of prose over
// 100 columns, and banned words and phrases. It reads the files that git tracks or would add: in Go
// files comments and string literals, in Markdown files everything but code blocks.
//
//	.ci/prose              # counts per folder
//	.ci/prose audit/stats  # every finding in a folder or file
//
// The exit status is 1 if anything was found.
package main

import (
	"bytes"
	"fmt"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

const columns = 100

// banned are words and phrases that docs/language.md replaces. A word is here only if it has no
// use in this repository that the page allows.
var banned = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
	`of which`, `one that`, `all that`, `nobody`, `what is left`, `what matters`,
	`(stands?|stood|listed there) twice`, `(go|goes|going|went) on where`, `an arm at least`,
	`(rows|prompts|students|pairs|replicates|lists) an arm`, `than chance would`, `is to be`, `(do|does|did) without`,
	`stand-ins?`, `siblings?`, `nudges?`, `nudged`, `cohorts?`, `askers?`, `unseal(s|ed)?`, `seal(s|ed|ing)?`,
	`lab`, `labs`, `lens`, `sheets?`, `ascends?`, `ascended`,
}, "|") + `)\b`)

// exempt are files that quote what they ban.
var exempt = []string{"docs/language.md", ".ci/prose.go"}

type finding struct {
	file string
	line int
	text string
	long bool
}

func main() {
	listed, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.go", "*.md").Output()
	if err != nil {
		fmt.Fprintln(os.Stderr, "prose: git ls-files:", err)
		os.Exit(2)
	}
	var found []finding
	for file := range strings.SplitSeq(strings.TrimRight(string(listed), "\x00"), "\x00") {
		if !within(file, os.Args[1:]) || strings.Contains("/"+file, "/testdata/") {
			continue
		}
		source, err := os.ReadFile(file)
		switch {
		case os.IsNotExist(err): // deleted, not yet committed
		case err != nil:
			fmt.Fprintln(os.Stderr, "prose:", err)
			os.Exit(2)
		case path.Ext(file) == ".md":
			found = append(found, markdown(file, string(source))...)
		case !generated.Match(source):
			found = append(found, goFile(file, source)...)
		}
	}
	if len(os.Args) > 1 {
		for _, f := range found {
			fmt.Printf("%s:%d: %s\n", f.file, f.line, f.text)
		}
	} else {
		counts(found)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// within reports whether file is in one of the paths. Without paths every file is.
func within(file string, paths []string) bool {
	return len(paths) == 0 || slices.ContainsFunc(paths, func(p string) bool {
		p = path.Clean(p)
		return p == "." || file == p || strings.HasPrefix(file, p+"/")
	})
}

// counts prints the number of findings of each kind for each folder.
func counts(found []finding) {
	type count struct{ long, banned int }
	folders := map[string]*count{}
	var names []string
	for _, f := range found {
		folder := path.Dir(f.file)
		if folders[folder] == nil {
			folders[folder] = new(count)
			names = append(names, folder)
		}
		if f.long {
			folders[folder].long++
		} else {
			folders[folder].banned++
		}
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Printf("%-28s %4d lines over %d columns, %4d banned phrases\n", n, folders[n].long, columns, folders[n].banned)
	}
	if len(names) > 0 {
		fmt.Println("`.ci/prose FOLDER` lists them")
	}
}

// goFile checks the comments and the string literals of a Go file.
func goFile(name string, source []byte) []finding {
	var found []finding
	set := token.NewFileSet()
	file := set.AddFile(name, set.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, scanner.ScanComments)
	lines := strings.Split(string(source), "\n")
	var prose []line     // comment lines
	var before [2]string // the tokens before the current one
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			break
		}
		at := file.Line(pos)
		switch {
		case tok == token.COMMENT:
			for i, text := range strings.Split(literal, "\n") {
				prose = append(prose, line{at + i, text})
			}
			whole := strings.TrimSpace(lines[at-1])
			if strings.HasPrefix(whole, "//") && wraps(whole) && utf8.RuneCountInString(lines[at-1]) > columns {
				found = append(found, finding{name, at, tooLong(lines[at-1]), true})
			}
		case tok == token.STRING && before != [2]string{"NewHasher", "("}: // a hasher's name is part of digests
			if m := banned.FindString(literal); m != "" && !slices.Contains(exempt, name) && strings.Contains(literal, " ") {
				found = append(found, finding{name, at, fmt.Sprintf("%q in a message", m), false})
			}
		}
		before = [2]string{before[1], literal}
		if tok == token.LPAREN {
			before[1] = "("
		}
	}
	return append(found, phrases(name, prose)...)
}

// wraps reports whether a comment line is prose that can be wrapped.
func wraps(comment string) bool {
	text, _ := strings.CutPrefix(comment, "//")
	return !strings.HasPrefix(text, "\t") && // preformatted; list items begin with spaces
		!strings.HasPrefix(text, "go:") && !strings.Contains(text, "://") && !strings.HasPrefix(text, " |")
}

// link is the target of a Markdown link or an address.
var link = regexp.MustCompile(`\]\([^)]*\)|https?://\S+`)

// markdown checks the prose of a Markdown file. It skips code blocks, link targets, and the lines
// between <!-- program output --> and <!-- end of program output -->. In tables it checks phrases.
func markdown(name, source string) []finding {
	var found []finding
	var prose []line
	fenced, output := false, false
	for i, text := range strings.Split(source, "\n") {
		trimmed := strings.TrimSpace(text)
		switch {
		case trimmed == "<!-- program output -->", trimmed == "<!-- end of program output -->":
			output = trimmed == "<!-- program output -->"
		case strings.HasPrefix(trimmed, "```"):
			fenced = !fenced
		case fenced, output, strings.HasPrefix(text, "    "), strings.HasPrefix(text, "\t"):
		case strings.HasPrefix(trimmed, "|"):
			prose = append(prose, line{i + 1, text})
		default:
			prose = append(prose, line{i + 1, text})
			if utf8.RuneCountInString(link.ReplaceAllString(text, "]")) > columns {
				found = append(found, finding{name, i + 1, tooLong(text), true})
			}
		}
	}
	return append(found, phrases(name, prose)...)
}

type line struct {
	number int
	text   string
}

// phrases returns the banned phrases, also those that a line break divides.
func phrases(name string, prose []line) []finding {
	if slices.Contains(exempt, name) {
		return nil
	}
	var found []finding
	for i, l := range prose {
		text := clean(l.text)
		length := len(text)
		if i+1 < len(prose) && prose[i+1].number == l.number+1 {
			text += " " + clean(prose[i+1].text)
		}
		for _, m := range banned.FindAllStringIndex(text, -1) {
			if m[0] < length {
				found = append(found, finding{name, l.number, fmt.Sprintf("%q", text[m[0]:m[1]]), false})
			}
		}
	}
	return found
}

// code is an inline quotation of code.
var code = regexp.MustCompile("`[^`]*`")

// clean returns a line without what marks it as a comment or quotes code.
func clean(text string) string {
	text = strings.TrimLeft(strings.TrimSpace(text), "/*>")
	return string(bytes.TrimSpace([]byte(code.ReplaceAllString(text, "``"))))
}

func tooLong(text string) string {
	return fmt.Sprintf("%d columns, want at most %d", utf8.RuneCountInString(text), columns)
}
