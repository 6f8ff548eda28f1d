package filter

import "strings"

// block is a fenced block of Markdown.
type block struct {
	tag  string // the first word after the opening fence, in lower case
	code string // the lines between the fences, each with its line feed
}

// language returns the language of the tag, "" if there is no tag, and the tag itself if the
// language is unknown.
func (b block) language() Language {
	switch b.tag {
	case "golang":
		return Go
	case "py", "python3":
		return Python
	}
	return Language(b.tag)
}

// fencedBlocks returns the fenced blocks of a text by the rules of CommonMark 0.31, section 4.5,
// outside of lists and quotes. A block that is not closed extends to the end of the text.
func fencedBlocks(text string) []block {
	var blocks []block
	var fence string // of the open block, "" outside
	var indent int   // of the fence
	var code strings.Builder
	for line := range strings.Lines(text) {
		bare := strings.TrimRight(line, "\r\n")
		if fence == "" {
			var info string
			if fence, info, indent = opens(bare); fence != "" {
				tag, _, _ := strings.Cut(strings.TrimSpace(info), " ")
				blocks = append(blocks, block{tag: strings.ToLower(tag)})
				code.Reset()
			}
			continue
		}
		if closes(bare, fence) {
			blocks[len(blocks)-1].code, fence = code.String(), ""
			continue
		}
		spaces := len(line) - len(strings.TrimLeft(line, " "))
		code.WriteString(line[min(indent, spaces):])
	}
	if fence != "" {
		blocks[len(blocks)-1].code = code.String()
	}
	return blocks
}

// opens returns the fence at the start of a line, or "", the text after it, and its indentation.
func opens(line string) (fence, info string, indent int) {
	rest := strings.TrimLeft(line, " ")
	indent = len(line) - len(rest)
	if indent > 3 || rest == "" || rest[0] != '`' && rest[0] != '~' {
		return "", "", 0
	}
	info = strings.TrimLeft(rest, rest[:1])
	fence = rest[:len(rest)-len(info)]
	if len(fence) < 3 || fence[0] == '`' && strings.Contains(info, "`") {
		return "", "", 0
	}
	return fence, info, indent
}

// closes reports whether a line is a fence of the same character that is at least as long.
func closes(line, fence string) bool {
	rest := strings.TrimRight(strings.TrimLeft(line, " "), " \t")
	return len(line)-len(strings.TrimLeft(line, " ")) <= 3 && len(rest) >= len(fence) && strings.Trim(rest, fence[:1]) == ""
}
