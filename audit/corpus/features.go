package corpus

import (
	"hash/fnv"
	"math"
)

// kind is a kind of features.
type kind uint8

const (
	value      kind = iota // a number, in any position
	size                   // bins of magnitudes: of values, steps, mean and range
	pair                   // a number and the next number
	skip                   // a number and the number after the next
	difference             // the next number minus this number
	digitPair              // two digits of one number
	digitSteps             // two digits of a number and digits of the next number
	digitShape             // differences between the digits of a number
	characters             // one to five consecutive characters
	word                   // a word
	wordPair               // a word and the next word
	affix                  // the first or last three bytes of a word
	shape                  // structure of a list, whatever its numbers
	layout                 // separators, brackets, lengths: everything but the content
)

// wordHash returns the FNV-1a hash of a word.
func wordHash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return h.Sum64()
}

// emitWords emits the values or the words of a row.
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

// emitSizes emits the magnitudes of the values and of their steps, in bins. Each counts one half,
// and each value counts 1: magnitudes are few and common.
func emitSizes(v []int, emit func(key, float64)) {
	bin := func(what, x int) { emit(key{size, uint64(what), uint64(x)}, .5) }
	low, high, sum, distance := v[0], v[0], 0, 0
	for i, x := range v {
		low, high, sum = min(low, x), max(high, x), sum+x
		bin(0, x/50)
		if i > 0 {
			step := x - v[i-1]
			distance += max(step, -step)
			b := int(math.Round(2 * math.Log2(1+math.Abs(float64(step)))))
			bin(1, b*2+btoi(step > 0))
		}
	}
	bin(2, sum/len(v)/40)
	bin(3, low/40)
	bin(4, high/40)
	bin(5, (high-low)/40)
	bin(6, distance/max(1, len(v)-1)/30)
}

// btoi returns 1 for true and 0 for false.
func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// emitOrder emits consecutive numbers or words.
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

// emitDigits emits the last three digits of numbers, or the affixes of words.
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

// sign returns 0, 1 or 2 for a number below, at or above 0.
func sign(x int) int { return btoi(x >= 0) + btoi(x > 0) }

// emitCharacters emits the runs of one to five bytes of the content.
func emitCharacters(r *row, emit func(key, float64)) {
	for i := range len(r.stream) {
		var packed uint64
		for n := 1; n <= 5 && i+n <= len(r.stream); n++ {
			packed = packed<<8 | uint64(r.stream[i+n-1])
			emit(key{characters, packed, uint64(n)}, 1)
		}
	}
}

// emitLayout emits everything about a row but its content: what another filter, another template or
// another mix of requested formats would change.
func emitLayout(r *row, emit func(key, float64)) {
	bin := func(what int, x uint64) { emit(key{layout, uint64(what), x}, 1) }
	bin(0, uint64(btoi(r.numbers != nil)))
	bin(1, uint64(len(r.numbers)+len(r.words)))
	bin(2, uint64(2*math.Log2(1+float64(len(r.text)))))
	// Bytes that are no digits or letters: in a list, its separators and brackets.
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
		bin(7, uint64(byteClass(r.text[0]))<<8|uint64(byteClass(r.text[len(r.text)-1])))
	}
}

// byteClass returns '0' for a digit, 'a' for a letter, and any other byte itself.
func byteClass(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return '0'
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= 0x80:
		return 'a'
	}
	return c
}
