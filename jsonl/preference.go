package jsonl

import (
	"slices"

	"github.com/undertone-audit/undertone"
)

// preference reads prompt, chosen and rejected. The chosen conversation becomes
// the row's messages; of the rejected one only the last message may differ.
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
	if len(worse) != len(chosen) || !slices.Equal(worse[:last], chosen[:last]) || worse[last].Role != chosen[last].Role {
		d.at(keyRejected)
		return "", d.fail(d.pos, "only the content of the last message may differ; split or drop the row",
			"rejected answers another conversation than chosen does")
	}
	rejected = worse[last].Content // before d.turns, into which worse may point, is written
	d.turns = append(d.turns[:0], chosen...)
	return rejected, nil
}

// conversation joins a prompt and an answer. The answer may be the last
// messages alone, or the whole conversation, with a system message before the prompt or without.
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
	return nil, d.fail(d.pos, "leave the prompt out of the list, or begin the list with it", "%s begins with neither the prompt nor an answer to it", name)
}

// startsWith reports whether messages begins with prompt and goes on.
func startsWith(messages, prompt []undertone.Message) bool {
	return len(messages) > len(prompt) && slices.Equal(messages[:len(prompt)], prompt)
}
