package teacher

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/undertone-audit/undertone"
)

// tape holds the answers of one model, by a digest of what was asked. What it does
// not hold it asks the model, if there is one, and hands to keep.
type tape struct {
	header header
	path   string
	model  undertone.Model // nil: nothing else is answered

	mu      sync.Mutex
	answers map[undertone.Digest]json.RawMessage
	keep    func(lines []line) error
}

// line is one question with its answer.
type line struct {
	Key    undertone.Digest `json:"key"`
	Ask    any              `json:"ask"` // for people; the key is what counts
	Answer json.RawMessage  `json:"answer"`
}

// find returns the answer to a question, or false if the model is to be asked, or an
// error if there is no model.
func (t *tape) find(key undertone.Digest, ask any) (json.RawMessage, bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	answer, ok := t.answers[key]
	if !ok && t.model == nil {
		text, _ := json.Marshal(ask) // of strings and numbers: it cannot fail
		const most = 300
		if len(text) > most {
			text = append(text[:most:most], "…"...)
		}
		return nil, false, fmt.Errorf("teacher: replay %s: %w: %s %s: record it with the model first", t.path, ErrNotRecorded, key, text)
	}
	return answer, ok, nil
}

// add keeps answers that are not known yet. Of two answers to one question, which workers
// may ask at the same time, the first one stays.
func (t *tape) add(lines ...line) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	fresh := slices.DeleteFunc(lines, func(l line) bool {
		_, known := t.answers[l.Key]
		return known
	})
	if err := t.keep(fresh); err != nil {
		return err
	}
	for _, l := range fresh {
		if _, known := t.answers[l.Key]; !known {
			t.answers[l.Key] = l.Answer
		}
	}
	return nil
}

// ask answers n questions: the known ones from the tape, the others by calling the
// model, which is given their indices and adds its answers to the tape.
func (t *tape) ask(n int, question func(i int) (key undertone.Digest, ask any), call func(missing []int) error) ([]json.RawMessage, error) {
	var missing []int
	for i := range n {
		_, known, err := t.find(question(i))
		if err != nil {
			return nil, err
		}
		if !known {
			missing = append(missing, i)
		}
	}
	if len(missing) > 0 {
		if err := call(missing); err != nil {
			return nil, err
		}
	}
	answers := make([]json.RawMessage, n)
	for i := range answers {
		answer, known, err := t.find(question(i))
		if err != nil || !known {
			return nil, fmt.Errorf("teacher: recording %s: an answer was lost: %w", t.path, err)
		}
		answers[i] = answer
	}
	return answers, nil
}

func (t *tape) damaged(err error) error {
	return fmt.Errorf("teacher: %w: %s: an answer is not what was asked for: %w", ErrRecording, t.path, err)
}
