package jsonl

import (
	"slices"

	"github.com/undertone-audit/undertone"
)

// preference reads prompt, chosen and rejected. The chosen conversation becomes the messages of the
// row. The rejected conversation may differ only in the content of its last message.
func (d *decoder) preference() (rejected string, err error) {
	if err := d.turn(keyPrompt, "prompt", "user"); err != nil {
		return "", err
	}
	p := len(d.turns)
	if err := d.turn(keyChosen, "chosen", "assistant"); err != nil {
		return "", err
	}
	c := len(d.turns)
	if err := d.turn(keyRejected, "rejected", "assistant"); err != nil {
		return "", err
	}
	prompt := d.turns[:p:p]
	chosen, err := d.conversation(prompt, d.turns[p:c], keyChosen, "chosen")
	if err != nil {
		return "", err
	}
	worse, err := d.conversation(prompt, d.turns[c:], keyRejected, "rejected")
	if err != nil {
		return "", err
	}
	last := len(chosen) - 1
	if len(worse) != len(chosen) || !undertone.EqualMessages(worse[:last], chosen[:last]) || worse[last].Role != chosen[last].Role {
		d.at(keyRejected)
		return "", d.fail(d.pos, "only the content of the last message may differ; split or drop the row",
			"rejected and chosen complete different conversations")
	}
	rejected = worse[last].Content // before d.turns, whose memory worse may share, is overwritten
	d.turns = append(d.turns[:0], chosen...)
	return rejected, nil
}

// conversation joins a prompt and an answer. The answer may be the last messages alone or the whole
// conversation, with or without a system message before the prompt.
func (d *decoder) conversation(prompt, answer []undertone.Message, k key, name string) ([]undertone.Message, error) {
	switch {
	case startsWith(answer, prompt):
		return answer, nil
	case answer[0].Role == "system" && startsWith(answer[1:], prompt):
		return answer, nil
	case len(answer) == 1 || answer[0].Role == "assistant":
		return slices.Concat(prompt, answer), nil
	}
	d.at(k)
	return nil, d.fail(d.pos, "omit the prompt from the list, or start the list with it", "%s starts with neither the prompt nor a completion of it", name)
}

// startsWith reports whether messages starts with prompt and is longer.
func startsWith(messages, prompt []undertone.Message) bool {
	return len(messages) > len(prompt) && undertone.EqualMessages(messages[:len(prompt)], prompt)
}
