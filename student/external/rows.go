package external

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student"
)

// writeRows writes the rows as JSONL, in the order in which a student of this seed meets them in
// its first epoch, and returns the SHA-256 of the text. A row is a list of messages, in which a
// turn that is not learnt has weight 0. It has no metadata, which could tell the arms apart.
func writeRows(to io.Writer, data undertone.Text, seed uint64) (undertone.Digest, error) {
	h := sha256.New()
	b := bufio.NewWriter(io.MultiWriter(to, h))
	w := jsonl.NewWriter(b, jsonl.As(jsonl.Messages))
	for _, i := range student.Order(data, seed, 0) {
		row, err := undertone.ReadExample(data, i)
		if err == nil {
			row, err = messagesOnly(row)
		}
		if err == nil {
			err = w.Write(row)
		}
		if err != nil {
			return undertone.Digest{}, fmt.Errorf("row %d of %.80q: %w", i, data.Name(), err)
		}
	}
	if err := b.Flush(); err != nil {
		return undertone.Digest{}, err
	}
	return undertone.Digest(h.Sum(nil)), nil
}

// writeRowsFile writes the rows to a file.
func writeRowsFile(path string, data undertone.Text, seed uint64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := writeRows(f, data, seed); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// messagesOnly returns the row as its messages and tools.
func messagesOnly(row undertone.Example) (undertone.Example, error) {
	switch {
	case row.Rejected != "":
		return row, fmt.Errorf("it has a rejected answer, and a trainer is given messages only")
	case row.Label != nil:
		return row, fmt.Errorf("it has a label, and a trainer is given messages only")
	}
	learnt := row.Learnt()
	messages := slices.Clone(row.Messages)
	for i := range messages {
		said := messages[i].Role == "assistant" || i == len(messages)-1
		messages[i].Masked = said && !slices.Contains(learnt, i)
	}
	return undertone.Example{Messages: messages, Tools: row.Tools}, nil
}
