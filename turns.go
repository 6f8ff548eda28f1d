package undertone

import "slices"

// Turns selects the turns of the assistant that a student learns.
type Turns uint8

const (
	// AllTurns learns every turn of the assistant that is not masked, as most trainers do.
	AllTurns Turns = iota

	// LastTurn learns the last of these turns only.
	LastTurn
)

// String returns "all" or "last".
func (t Turns) String() string {
	if t == LastTurn {
		return "last"
	}
	return "all"
}

// Learnt returns the indices of the messages that training learns and scoring scores: the turns of
// the assistant that are not masked, all or the last as e.Turns says. A row with a rejected answer
// learns the last. The last message counts as the assistant's, whatever its role. A row with the
// label false has none.
func (e Example) Learnt() []int {
	if e.Label != nil && !*e.Label {
		return nil
	}
	return e.unmasked()
}

// Answers returns the indices of the messages that the row is about: those of [Example.Learnt], or,
// if there are none, those that would be learnt without the label, or the last message.
// [Example.Completion] is their text, and the other messages are the prompt.
func (e Example) Answers() []int {
	if answers := e.unmasked(); len(answers) > 0 {
		return answers
	}
	if len(e.Messages) == 0 {
		return nil
	}
	return []int{len(e.Messages) - 1}
}

// unmasked returns the turns that would be learnt without the label.
func (e Example) unmasked() []int {
	var turns []int
	for i := len(e.Messages) - 1; i >= 0; i-- {
		if m := &e.Messages[i]; m.Masked || m.Role != "assistant" && i < len(e.Messages)-1 {
			continue
		}
		if turns = append(turns, i); e.Turns == LastTurn || e.Rejected != "" {
			break
		}
	}
	slices.Reverse(turns)
	return turns
}

// single reports whether the last message is the only answer, and learnt. It does not allocate.
func (e *Example) single() bool {
	last := len(e.Messages) - 1
	if last < 0 || e.Messages[last].Masked || e.Label != nil {
		return false
	}
	for i := range e.Messages[:last] {
		if e.Messages[i].Role == "assistant" {
			return false
		}
	}
	return true
}

// standard reports whether the learnt turns are those of the row without masks, label and choice of
// turns: all, or the last if there is a rejected answer.
func (e *Example) standard() bool {
	unmasked, last := e.unmasked(), len(e.Messages)-1
	if e.Rejected != "" {
		return len(unmasked) == 1 && unmasked[0] == last
	}
	answers := 0
	for i := range e.Messages {
		if e.Messages[i].Role == "assistant" || i == last {
			answers++
		}
	}
	return len(unmasked) == answers
}

// Equal reports whether two rows say the same to a student: whether their messages, turns, rejected
// answers, labels and tools are equal. Equal rows have the same IDs.
func (e Example) Equal(other Example) bool {
	return e.Rejected == other.Rejected && e.Turns == other.Turns && e.Tools == other.Tools && equalLabels(e.Label, other.Label) &&
		EqualMessages(e.Messages, other.Messages)
}

func equalLabels(a, b *bool) bool { return a == b || a != nil && b != nil && *a == *b }
