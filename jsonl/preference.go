package jsonl

import (
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
)

// preference reads a prompt, chosen and rejected. The chosen conversation becomes the messages of
// the row. The rejected conversation may differ only in its last message.
func (d *decoder) preference() (rejected string, err error) {
	if err := d.systemPrompt(keySystem, "system"); err != nil {
		return "", err
	}
	if err := d.history(); err != nil {
		return "", err
	}
	if err := d.asked(); err != nil {
		return "", err
	}
	return d.pair(keyChosen, "chosen", keyRejected, "rejected")
}

// asked reads the prompt of a preference.
func (d *decoder) asked() error {
	var k key
	name := ""
	switch {
	case d.seen&keyPrompt != 0:
		k, name = keyPrompt, "prompt"
	case d.seen&keyConversations != 0:
		k, name = keyConversations, "conversations"
	case d.seen&keyMessages != 0:
		k, name = keyMessages, "messages"
	}
	switch {
	case k != 0 && d.seen&keyInstruction != 0:
		d.at(keyInstruction)
		return d.fail(d.pos, "drop one of them", `the row has two prompts: the fields %q and "instruction"`, name)
	case k == keyPrompt:
		return d.turn(k, name, user)
	case k != 0:
		return d.conversationAsked(k, name)
	case d.seen&(keyInstruction|keyInput) != 0:
		return d.joined(keyInstruction, "instruction", keyInput, "input")
	}
	if d.seen&keyQuestion == 0 && d.at(keyChosen) && strings.HasPrefix(d.text[d.pos:], `"\n\nHuman:`) {
		return d.fail(d.pos, `write the prompt in the field "prompt", or chosen and rejected as lists of messages`, "chosen is a transcript that holds the prompt too")
	}
	return d.turn(keyQuestion, "question", user)
}

func (d *decoder) conversationAsked(k key, name string) error {
	before := len(d.turns)
	if err := d.messages(k, name); err != nil {
		return err
	}
	return d.oneSystemPrompt(before, name)
}

// openAIPreference reads the layout of OpenAI.
func (d *decoder) openAIPreference(e *undertone.Example) (rejected string, err error) {
	if d.at(keyInput); !d.is('{') {
		return "", d.wrongType("input", `an object with "messages"`)
	}
	d.used |= keyInput
	start := d.pos
	err = d.object(func(name string, at int) error {
		switch name {
		case "messages":
			if len(d.turns) > 0 {
				return d.twice(at, "input", name)
			}
			return d.messageList("input.messages")
		case "tools":
			return d.toolsHere(e)
		}
		return d.notRead("input", name)
	})
	switch {
	case err != nil:
		return "", err
	case len(d.turns) == 0:
		return "", d.fail(start, "write the prompt as a list of messages", `input has no "messages"`)
	}
	return d.pair(keyPreferred, "preferred_output", keyNonPreferred, "non_preferred_output")
}

// pair reads two answers to the turns so far.
func (d *decoder) pair(better key, betterName string, worse key, worseName string) (rejected string, err error) {
	p := len(d.turns)
	d.copy = 1
	if err := d.turn(better, betterName, assistant); err != nil {
		return "", err
	}
	c := len(d.turns)
	d.copy = 2
	if err := d.turn(worse, worseName, assistant); err != nil {
		return "", err
	}
	d.copy = 0
	prompt := d.turns[:p:p]
	chosen, err := d.conversation(prompt, d.turns[p:c], better, betterName)
	if err != nil {
		return "", err
	}
	other, err := d.conversation(prompt, d.turns[c:], worse, worseName)
	if err != nil {
		return "", err
	}
	last := len(chosen.turns) - 1
	if len(other.turns) != len(chosen.turns) || !undertone.EqualMessages(other.turns[:last], chosen.turns[:last]) || other.turns[last].Role != chosen.turns[last].Role {
		d.at(worse)
		return "", d.fail(d.pos, "only the last message may differ; split or drop the row",
			"%s and %s complete different conversations", worseName, betterName)
	}
	answer := other.turns[last] // before d.turns, whose memory the conversations may share, is overwritten
	d.place(p, c, chosen, other, answer.Text() == answer.Content)
	d.turns = append(d.turns[:0], chosen.turns...)
	return answer.Text(), nil
}

// joinedTurns are a prompt and an answer as one conversation.
type joinedTurns struct {
	turns            []undertone.Message
	promptAt, answer int // index of the first message of the prompt, and of the answer's list
}

// conversation joins a prompt and an answer. The answer may be the last messages alone or the whole
// conversation, with or without its system message.
func (d *decoder) conversation(prompt, answer []undertone.Message, k key, name string) (joinedTurns, error) {
	switch {
	case startsWith(answer, prompt):
		return joinedTurns{turns: answer}, nil
	case answer[0].Role == system && startsWith(answer[1:], prompt):
		return joinedTurns{turns: answer, promptAt: 1}, nil
	case len(prompt) > 1 && prompt[0].Role == system && startsWith(answer, prompt[1:]):
		return joinedTurns{turns: slices.Concat(prompt[:1], answer), answer: 1}, nil
	case len(answer) == 1 || answer[0].Role == assistant:
		return joinedTurns{turns: slices.Concat(prompt, answer), answer: len(prompt)}, nil
	}
	d.at(k)
	return joinedTurns{}, d.fail(d.pos, "omit the prompt from the list, or start the list with it", "%s starts with neither the prompt nor a completion of it", name)
}

// startsWith reports whether messages starts with prompt and is longer.
func startsWith(messages, prompt []undertone.Message) bool {
	return len(messages) > len(prompt) && undertone.EqualMessages(messages[:len(prompt)], prompt)
}

// place gives the spots of the prompt [0, p), of chosen [p, c) and of rejected the turns of the
// joined conversation. Plain means that the rejected answer is the content of its message alone.
func (d *decoder) place(p, c int, chosen, rejected joinedTurns, plain bool) {
	kept := d.spots[:0]
	for _, s := range d.spots {
		switch {
		case s.turn < p:
			s.turn += chosen.promptAt
		case s.turn < c:
			s.turn += chosen.answer - p
		case s.turn == len(d.turns)-1:
			if !plain {
				continue
			}
			s.turn = rejectedAnswer
		default:
			s.turn += rejected.answer - c
		}
		kept = append(kept, s)
	}
	d.spots = kept
}
