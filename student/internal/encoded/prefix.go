package encoded

import "slices"

// FindPrefix returns the indices of two token sequences: whole begins with all tokens of prefix. ok
// is false if no sequence begins with another one.
func FindPrefix(sequences [][]int32) (prefix, whole int, ok bool) {
	for i, a := range sequences {
		for j, b := range sequences {
			if i != j && len(a) <= len(b) && slices.Equal(a, b[:len(a)]) {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}
