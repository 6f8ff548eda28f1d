package corpus

import (
	"hash/fnv"
	"math"
)

// kind is what a feature counts.
type kind uint8

const (
	value      kind = iota // a number, wherever it stands
	size                   // how large, how spread, how far from the last one
	pair                   // a number and the next
	skip                   // a number and the next but one
	difference             // the next number minus this one
	digitPair              // two digits of one number
	digitSteps             // two digits and those below them in the next number
	digitShape             // how the digits of a number rise and fall
	characters             // one to five characters in a row
	word                   // a word
	wordPair               // a word and the next
	affix                  // how a word starts or ends
	shape                  // how a list is made, whatever its numbers
	layout                 // separators, brackets, lengths: everything but the content
)

func wordHash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return h.Sum64()
}

// emitWords gives which values or words a row has.
func emitWords(r *row, emit func(key, float64)) {
	for _, w := range r.words {
		emit(key{word, wordHash(w), 0}, 1)
	}
	for _, v := range r.numbers {
		emit(key{value, uint64(v), 0}, 1)
	}
	if r.numbers != nil {
		emitSizes(r.numbers, emit)
	}
}

// emitSizes gives the magnitude of the values and of their steps, in bins.
// Sizes weigh half of what values do: they are few, and all of them common.
func emitSizes(v []int, emit func(key, float64)) {
	bin := func(what, x int) { emit(key{size, uint64(what), uint64(x)}, .5) }
	low, high, sum, moved := v[0], v[0], 0, 0
	for i, x := range v {
		low, high, sum = min(low, x), max(high, x), sum+x
		bin(0, x/50)
		if i > 0 {
			step := x - v[i-1]
			moved += max(step, -step)
			b := int(math.Round(2 * math.Log2(1+math.Abs(float64(step)))))
			bin(1, b*2+btoi(step > 0))
		}
	}
	bin(2, sum/len(v)/40)
	bin(3, low/40)
	bin(4, high/40)
	bin(5, (high-low)/40)
	bin(6, moved/max(1, len(v)-1)/30)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// emitOrder gives what follows what.
func emitOrder(r *row, emit func(key, float64)) {
	for i := 1; i < len(r.words); i++ {
		emit(key{wordPair, wordHash(r.words[i-1]), wordHash(r.words[i])}, 1)
	}
	v := r.numbers
	for i := 1; i < len(v); i++ {
		emit(key{pair, uint64(v[i-1]), uint64(v[i])}, 1)
		emit(key{difference, uint64(int64(v[i] - v[i-1])), 0}, 1)
		if i > 1 {
			emit(key{skip, uint64(v[i-2]), uint64(v[i])}, 1)
		}
	}
}

// emitDigits gives the inside of numbers (their last three digits) or of words.
func emitDigits(r *row, emit func(key, float64)) {
	for _, w := range r.words {
		if len(w) > 3 {
			emit(key{affix, wordHash(w[:3]), 0}, 1)
			emit(key{affix, wordHash(w[len(w)-3:]), 1}, 1)
		}
	}
	for i, v := range r.numbers {
		a, b, c := v/100%10, v/10%10, v%10
		for which, d := range [...]int{a*10 + b, a*10 + c, b*10 + c} {
			emit(key{digitPair, uint64(which), uint64(d)}, 1)
		}
		emit(key{digitShape, 0, uint64((b-a+10)*20 + c - b + 10)}, 1)
		emit(key{digitShape, 1, uint64(sign(b-a)*3 + sign(c-b))}, 1)
		if i == 0 {
			continue
		}
		last := r.numbers[i-1]
		p, q, s := last/100%10, last/10%10, last%10
		for which, d := range [...]int{p*1000 + q*100 + a*10 + b, q*1000 + s*100 + b*10 + c, p*1000 + a*100 + s*10 + c} {
			emit(key{digitSteps, uint64(which), uint64(d)}, 1)
		}
	}
}

// sign returns 0, 1 or 2 for a number below, at or above zero.
func sign(x int) int { return btoi(x >= 0) + btoi(x > 0) }

// emitCharacters gives the runs of one to five characters of the content.
func emitCharacters(r *row, emit func(key, float64)) {
	for i := range len(r.stream) {
		var packed uint64
		for n := 1; n <= 5 && i+n <= len(r.stream); n++ {
			packed = packed<<8 | uint64(r.stream[i+n-1])
			emit(key{characters, packed, uint64(n)}, 1)
		}
	}
}

// emitLayout gives everything about a row but its content: what another filter,
// another template or another mix of requested formats would change.
func emitLayout(r *row, emit func(key, float64)) {
	bin := func(what int, x uint64) { emit(key{layout, uint64(what), x}, 1) }
	bin(0, uint64(btoi(r.numbers != nil)))
	bin(1, uint64(len(r.numbers)+len(r.words)))
	bin(2, uint64(2*math.Log2(1+float64(len(r.text)))))
	// The marks in order, digits and letters left out: of a list, its separators and brackets.
	var marks [256]int
	first := true
	for i := range len(r.text) {
		c := r.text[i]
		letter := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
		if letter {
			continue
		}
		marks[c]++
		if first {
			bin(3, uint64(c))
			if i+1 < len(r.text) {
				bin(4, uint64(c)<<8|uint64(r.text[i+1]))
			}
			first = false
		}
	}
	for c, n := range marks {
		if n > 0 {
			bin(5, uint64(c))
			bin(6, uint64(c)<<8|uint64(math.Log2(float64(n))))
		}
	}
	if len(r.text) > 0 {
		bin(7, uint64(kindOf(r.text[0]))<<8|uint64(kindOf(r.text[len(r.text)-1])))
	}
}

// kindOf maps a byte to itself if it is a mark and to one stand-in each for digits and letters.
func kindOf(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return '0'
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= 0x80:
		return 'a'
	}
	return c
}
