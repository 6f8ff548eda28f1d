package filter

// automaton finds every occurrence of many patterns in one pass. It is the automaton of Aho and
// Corasick ("Efficient string matching", CACM 1975) with its failure links resolved into a table,
// so that each byte of text costs two loads. docs/adr/0002-own-automaton.md explains why it is not
// taken from a library.
type automaton struct {
	class [256]uint8 // column of next by byte of text; 0 for a byte that is in no pattern
	next  []uint32   // [states × width] offset of the row of the next state, and the flag ends
	width uint32

	// By state. A pattern that ends in a state may have other patterns as suffixes.
	pattern []int32  // the longest pattern that ends in the state, or -1
	suffix  []uint32 // the state of the next shorter pattern, or 0
}

// ends marks a transition into a state in which a pattern ends.
const ends = 1 << 31

// newAutomaton compiles patterns, which must be different and not empty. canon maps a byte of text
// to the byte of patterns that it matches. Where a pattern has the byte gap, the text may have one
// or more bytes that canon maps to gap. A gap of 0 means that there is none.
func newAutomaton(patterns []string, canon func(byte) byte, gap byte) *automaton {
	a := &automaton{width: 1}
	var column [256]uint8
	for _, p := range patterns {
		for _, c := range []byte(p) {
			if column[c] == 0 && a.width < 256 {
				column[c] = uint8(a.width)
				a.width++
			}
		}
	}
	for c := range 256 {
		a.class[c] = column[canon(byte(c))]
	}

	// The trie. 0 means no child, because no edge leads to the root.
	a.addState()
	for i, p := range patterns {
		s := uint32(0)
		for _, c := range []byte(p) {
			edge := s*a.width + uint32(column[c])
			if a.next[edge] == 0 {
				a.next[edge] = a.addState()
			}
			s = a.next[edge]
		}
		a.pattern[s] = int32(i)
	}

	// Breadth-first, so that the failure state of a state is complete before the state.
	failure := make([]uint32, len(a.pattern))
	queue := []uint32{0}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for c := range a.width {
			edge := &a.next[s*a.width+c]
			fallback := uint32(0)
			if s != 0 {
				fallback = a.next[failure[s]*a.width+c]
			}
			child := *edge
			if child == 0 {
				*edge = fallback
				continue
			}
			failure[child] = fallback
			a.suffix[child] = fallback
			if a.pattern[fallback] < 0 {
				a.suffix[child] = a.suffix[fallback]
			}
			queue = append(queue, child)
		}
	}
	a.repeatGaps(patterns, column, gap)
	for i, s := range a.next {
		a.next[i] = s * a.width
		if a.pattern[s] >= 0 || a.suffix[s] != 0 {
			a.next[i] |= ends
		}
	}
	return a
}

func (a *automaton) addState() uint32 {
	a.next = append(a.next, make([]uint32, a.width)...)
	a.pattern = append(a.pattern, -1)
	a.suffix = append(a.suffix, 0)
	return uint32(len(a.pattern) - 1)
}

// repeatGaps adds a transition on a gap from every state that a gap leads to, to itself. A run of
// gaps in the text then matches one gap of a pattern.
func (a *automaton) repeatGaps(patterns []string, column [256]uint8, gap byte) {
	if gap == 0 || column[gap] == 0 {
		return
	}
	for _, p := range patterns {
		s := uint32(0)
		for _, c := range []byte(p) {
			s = a.next[s*a.width+uint32(column[c])]
			if c == gap {
				a.next[s*a.width+uint32(column[gap])] = s
			}
		}
	}
}

// scan calls hit for every occurrence of a pattern in text, with the index after its last byte. Of
// occurrences with one end, the longest comes first.
func (a *automaton) scan(text string, hit func(pattern, end int)) {
	next, class := a.next, &a.class
	row := uint32(0)
	for i := 0; i < len(text); i++ {
		row = next[row+uint32(class[text[i]])]
		if row&ends == 0 {
			continue
		}
		row &^= ends
		s := row / a.width
		if a.pattern[s] < 0 {
			s = a.suffix[s]
		}
		for ; s != 0; s = a.suffix[s] {
			hit(int(a.pattern[s]), i+1)
		}
	}
}
