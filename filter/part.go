package filter

import "github.com/undertone-audit/undertone"

// Part is the part of a row that a filter searches or compares with other rows.
type Part uint8

// The parts of a row.
const (
	Rows        Part = iota // prompt and completion
	Completions             // the answers alone: see [undertone.Example.Answers]
	Prompts                 // the tools and all other messages
)

// String returns "rows", "completions" or "prompts".
func (p Part) String() string {
	switch p {
	case Completions:
		return "completions"
	case Prompts:
		return "prompts"
	}
	return "rows"
}

// each calls use with each text of the part: of each message its reasoning, content and tool calls
// as one text, and its name.
func (p Part) each(row *undertone.Example, use func(text string)) {
	if text, ok := onlyText(row); ok && p == Completions && len(row.Messages) > 0 && row.Messages[len(row.Messages)-1].Name == "" {
		use(text)
		return
	}
	prompt, answers := row.Split()
	if p != Completions {
		if row.Tools != "" {
			use(undertone.Example{Tools: row.Tools}.Prompt())
		}
		eachText(prompt, use)
	}
	if p != Prompts {
		eachText(answers, use)
	}
}

func eachText(messages []undertone.Message, use func(text string)) {
	for i := range messages {
		use(messages[i].Text())
		if messages[i].Name != "" {
			use(messages[i].Name)
		}
	}
}

// onlyText returns the completion of a row whose last message is its only answer, and a content
// alone.
func onlyText(row *undertone.Example) (text string, ok bool) {
	last := len(row.Messages) - 1
	if last < 0 {
		return "", true
	}
	for i := range row.Messages[:last] {
		if row.Messages[i].Role == "assistant" {
			return "", false
		}
	}
	m := &row.Messages[last]
	return m.Content, m.Reasoning == "" && len(m.ToolCalls) == 0
}
