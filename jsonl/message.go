package jsonl

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/undertone-audit/undertone"
)

// turn reads a string as one message of the role, an object as a message, and a list as its
// messages. An empty string is no message if the role is "user".
func (d *decoder) turn(k key, name, role string) error {
	if !d.at(k) {
		return nil
	}
	d.used |= k
	switch {
	case d.is('['):
		return d.messages(k, name)
	case d.is('{'):
		return d.append(element{list: name})
	case !d.is('"'):
		return d.wrongType(name, "a string or a list of messages")
	}
	start := d.pos
	content, err := d.str()
	if content != "" || role != user {
		d.spot(undertone.Content, start)
		d.turns = append(d.turns, undertone.Message{Role: role, Content: content})
	}
	return err
}

// messages reads a field that is a list of at least one message.
func (d *decoder) messages(k key, name string) error {
	d.at(k)
	d.used |= k
	return d.messageList(name)
}

// messageList reads the list at the current position.
func (d *decoder) messageList(name string) error {
	if !d.is('[') {
		return d.wrongType(name, "a list of messages")
	}
	start, before := d.pos, len(d.turns)
	err := d.list(func(i int) error { return d.append(element{name, i}) })
	if err == nil && len(d.turns) == before {
		return d.fail(start, "drop the row", "%s is an empty list", name)
	}
	return err
}

// element is the path of an element of a list, or of the value list itself if the index is
// negative. It is formatted only for errors.
type element struct {
	list  string
	index int
}

func (e element) String() string {
	if e.index < 0 {
		return e.list
	}
	return fmt.Sprintf("%s[%d]", e.list, e.index)
}

// The fields of a message that may occur once.
const (
	hasRole = 1 << iota
	hasContent
	hasFrom
	hasValue
	hasParts
	hasReasoningContent
	hasReasoning
	hasThinking
	hasName
	hasToolCalls
	hasFunctionCall
	hasToolCallID
	hasWeight
	hasTrain
	hasTraining
	hasLoss
	hasLossMask
	hasLossScale
	hasTrainable
	hasMasked

	hasBody = hasRole | hasContent | hasFrom | hasValue | hasParts
)

// message is what is read of a message.
type message struct {
	*undertone.Message
	has     int                 // the fields that were read
	nulls   int                 // of those the role and the contents that are null, which counts as missing
	null    [2]int              // where the last null is that may be the content
	empty   bool                // the content is null or missing
	learn   int                 // hasWeight, hasTrain, … of the flags that say that the turn is learnt
	masked  int                 // of those that say that it is not
	results []undertone.Message // results of tools among the parts
}

// append reads a message and appends it to the turns.
func (d *decoder) append(path element) error {
	n := len(d.turns)
	d.turns = slices.Grow(d.turns, 1)
	m := message{Message: &d.turns[:n+1][n]}
	*m.Message = undertone.Message{}
	if err := d.message(path, &m); err != nil {
		return err
	}
	if len(m.results) > 0 {
		return d.appendResults(&m)
	}
	d.turns = d.turns[:n+1]
	return nil
}

// appendResults appends the results of tools among the parts of a message as messages, and what
// else it says after them.
func (d *decoder) appendResults(m *message) error {
	n, last := len(d.turns), *m.Message
	if d.turns = append(d.turns, m.results...); last.Content == "" && last.Reasoning == "" && len(last.ToolCalls) == 0 {
		d.forget(n)
		return nil
	}
	d.move(n, len(d.turns))
	d.turns = append(d.turns, last)
	return nil
}

// message reads {"role", "content"}, {"from", "value"} or {"role", "parts"}, and the fields beside
// them.
func (d *decoder) message(path element, m *message) error {
	if !d.is('{') {
		return d.wrongType(path.String(), "an object")
	}
	start := d.pos
	err := d.object(func(name string, at int) (err error) {
		bit := bodyField(name)
		switch {
		case bit != 0 && d.is('n'):
			err = d.nothing(bit, m)
		case bit == hasRole, bit == hasFrom:
			m.Role, err = d.value(path, name)
		case bit != 0:
			err = d.contentOrParts(path, name, m.Message, m)
		default:
			bit, err = d.beside(path, name, m)
		}
		if err == nil && m.has&bit != 0 {
			return d.twice(at, path.String(), name)
		}
		m.has |= bit
		return err
	})
	if err != nil {
		return err
	}
	return d.finish(path, start, m)
}

