package prompts

import "strings"

// phrase is a text with choices: one option of every slot, in order.
type phrase [][]string

// size is the number of ways to choose.
func (p phrase) size() uint64 {
	n := uint64(1)
	for _, options := range p {
		n *= uint64(len(options))
	}
	return n
}

// choose returns the text that number x, taken modulo the size, stands for.
func (p phrase) choose(x uint64) string {
	var b strings.Builder
	d := digits(x)
	for _, options := range p {
		b.WriteString(options[d.next(len(options))])
	}
	return b.String()
}

// digits is a number that is taken apart digit by digit, each of a base of its own.
type digits uint64

// next takes off the last digit, of base n.
func (d *digits) next(n int) int {
	v := uint64(*d) % uint64(n)
	*d /= digits(n)
	return int(v)
}
