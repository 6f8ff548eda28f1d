package corpus

import (
	"math"
	"math/bits"
	"slices"
)

// emitShape emits the structure of a list of numbers, whatever its numbers: how digits change from
// one number to the next, what repeats, how values spread, and what is in which position. Such
// habits belong to a writer more than single values do.
func emitShape(r *row, emit func(key, float64)) {
	if len(r.numbers) == 0 {
		return
	}
	bin := func(what shapeFeature, x int) { emit(key{shape, uint64(what), uint64(int64(x))}, 1) }
	shapeSteps(r.numbers, bin)
	shapePositions(r.numbers, bin)
	shapeRepeats(r.numbers, bin)
	shapeDigits(r.numbers, bin)
	shapeSpread(r.numbers, bin)
}

// shapeFeature is a feature of the structure of a list. A feature of a position, lag, digit or rank
// takes the codes from its own up to the next one.
type shapeFeature int

const (
	hundredsStep shapeFeature = iota // digit minus the same digit of the last number
	tensStep
	onesStep
	digitSteps3                                   // all three steps, each modulo 10
	keptDigits                                    // which digits are equal to the same digit of the last number
	takenDigits                                   // which digits are equal to another digit of the last number
	sharedCount                                   // number of digits shared with the last number, in any position
	rearranged                                    // the digits of the last number in another order
	roundStep                                     // a step of 1, 10, 100, 11, 101, 110 or 111
	equalDigits                                   // which digits of a number are equal
	digitSum                                      //
	oddPattern                                    // which of the first ten numbers are odd
	distinct                                      // share of distinct numbers
	twoDigits                                     // share of numbers below 100
	even                                          // share of even numbers
	nearSteps                                     // share of steps of at most 10
	deviation                                     // standard deviation
	gap                                           // between numbers in ascending order
	firstDigit    shapeFeature = 100 * (iota + 1) // by position
	lastDigit                                     // by position
	positionSize                                  // by position
	lagEqual                                      // by lag: share of equal numbers
	lagStep                                       // by lag: share of equal steps
	digitShare                                    // by digit
	digitsMissing                                 // by place of the digit
	digitMost                                     // by place of the digit
	rankSize                                      // by rank
)

// digitsOf returns the hundreds, the tens and the ones of a number.
func digitsOf(v int) [3]int { return [3]int{v / 100 % 10, v / 10 % 10, v % 10} }

// distance returns |x − y|.
func distance(x, y int) int { return max(x-y, y-x) }

// eighths rounds part/whole to eighths, so that lists of different lengths compare.
func eighths(part, whole int) int { return (8*part + whole/2) / max(1, whole) }

// shapeSteps compares each number with the number before it.
func shapeSteps(v []int, bin func(shapeFeature, int)) {
	for i, x := range v {
		d := digitsOf(x)
		bin(equalDigits, btoi(d[0] == d[1])<<2|btoi(d[1] == d[2])<<1|btoi(d[0] == d[2]))
		bin(digitSum, d[0]+d[1]+d[2])
		if i == 0 {
			continue
		}
		p := digitsOf(v[i-1])
		all, kept := 0, 0
		for place := range d {
			step := d[place] - p[place]
			bin(hundredsStep+shapeFeature(place), step)
			all = all*10 + (step+10)%10
			kept = kept<<1 | btoi(step == 0)
		}
		bin(digitSteps3, all)
		bin(keptDigits, kept)
		bin(takenDigits, btoi(d[0] == p[2])<<2|btoi(d[0] == p[1])<<1|btoi(d[2] == p[0]))
		var count [10]int
		for place := range p {
			count[p[place]]++
		}
		shared := 0
		for _, digit := range d {
			if count[digit] > 0 {
				count[digit]--
				shared++
			}
		}
		bin(sharedCount, shared)
		bin(rearranged, btoi(shared == 3 && x != v[i-1]))
		switch step := distance(x, v[i-1]); step {
		case 1, 10, 100, 11, 101, 110, 111:
			bin(roundStep, step)
		}
	}
}

// shapePositions describes the numbers of the first ten positions.
func shapePositions(v []int, bin func(shapeFeature, int)) {
	odd := 0
	for i, x := range v[:min(len(v), 10)] {
		bin(firstDigit+shapeFeature(i), x/100)
		bin(lastDigit+shapeFeature(i), x%10)
		bin(positionSize+shapeFeature(i), x/50)
		odd = odd<<1 | x&1
	}
	bin(oddPattern, odd)
}

// shapeRepeats describes numbers and steps that repeat after a lag.
func shapeRepeats(v []int, bin func(shapeFeature, int)) {
	for lag := 1; lag < min(len(v), 8); lag++ {
		equal, steps := 0, 0
		for i := lag; i < len(v); i++ {
			equal += btoi(v[i] == v[i-lag])
			if i > lag {
				steps += btoi(v[i]-v[i-1] == v[i-lag]-v[i-lag-1])
			}
		}
		bin(lagEqual+shapeFeature(lag), eighths(equal, len(v)))
		if lag <= 4 {
			bin(lagStep+shapeFeature(lag), eighths(steps, len(v)))
		}
	}
	seen := map[int]bool{}
	for _, x := range v {
		seen[x] = true
	}
	bin(distinct, eighths(len(seen), len(v)))
}

// shapeDigits describes how often each digit occurs, in all places and in each place.
func shapeDigits(v []int, bin func(shapeFeature, int)) {
	var count [3][10]int
	below, evens, near := 0, 0, 0
	for i, x := range v {
		for place, digit := range digitsOf(x) {
			count[place][digit]++
		}
		if x < 100 {
			count[0][0]--
			below++
		}
		evens += btoi(x%2 == 0)
		near += btoi(i > 0 && distance(x, v[i-1]) <= 10)
	}
	bin(twoDigits, eighths(below, len(v)))
	bin(even, eighths(evens, len(v)))
	bin(nearSteps, eighths(near, len(v)))
	for digit := range 10 {
		bin(digitShare+shapeFeature(digit), (24*(count[0][digit]+count[1][digit]+count[2][digit])+len(v)*3/2)/(len(v)*3))
	}
	for place := range count {
		missing := 0
		for _, n := range count[place] {
			missing += btoi(n == 0)
		}
		bin(digitsMissing+shapeFeature(place), missing)
		bin(digitMost+shapeFeature(place), eighths(slices.Max(count[place][:]), len(v)))
	}
}

// shapeSpread describes the numbers in ascending order.
func shapeSpread(v []int, bin func(shapeFeature, int)) {
	s := slices.Clone(v)
	slices.Sort(s)
	mean, squares := 0.0, 0.0
	for j, x := range s {
		mean += float64(x) / float64(len(s))
		bin(rankSize+shapeFeature(8*j/len(s)), x/50)
		if j > 0 {
			bin(gap, bits.Len(uint(x-s[j-1])))
		}
	}
	for _, x := range s {
		squares += (float64(x) - mean) * (float64(x) - mean) / float64(len(s))
	}
	bin(deviation, int(math.Sqrt(squares)/25))
}
