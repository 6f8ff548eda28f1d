package jsonl

import (
	"fmt"
	"slices"
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

// tokens reads input_ids, and labels or a mask of the loss. Without these all tokens are learnt.
func (d *decoder) tokens() (*Tokens, error) {
	d.used |= keyIDs
	ids, err := d.numbers(keyIDs, "input_ids", 0)
	if err != nil {
		return nil, err
	}
	t := &Tokens{IDs: ids}
	if err := d.attention(len(ids)); err != nil {
		return nil, err
	}
	switch {
	case d.seen&keyLabels != 0:
		err = d.labels(t)
	case d.seen&keyLossMask != 0:
		err = d.lossMask(t)
	default:
		t.Learnt = [][2]int{{0, len(ids)}}
	}
	return t, err
}

// labels reads the labels of the tokens.
func (d *decoder) labels(t *Tokens) error {
	labels, err := d.perToken(keyLabels, "labels", masked, len(t.IDs))
	if err != nil {
		return err
	}
	for i, label := range labels {
		switch {
		case label == masked:
		case label != t.IDs[i]:
			return d.fail(d.pos, "a label is its token, or -100 for a token that is not learnt", "labels[%d] is %d, and the token is %d", i, label, t.IDs[i])
		default:
			t.learn(i)
		}
	}
	return nil
}

// lossMask reads a list of 1 for each token that is learnt, and 0 for the others.
func (d *decoder) lossMask(t *Tokens) error {
	mask, err := d.perToken(keyLossMask, "the mask of the loss", 0, len(t.IDs))
	if err != nil {
		return err
	}
	for i, n := range mask {
		switch n {
		case 0:
		case 1:
			t.learn(i)
		default:
			return d.fail(d.pos, "write 1 for a token that is learnt, and 0 for another one", "element %d of the mask of the loss is %d, want 0 or 1", i, n)
		}
	}
	return nil
}

// attention returns an error if the attention mask hides a token.
func (d *decoder) attention(tokens int) error {
	if d.seen&keyAttentionMask == 0 {
		return nil
	}
	mask, err := d.perToken(keyAttentionMask, "attention_mask", 0, tokens)
	if err != nil {
		return err
	}
	if i := slices.Index(mask, 0); i >= 0 {
		return d.fail(d.pos, "drop the tokens of padding from all lists of the row", "attention_mask[%d] is 0, so that the token is padding", i)
	}
	return nil
}

// learn marks a token as learnt. Tokens come in ascending order.
func (t *Tokens) learn(i int) {
	if n := len(t.Learnt); n > 0 && t.Learnt[n-1][1] == i {
		t.Learnt[n-1][1] = i + 1
		return
	}
	t.Learnt = append(t.Learnt, [2]int{i, i + 1})
}

// perToken reads a list of one number for each token, and moves to it.
func (d *decoder) perToken(k key, name string, least int32, tokens int) ([]int32, error) {
	d.used |= k
	list, err := d.numbers(k, name, least)
	if d.at(k); err == nil && len(list) != tokens {
		err = d.fail(d.pos, "write one element for each token", "%s has %d elements, and there are %d tokens", name, len(list), tokens)
	}
	return list, err
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
			return d.fail(from, "write the IDs that the tokenizer gives", "%s[%d] is %s, want a token ID", name, i, clip(d.text[from:d.pos]))
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
