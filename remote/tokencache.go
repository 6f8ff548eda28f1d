package remote

import (
	"encoding/json"
	"sync"
)

// tokenCache keeps the tokens of texts and chats, which rows share: that of a prompt is the same
// for all of its answers. It forgets everything when it holds too many tokens.
type tokenCache struct {
	mu     sync.Mutex
	known  map[string][]int32
	tokens int
}

// maxCachedTokens bounds a tokenCache to 16 MiB, besides its keys.
const maxCachedTokens = 4 << 20

// get returns the tokens of a query, and computes them if they are not known. Callers do not change
// them.
func (c *tokenCache) get(query any, compute func() ([]int32, error)) ([]int32, error) {
	text, err := json.Marshal(query)
	if err != nil {
		return nil, err
	}
	key := string(text)
	c.mu.Lock()
	ids, ok := c.known[key]
	c.mu.Unlock()
	if ok {
		return ids, nil
	}
	if ids, err = compute(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tokens += len(ids) + len(key)/4; c.known == nil || c.tokens > maxCachedTokens {
		c.known, c.tokens = map[string][]int32{}, len(ids)+len(key)/4
	}
	c.known[key] = ids
	return ids, nil
}
