package prompts

import "strings"

// phrase is a text with options: one option of each slot, in order.
type phrase [][]string

// size returns the number of different texts.
func (p phrase) size() uint64 {
	n := uint64(1)
	for _, options := range p {
		n *= uint64(len(options))
	}
	return n
}

// choose returns text x modulo the size.
func (p phrase) choose(x uint64) string {
	var b strings.Builder
	d := digits(x)
	for _, options := range p {
		b.WriteString(options[d.next(len(options))])
	}
	return b.String()
}

// digits is a number from which digits are taken, each with its own base.
type digits uint64

// next removes and returns the last digit in base n.
func (d *digits) next(n int) int {
	v := uint64(*d) % uint64(n)
	*d /= digits(n)
	return int(v)
}
