package tokenizer

import (
	"fmt"
	"unicode/utf8"
)

// bpe is byte-pair encoding: a word begins as the tokens of its bytes or characters. While two
// neighbours can merge, the pair of the lowest rank merges, the leftmost of equal ranks first.
// Sennrich, Haddow and Birch, https://arxiv.org/abs/1508.07909, algorithm 1.
type bpe struct {
	chars   map[rune]int32 // nil: words begin as bytes
	bytes   [256]int32     // of a byte, also of a character that is not in chars; -1: none
	unknown int32          // for text that is neither in chars nor in bytes; -1: it is dropped
	fuse    bool           // neighbouring unknowns are one token
	whole   map[string]int32
	merges  merger
}

// merger holds the pairs that merge, in one of the forms of files.
type merger interface {
	// merge returns the token that two neighbours become, and the rank of the pair. span is the
	// text of both.
	merge(left, right int32, span string) (id, rank int32, ok bool)
}

// pairs are merges that are listed one by one.
type pairs map[[2]int32]merged

type merged struct{ id, rank int32 }

func (p pairs) merge(left, right int32, _ string) (id, rank int32, ok bool) {
	m, ok := p[[2]int32{left, right}]
	return m.id, m.rank, ok
}

// spans lets two neighbours merge if the vocabulary has the text of both. The rank is that of the
// result.
type spans struct {
	ids     map[string]int32
	ranks   []int32 // by id; nil: the rank of a token is its id
	longest int     // bytes of the longest token
}

func (v spans) merge(_, _ int32, span string) (id, rank int32, ok bool) {
	if len(span) > v.longest {
		return 0, 0, false
	}
	id, ok = v.ids[span]
	if ok && v.ranks != nil {
		return id, v.ranks[id], true
	}
	return id, id, ok
}

// symbol is a token of an unfinished word. Symbols are a list linked by index.
type symbol struct {
	id         int32 // gone: merged into the symbol before
	start      int   // in the word
	prev, next int   // -1: none
}

const gone = -1

// pair is two neighbours that can merge, as they were when the pair was queued.
type pair struct {
	left, right int32
	merged
	at int // index of the left symbol
}

// scratch is the memory for one word.
type scratch struct {
	symbols []symbol
	queue   []pair // a binary heap, the next merge first
}

// encode appends the tokens of a word.
func (m *bpe) encode(s *scratch, word string, out []int32) []int32 {
	if id, ok := m.whole[word]; ok {
		return append(out, id)
	}
	m.begin(s, word)
	s.queue = s.queue[:0]
	for i := range s.symbols {
		m.note(s, word, i)
	}
	for len(s.queue) > 0 {
		p := s.pop()
		left := &s.symbols[p.at]
		if left.id != p.left || left.next < 0 || s.symbols[left.next].id != p.right {
			continue // one of the two has merged with another symbol since
		}
		right := &s.symbols[left.next]
		left.id, right.id = p.id, gone
		left.next = right.next
		if left.next >= 0 {
			s.symbols[left.next].prev = p.at
		}
		m.note(s, word, left.prev)
		m.note(s, word, p.at)
	}
	for _, symbol := range s.symbols {
		if symbol.id != gone {
			out = append(out, symbol.id)
		}
	}
	return out
}

// begin makes the symbols of the word's bytes or characters.
func (m *bpe) begin(s *scratch, word string) {
	s.symbols = s.symbols[:0]
	if m.chars == nil {
		for i := range len(word) {
			m.push(s, i, m.bytes[word[i]])
		}
	} else {
		for i := 0; i < len(word); {
			r, n := utf8.DecodeRuneInString(word[i:])
			m.char(s, i, r, word[i:i+n])
			i += n
		}
	}
	if n := len(s.symbols); n > 0 {
		s.symbols[n-1].next = -1
	}
}

// char begins one character, by its bytes if the vocabulary has no token for it.
func (m *bpe) char(s *scratch, start int, r rune, spelt string) {
	if invalid := r == utf8.RuneError && len(spelt) == 1; !invalid {
		if id, ok := m.chars[r]; ok {
			m.push(s, start, id)
			return
		}
	}
	for i := range len(spelt) {
		if m.bytes[spelt[i]] < 0 {
			m.push(s, start, -1)
			return
		}
	}
	for i := range len(spelt) {
		m.push(s, start+i, m.bytes[spelt[i]])
	}
}

// push appends a symbol; id -1 is text without a token.
func (m *bpe) push(s *scratch, start int, id int32) {
	n := len(s.symbols)
	if id < 0 {
		id = m.unknown
		if id < 0 || m.fuse && n > 0 && s.symbols[n-1].id == id {
			return
		}
	}
	s.symbols = append(s.symbols, symbol{id, start, n - 1, n + 1})
}

// note queues the symbol at i and its neighbour if they can merge.
func (m *bpe) note(s *scratch, word string, i int) {
	if i < 0 || s.symbols[i].next < 0 {
		return
	}
	left := s.symbols[i]
	right := s.symbols[left.next]
	end := len(word)
	if right.next >= 0 {
		end = s.symbols[right.next].start
	}
	if id, rank, ok := m.merges.merge(left.id, right.id, word[left.start:end]); ok {
		s.add(pair{left.id, right.id, merged{id, rank}, i})
	}
}

func (p pair) before(q pair) bool { return p.rank < q.rank || p.rank == q.rank && p.at < q.at }

// add adds a pair to the heap.
func (s *scratch) add(p pair) {
	i := len(s.queue)
	s.queue = append(s.queue, p)
	for i > 0 {
		parent := (i - 1) / 2
		if !p.before(s.queue[parent]) {
			break
		}
		s.queue[i] = s.queue[parent]
		i = parent
	}
	s.queue[i] = p
}

// pop removes the first pair of the heap.
func (s *scratch) pop() pair {
	first := s.queue[0]
	n := len(s.queue) - 1
	p := s.queue[n]
	s.queue = s.queue[:n]
	for i := 0; n > 0; {
		child := 2*i + 1
		if child+1 < n && s.queue[child+1].before(s.queue[child]) {
			child++
		}
		if child >= n || !s.queue[child].before(p) {
			s.queue[i] = p
			break
		}
		s.queue[i] = s.queue[child]
		i = child
	}
	return first
}

// byteTokens sets the tokens "<0x00>" … "<0xFF>" of a vocabulary.
func (m *bpe) byteTokens(ids map[string]int32) (all bool) {
	all = true
	for b := range m.bytes {
		id, ok := ids[byteToken(byte(b))]
		if !ok {
			id, all = -1, false
		}
		m.bytes[b] = id
	}
	return all
}

func byteToken(b byte) string { return fmt.Sprintf("<0x%02X>", b) }