// bodyField returns the bit of a field that is the role or the content of a message, or 0.
func bodyField(name string) int {
	switch name {
	case "role":
		return hasRole
	case "from":
		return hasFrom
	case "content":
		return hasContent
	case "value":
		return hasValue
	case "parts":
		return hasParts
	}
	return 0
}

// nothing reads null in place of a role or a content.
func (d *decoder) nothing(bit int, m *message) error {
	start := d.pos
	err := d.skip()
	m.nulls |= bit
	if bit&(hasRole|hasFrom) == 0 {
		m.null = [2]int{start, d.pos}
	}
	return err
}

// body returns the fields of a message that are its role and its content. A null is the content if
// nothing else is.
func (d *decoder) body(m *message) int {
	body := m.has &^ m.nulls & hasBody
	switch nulls := m.nulls; {
	case body == hasRole && nulls&(hasContent|hasParts) != 0:
		body |= hasContent
	case body == hasFrom && nulls&hasValue != 0:
		body |= hasValue
	default:
		return body
	}
	m.empty = true
	if d.spotted {
		d.spots = append(d.spots, spot{len(d.turns), d.copy, undertone.Content, m.null[0], m.null[1]})
	}
	return body
}

// beside reads a field of a message other than its role and its content. The bit is 0 for a field
// that is not read.
func (d *decoder) beside(path element, name string, m *message) (bit int, err error) {
	switch name {
	case "reasoning_content":
		return d.reasoning(path, name, hasReasoningContent, m)
	case "reasoning":
		return d.reasoning(path, name, hasReasoning, m)
	case "thinking":
		return d.reasoning(path, name, hasThinking, m)
	case "tool_calls":
		return hasToolCalls, d.toolCalls(path, m)
	case "function_call":
		return hasFunctionCall, d.functionCall(path, m)
	case "tool_call_id":
		m.ToolCallID, err = d.identifier(path, name)
		return hasToolCallID, err
	case "name":
		m.Name, err = d.identifier(path, name)
		return hasName, err
	case "weight":
		return d.flag(path, name, hasWeight, m)
	case "train":
		return d.flag(path, name, hasTrain, m)
	case "training":
		return d.flag(path, name, hasTraining, m)
	case "loss":
		return d.flag(path, name, hasLoss, m)
	case "loss_mask":
		return d.flag(path, name, hasLossMask, m)
	case "loss_scale", "loss_weight":
		return d.flag(path, name, hasLossScale, m)
	case "trainable":
		return d.flag(path, name, hasTrainable, m)
	case "masked":
		bit, err = d.flag(path, name, hasMasked, m)
		m.learn, m.masked = m.learn&^bit|m.masked&bit, m.masked&^bit|m.learn&bit
		return bit, err
	case "train_detail":
		return 0, d.trainDetail(path)
	}
	return 0, d.notRead("messages", name)
}

// finish checks the fields that were read.
func (d *decoder) finish(path element, start int, m *message) error {
	body := d.body(m)
	switch body {
	case hasRole | hasContent, hasFrom | hasValue, hasRole | hasParts:
	case hasParts: // a prompt of Gemini
		m.Role = user
	case hasRole:
		m.empty = true
	default:
		return d.incomplete(path, start, body)
	}
	if !plainRole(m.Role) {
		return d.fail(start, spelling(m.Role), "%s has the role %s", path, quote(m.Role))
	}
	sender := m.Role
	m.Role = roleOf(sender)
	if sender == calling {
		m.Role = assistant
		if calls, ok := readCalls(m.Content); ok {
			m.Content, m.ToolCalls = "", calls
			d.forget(len(d.turns))
		}
	}
	if m.empty && m.Content == "" && m.Reasoning == "" && len(m.ToolCalls) == 0 && len(m.results) == 0 {
		return d.noContent(path, start, body)
	}
	return d.learn(path, start, m)
}

