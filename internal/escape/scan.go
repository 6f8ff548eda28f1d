package escape

import "unicode"

// maxMarks is the number of combining marks that one character may carry. Languages need fewer; a
// heap of them is drawn over the lines above.
const maxMarks = 8

// markRun counts combining marks behind each other.
type markRun int

// excess reports whether a character is a combining mark beyond [maxMarks].
func (m *markRun) excess(r rune) bool {
	if !unicode.In(r, unicode.Mn, unicode.Me) {
		*m = 0
		return false
	}
	*m++
	return *m > maxMarks
}

// commandScan finds commands that CI systems obey in the log of a step: ##[command] of GitHub
// Actions, ##vso[command] of Azure Pipelines and ##teamcity[command] anywhere in a line, and
// ::command at its start.
type commandScan struct {
	blank  bool // only spaces since the start of the line
	hashes int  // behind each other
	word   bool // two hashes, and only letters since
	colon  bool // the line has begun with one colon
}

// begins reports whether a character completes the start of a command.
func (c *commandScan) begins(r rune) bool {
	found := r == '[' && c.word || r == ':' && c.colon
	c.colon = r == ':' && c.blank
	c.blank = r == '\n' || c.blank && unicode.IsSpace(r)
	if r == '#' {
		c.hashes++
	} else {
		c.hashes = 0
	}
	c.word = c.hashes >= 2 || c.word && unicode.IsLetter(r)
	return found
}
