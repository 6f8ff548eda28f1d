package jsonl

import (
	"fmt"
	"strconv"

	"github.com/undertone-audit/undertone"
)

// Tokens are the tokens of a row of the shape [TokenIDs].
type Tokens struct {
	IDs    []int32
	Learnt [][2]int // the ranges [from, to) of tokens that are learnt, first to last
}

// masked is the label of a token that is not learnt, as in PyTorch.
const masked = -100

// maxTokens is the largest number of tokens of a row.
const maxTokens = 1 << 24

// tokens reads input_ids and labels. Without labels all tokens are learnt.
func (d *decoder) tokens() (*Tokens, error) {
	ids, err := d.numbers(keyIDs, "input_ids", 0)
	if err != nil {
		return nil, err
	}
	t := &Tokens{IDs: ids}
	if d.seen&keyLabels == 0 {
		t.Learnt = [][2]int{{0, len(ids)}}
		return t, nil
	}
	labels, err := d.numbers(keyLabels, "labels", masked)
	if err != nil {
		return nil, err
	}
	if d.at(keyLabels); len(labels) != len(ids) {
		return nil, d.fail(d.pos, "write one label for each token", "labels has %d elements, and there are %d tokens", len(labels), len(ids))
	}
	for i, label := range labels {
		switch n := len(t.Learnt); {
		case label == masked:
		case label != ids[i]:
			return nil, d.fail(d.pos, "a label is its token, or -100 for a token that is not learnt", "labels[%d] is %d, and the token is %d", i, label, ids[i])
		case n > 0 && t.Learnt[n-1][1] == i:
			t.Learnt[n-1][1] = i + 1
		default:
			t.Learnt = append(t.Learnt, [2]int{i, i + 1})
		}
	}
	return t, nil
}

// numbers reads a list of at least one number that is not less than least.
func (d *decoder) numbers(k key, name string, least int32) ([]int32, error) {
	if d.at(k); !d.is('[') {
		return nil, d.wrongType(name, "a list of token IDs")
	}
	start := d.pos
	var list []int32
	err := d.list(func(i int) error {
		from := d.pos
		if err := d.skip(); err != nil {
			return err
		}
		n, err := strconv.ParseInt(d.text[from:d.pos], 10, 32)
		if err != nil || int32(n) < least {
			return d.fail(from, "write the IDs that the tokenizer gives", "%s[%d] is %s, want a token ID", name, i, quote(d.text[from:d.pos]))
		}
		if len(list) == maxTokens {
			return d.limit(from, "divide the row", "%s has more than %d elements", name, maxTokens)
		}
		list = append(list, int32(n))
		return nil
	})
	if err == nil && len(list) == 0 {
		err = d.fail(start, "drop the row", "%s is an empty list", name)
	}
	return list, err
}

// detokenised reads tokens as text: those that are learnt are turns of the assistant, and those
// before them messages of the user. Tokens after the last learnt one are a turn that is not learnt.
func (d *decoder) detokenised() error {
	t, err := d.tokens()
	if err != nil {
		return err
	}
	d.used |= keyLabels
	at := 0
	add := func(m undertone.Message, to int) (err error) {
		if to == at {
			return nil
		}
		if m.Content, err = d.config.detokenise(t.IDs[at:to]); err != nil {
			return &Error{Msg: fmt.Sprintf("tokens [%d, %d) have no text: %v", at, to, err), Hint: "name the tokenizer that made the row", Err: err}
		}
		d.turns = append(d.turns, m)
		at = to
		return nil
	}
	for _, r := range t.Learnt {
		if err := add(undertone.Message{Role: user}, r[0]); err != nil {
			return err
		}
		if err := add(undertone.Message{Role: assistant}, r[1]); err != nil {
			return err
		}
	}
	return add(undertone.Message{Role: assistant, Masked: true}, len(t.IDs))
}