// noContent is the error for a message that says nothing.
func (d *decoder) noContent(path element, at, body int) error {
	if body&(hasContent|hasValue) == 0 {
		return d.incomplete(path, at, body)
	}
	return d.fail(at, `drop the row, or write the empty content ""; null is for messages with "tool_calls"`, "the content of %s is null, want a string or a list of parts", path)
}

func (d *decoder) incomplete(path element, at, has int) error {
	what := "mixes two ways to write a message"
	switch has {
	case 0:
		what = "has none of the fields of a message"
	case hasRole:
		what = `has "role" but no "content"`
	case hasContent:
		what = `has "content" but no "role"`
	case hasFrom:
		what = `has "from" but no "value"`
	case hasValue:
		what = `has "value" but no "from"`
	}
	return d.fail(at, `a message has "role" and "content", or "from" and "value"`, "%s %s", path, what)
}

func (d *decoder) value(path element, name string) (string, error) {
	if !d.is('"') {
		return "", d.wrongType(path.String()+"."+name, "a string")
	}
	return d.str()
}

// identifier reads a name or the ID of a call: a string, a number, or null.
func (d *decoder) identifier(path element, name string) (string, error) {
	switch start := d.pos; {
	case d.is('"'):
		return d.str()
	case d.is('n'):
		return "", d.skip()
	case d.is('{'), d.is('['), d.is('t'), d.is('f'):
		return "", d.wrongType(path.String()+"."+name, "a string")
	default:
		err := d.skip()
		return d.text[start:d.pos], err
	}
}

// reasoning reads the text that the assistant wrote before its content. Several fields are joined
// with line feeds, and a field that repeats the text of another is left out.
func (d *decoder) reasoning(path element, name string, bit int, m *message) (int, error) {
	if d.is('n') || d.is('t') || d.is('f') { // a flag is no text
		return bit, d.notRead("messages", name)
	}
	var r undertone.Message
	start := d.pos
	if err := d.contentOrParts(path, name, &r, nil); err != nil {
		return 0, err
	}
	text := r.Content
	if text == "" {
		text = r.Reasoning
	}
	d.relabel(start, undertone.Reasoning)
	switch {
	case text == "":
	case text == m.Reasoning:
		d.anotherCopy(start)
	case m.Reasoning == "":
		m.Reasoning = text
	default:
		m.Reasoning += "\n" + text
	}
	return bit, nil
}

// flag reads whether a turn is learnt: true or false, 1 or 0, or null.
func (d *decoder) flag(path element, name string, bit int, m *message) (int, error) {
	start := d.pos
	if err := d.skip(); err != nil {
		return 0, err
	}
	text := d.text[start:d.pos]
	number, err := strconv.ParseFloat(text, 64)
	switch isNumber := err == nil; {
	case text == "null":
	case text == "true", isNumber && number == 1:
		m.learn |= bit
	case text == "false", isNumber && number == 0:
		m.masked |= bit
	default:
		return 0, d.fail(start, "write 0 for a turn that is not learnt, and 1 for a turn that is learnt; other weights cannot be trained with",
			"%s.%s is %s, want 0, 1, false or true", path, name, clip(text))
	}
	return bit, nil
}

// learn sets whether the turn is masked.
func (d *decoder) learn(path element, at int, m *message) error {
	switch {
	case m.learn != 0 && m.masked != 0:
		return d.fail(at, "drop one of them", "%s has flags that contradict each other: one says that the turn is learnt, another that it is not", path)
	case m.learn != 0 && m.Role != assistant:
		return d.fail(at, "drop the flag; only turns of the assistant are learnt", "%s has the role %s and is marked as learnt", path, quote(m.Role))
	}
	m.Masked = m.masked != 0 && m.Role == assistant
	return nil
}

// trainDetail refuses flags for parts of a turn.
func (d *decoder) trainDetail(path element) error {
	start := d.pos
	if err := d.skip(); err != nil {
		return err
	}
	if slices.Contains([]string{"null", "[]"}, d.text[start:d.pos]) {
		return nil
	}
	return d.fail(start, `flag whole turns with "train", or drop the row`, "%s.train_detail selects parts of a turn, which cannot be learnt alone", path)
}
