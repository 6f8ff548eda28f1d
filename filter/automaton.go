package filter

// automaton finds every occurrence of many patterns in one pass: the automaton
// of Aho and Corasick ("Efficient string matching", CACM 1975) with its failure
// links resolved into a table, so that one byte of text costs two loads.
// docs/adr/0002-own-automaton.md says why it is not a library's.
type automaton struct {
	class [256]uint8 // byte of text → column of next; 0 is a byte of no pattern
	next  []uint32   // [states × width] offset of the next state's row, and the flag ends
	width uint32

	// By state. A pattern that ends in a state may have others as suffixes.
	pattern []int32  // the longest pattern that ends here, or -1
	suffix  []uint32 // the state of the next shorter one, 0 for none
}

// ends marks a transition into a state in which some pattern ends.
const ends = 1 << 31

// newAutomaton compiles patterns, none of them empty and no two the same.
// Canon maps a byte of text to the byte that patterns have for it. Where
// patterns have gap, the text may have any number of such bytes; 0 is none.
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

	// The trie. 0 is "no child", since no edge leads to the root.
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

	// Breadth first: the failure state of a state is complete before the state.
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

// repeatGaps lets every state that was reached by a gap stay where it is at
// the next gap: the text is then read as if its runs of gaps were one each.
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

// scan calls hit for every pattern at every place where it ends in text, which
// is the index after its last byte; at one place the longest comes first.
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
