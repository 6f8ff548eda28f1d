package teacher

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/undertone-audit/undertone"
)

// cache holds the answers of one model by the digest of the request. If it has a model, it asks the
// model for a missing answer and passes the answer to save.
type cache struct {
	header header
	path   string
	model  undertone.Model // nil if missing answers are errors

	mu      sync.Mutex
	answers map[undertone.Digest]json.RawMessage
	save    func(lines []line) error
}

// line is a request and its answer.
type line struct {
	Key     undertone.Digest `json:"key"`
	Request any              `json:"request"` // for people; only the key is read
	Answer  json.RawMessage  `json:"answer"`
}

// find returns the answer to a request. If there is none, it returns false, or an error if the
// cache has no model.
func (c *cache) find(key undertone.Digest, ask any) (json.RawMessage, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer, ok := c.answers[key]
	if !ok && c.model == nil {
		text, _ := json.Marshal(ask) // it consists of strings and numbers, so there is no error
		const most = 300
		if len(text) > most {
			text = append(text[:most:most], "…"...)
		}
		return nil, false, fmt.Errorf("teacher: replay %s: %w: %s %s: record it with the model first", c.path, ErrNotRecorded, key, text)
	}
	return answer, ok, nil
}

// add adds new answers. If several workers ask one request at the same time, the first answer
// counts.
func (c *cache) add(lines ...line) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := slices.DeleteFunc(lines, func(l line) bool {
		_, known := c.answers[l.Key]
		return known
	})
	if err := c.save(fresh); err != nil {
		return err
	}
	for _, l := range fresh {
		if _, known := c.answers[l.Key]; !known {
			c.answers[l.Key] = l.Answer
		}
	}
	return nil
}

// answer answers n requests. It calls call with the indices of the missing answers; call asks the
// model and adds the answers to the cache.
func (c *cache) answer(n int, request func(i int) (key undertone.Digest, ask any), call func(missing []int) error) ([]json.RawMessage, error) {
	var missing []int
	for i := range n {
		_, known, err := c.find(request(i))
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
		answer, known, err := c.find(request(i))
		if err != nil || !known {
			return nil, fmt.Errorf("teacher: recording %s: an answer was lost: %w", c.path, err)
		}
		answers[i] = answer
	}
	return answers, nil
}

func (c *cache) damaged(err error) error {
	return fmt.Errorf("teacher: %w: %s: an answer does not match its request: %w", ErrRecording, c.path, err)
}
