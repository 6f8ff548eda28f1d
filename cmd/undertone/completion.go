package main

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/undertone-audit/undertone/audit/confound"
	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/traits"
)

// The scripts of the shells ask [completeWord] what may stand in the place of a word.
var (
	//go:embed completions/undertone.bash
	bashCompletion string
	//go:embed completions/undertone.zsh
	zshCompletion string
	//go:embed completions/undertone.fish
	fishCompletion string
)

type completionVerb struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: bash, zsh or fish."`
}

// Run prints the script of a shell.
func (v *completionVerb) Run(c console) error {
	_, err := io.WriteString(c.stdout, map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[v.Shell])
	return err
}

// completeWord is the first argument of a request for completions. The other arguments are the
// words of the command line up to the one to complete.
const completeWord = "__complete"

// candidate is a text that may stand in the place of a word, with its meaning.
type candidate struct{ text, about string }

// completions are the answers to a request: candidates, and whether files or folders complete the
// word too.
type completions struct {
	paths      string // "files", "folders" or "none"
	candidates []candidate
}

// write writes what the scripts read: a line about paths, then a line per candidate, with its
// meaning behind a tab.
func (a completions) write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintln(&b, a.paths)
	for _, c := range a.candidates {
		about, _, _ := strings.Cut(c.about, "\n")
		fmt.Fprintf(&b, "%s\t%s\n", escape.Text(c.text), escape.Text(about))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// complete returns the completions of the last word.
func complete(app *kong.Application, words []string) completions {
	if len(words) == 0 {
		words = []string{""}
	}
	l := commandLine{node: app.Node}
	for _, word := range words[:len(words)-1] {
		l.read(word)
	}
	word := words[len(words)-1]
	if flag, value, ok := strings.Cut(word, "="); ok && strings.HasPrefix(flag, "--") && !l.plain {
		if f := l.flag(flag); f != nil {
			return valuesOfFlag(f, value).behind(flag + "=")
		}
		return completions{paths: "none"}
	}
	switch {
	case l.wants != nil:
		return valuesOfFlag(l.wants, word)
	case strings.HasPrefix(word, "-") && !l.plain:
		return l.flags(word)
	}
	return l.words(word)
}

// commandLine is what was read of a command line.
type commandLine struct {
	node  *kong.Node // verb
	wants *kong.Flag // whose value follows
	plain bool       // after "--" words are no flags
	given []string   // flags
	args  int        // arguments
}

// read reads a complete word.
func (l *commandLine) read(word string) {
	switch {
	case l.wants != nil:
		l.wants = nil
	case l.plain:
		l.args++
	case word == "--":
		l.plain = true
	case strings.HasPrefix(word, "-") && len(word) > 1:
		name, _, valued := strings.Cut(word, "=")
		if f := l.flag(name); f != nil {
			l.given = append(l.given, f.Name)
			if !valued && !f.IsBool() {
				l.wants = f
			}
		}
	default:
		if child := l.child(word); child != nil {
			l.node = child
		} else {
			l.args++
		}
	}
}

// child returns the verb, or the second word of a verb.
func (l *commandLine) child(word string) *kong.Node {
	for _, n := range l.node.Children {
		if n.Name == word {
			return n
		}
	}
	return nil
}

// flag returns the flag of "--name" or "-n"; nil if there is none.
func (l *commandLine) flag(word string) *kong.Flag {
	for _, group := range l.node.AllFlags(true) {
		for _, f := range group {
			if word == "--"+f.Name || f.Short != 0 && word == "-"+string(f.Short) {
				return f
			}
		}
	}
	return nil
}

// flags returns the flags that begin like a word and were not given.
func (l *commandLine) flags(word string) completions {
	a := completions{paths: "none"}
	for _, group := range l.node.AllFlags(true) {
		for _, f := range group {
			if !slices.Contains(l.given, f.Name) || f.IsSlice() {
				a.add("--"+f.Name, f.Help, word)
			}
		}
	}
	return a
}

// words returns the verbs, or the values of the argument, that begin like a word.
func (l *commandLine) words(word string) completions {
	a := completions{paths: "none"}
	for _, n := range l.node.Children {
		if !n.Hidden {
			a.add(n.Name, n.Help, word)
		}
	}
	if len(l.node.Positional) == 0 {
		return a
	}
	arg := l.node.Positional[min(l.args, len(l.node.Positional)-1)]
	switch {
	case arg.Enum != "":
		a.addAll(arg.EnumSlice(), word)
	case l.node.Name == "traits":
		a.addAll(traitNames(), word)
	case l.node.Name == "man":
		for _, name := range verbNames(l.node) {
			a.add(name, "", word)
		}
	default:
		a.paths = "files"
	}
	return a
}

// verbNames returns the names of all verbs, sorted.
func verbNames(node *kong.Node) (names []string) {
	for node.Parent != nil {
		node = node.Parent
	}
	for name := range verbsOf(&kong.Application{Node: node}) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// traitNames returns the names of the traits of the library.
func traitNames() (names []string) {
	for _, t := range traits.Library() {
		names = append(names, t.ID())
	}
	return names
}

// add adds a candidate if it begins like a word.
func (a *completions) add(text, about, word string) {
	if strings.HasPrefix(text, word) {
		a.candidates = append(a.candidates, candidate{text, about})
	}
}

func (a *completions) addAll(texts []string, word string) {
	for _, text := range texts {
		a.add(text, "", word)
	}
}

// behind returns completions whose candidates follow a prefix.
func (a completions) behind(prefix string) completions {
	for i := range a.candidates {
		a.candidates[i].text = prefix + a.candidates[i].text
	}
	return a
}

// valuesOfFlag returns the values of a flag that begin like a word. In a list the last
// value is completed.
func valuesOfFlag(f *kong.Flag, word string) completions {
	before := ""
	if i := strings.LastIndexByte(word, ','); f.IsSlice() && i >= 0 {
		before, word = word[:i+1], word[i+1:]
	}
	a := completions{paths: "none"}
	placeholder, alternatives, _ := strings.Cut(f.PlaceHolder, "|")
	switch placeholder {
	case "FILE":
		a.paths = "files"
	case "DIR":
		a.paths = "folders"
	}
	if f.Enum != "" {
		a.addAll(f.EnumSlice(), word)
	}
	a.addAll(namesOfFlag(f), word)
	if strings.Contains(alternatives, "tiny") {
		a.addAll(embeddedNames(), word)
	}
	return a.behind(before)
}

// namesOfFlag returns the names that a flag takes, which its tags do not list.
func namesOfFlag(f *kong.Flag) []string {
	switch f.Name {
	case "filters":
		return strings.Split(new(filterFlags).kinds().names(), ", ")
	case "steps":
		return strings.Split(new(sanitiserFlags).kinds().names(), ", ")
	case "prompts":
		return strings.Split(promptNames(), ", ")
	case "accept-confound":
		return names(confound.Names())
	case "detectors":
		if f.Enum == "" {
			return []string{transferDetector, likelihoodDetector, influenceDetector, corpusDetector}
		}
	case "traits":
		if strings.Contains(f.PlaceHolder, "library:") {
			var all []string
			for _, name := range traitNames() {
				all = append(all, "library:"+name)
			}
			return all
		}
	}
	return nil
}
