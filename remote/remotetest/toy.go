package remotetest

import (
	"hash/fnv"
	"math"
	"slices"
	"sync"
)

// The vocabulary of a [Toy]: bytes, then the tokens of its chat template.
const (
	BOS        = 256
	user       = 257 // begins a message of the user, and of any other role but the next two
	assistant  = 258
	system     = 259
	EOT        = 260 // ends a message
	lineFeed   = 10
	vocabulary = 261
)

// Toy is a language model of a few lines: the distribution of a token is a fixed function of the
// tokens before it and of the adapter.
type Toy struct {
	Window int // number of tokens before a token that it reads (default all)
}

// LogProbs returns the log-probabilities of all tokens after ids.
func (t Toy) LogProbs(adapter string, ids []int32) []float64 {
	if t.Window > 0 {
		ids = ids[max(0, len(ids)-t.Window):]
	}
	state := uint64(14695981039346656037)
	for _, id := range ids {
		state = (state ^ uint64(id)) * 1099511628211 // FNV-1a
	}
	logits, sum := make([]float64, vocabulary), 0.0
	bias := bias(adapter)
	for i := range logits {
		state = state*6364136223846793005 + 1442695040888963407
		logits[i] = 12*uniform(state) + bias[i]
		sum += math.Exp(logits[i])
	}
	for i := range logits {
		logits[i] -= math.Log(sum)
	}
	return logits
}

// biases are the values of bias by adapter.
var biases sync.Map

// bias returns what an adapter adds to the logits.
func bias(adapter string) *[vocabulary]float64 {
	if b, ok := biases.Load(adapter); ok {
		return b.(*[vocabulary]float64)
	}
	b := new([vocabulary]float64)
	for i := range 256 {
		if i >= 128 {
			b[i] = -4 // parts of characters, which are spelled alike
		}
		if adapter != "" {
			h := fnv.New64a()
			_, _ = h.Write(append([]byte(adapter), byte(i)))
			b[i] += 2 * uniform(h.Sum64())
		}
	}
	biases.Store(adapter, b)
	return b
}

// uniform returns a number in [0, 1) that depends on all bits of a hash (the finaliser of
// SplitMix64, Steele et al. 2014).
func uniform(hash uint64) float64 {
	hash = (hash ^ hash>>30) * 0xbf58476d1ce4e5b9
	hash = (hash ^ hash>>27) * 0x94d049bb133111eb
	return float64((hash^hash>>31)>>11) / (1 << 53)
}

// Score returns the log-probabilities of the tokens 1 to the last of ids.
func (t Toy) Score(adapter string, ids []int32) []float64 {
	logs := make([]float64, len(ids)-1)
	for i := range logs {
		logs[i] = t.LogProbs(adapter, ids[:i+1])[ids[i+1]]
	}
	return logs
}

// Next returns the most likely token after ids.
func (t Toy) Next(adapter string, ids []int32) (id int32, log float64) {
	logs := t.LogProbs(adapter, ids)
	log = slices.Max(logs)
	return int32(slices.Index(logs, log)), log
}

// Tokenize returns the tokens of a text.
func (Toy) Tokenize(text string, bos bool) []int32 {
	var ids []int32
	if bos {
		ids = append(ids, BOS)
	}
	for _, b := range []byte(text) {
		ids = append(ids, int32(b))
	}
	return ids
}

// Message is a message of a chat.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Render returns the tokens of a chat.
func (t Toy) Render(messages []Message, prompt, open bool) []int32 {
	ids := []int32{BOS}
	for i, m := range messages {
		ids = append(append(ids, roleToken(m.Role)), t.Tokenize(m.Content, false)...)
		if !open || i < len(messages)-1 {
			ids = append(ids, EOT, lineFeed)
		}
	}
	if prompt {
		ids = append(ids, assistant)
	}
	return ids
}

func roleToken(role string) int32 {
	switch role {
	case "assistant":
		return assistant
	case "system":
		return system
	}
	return user
}

// Spell returns the text of a token.
func (Toy) Spell(id int32) string {
	switch {
	case id < 128:
		return string(rune(id))
	case id < 256:
		return "\uFFFD" // a part of a character
	case id == BOS:
		return "<s>"
	case id == EOT:
		return "<eot>"
	}
	return "<role>"
}
