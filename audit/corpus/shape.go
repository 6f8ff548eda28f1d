package corpus

import (
	"math"
	"math/bits"
	"slices"
)

// emitShape gives how a list of numbers is made, whatever numbers it is made of:
// how its digits move from one number to the next, what it repeats, how it spreads,
// where in it what stands. Habits of this kind belong to a writer more than single
// values do.
func emitShape(r *row, emit func(key, float64)) {
	if len(r.numbers) == 0 {
		return
	}
	bin := func(what shapeOf, x int) { emit(key{shape, uint64(what), uint64(int64(x))}, 1) }
	shapeMoves(r.numbers, bin)
	shapePlaces(r.numbers, bin)
	shapeRepeats(r.numbers, bin)
	shapeDigits(r.numbers, bin)
	shapeSpread(r.numbers, bin)
}

// shapeOf says what a shape feature is about. Those about a place, lag, digit or
// rank take the codes from theirs to the next one's.
type shapeOf int

const (
	movedHundreds shapeOf = iota
	movedTens
	movedOnes
	movedAll    // all three moves, each modulo 10
	keptDigits  // which digits stay in their place
	takenDigits // which digits come from another place of the last number
	sharedCount // how many digits are shared with the last number, in any place
	rearranged  // the digits of the last number in another order
	roundStep   // a step of 1, 10, 100, 11, 101, 110 or 111
	ownDigits   // which digits of a number are equal
	digitSum
	oddPattern
	distinct
	twoDigits // share below 100
	even
	nearSteps // share of steps of at most 10
	deviation
	gap
	firstDigit shapeOf = 100 * (iota + 1)
	lastDigit
	placeSize
	lagEqual
	lagStep
	digitShare
	digitsMissing
	digitMost
	rankSize
)

// digitsOf returns the hundreds, the tens and the ones.
func digitsOf(v int) [3]int { return [3]int{v / 100 % 10, v / 10 % 10, v % 10} }

func apart(x, y int) int { return max(x-y, y-x) }

// eighths bins a share, so that lists of other lengths compare.
func eighths(part, whole int) int { return (8*part + whole/2) / max(1, whole) }

// shapeMoves is about each number and the one before it.
func shapeMoves(v []int, bin func(shapeOf, int)) {
	for i, x := range v {
		d := digitsOf(x)
		bin(ownDigits, btoi(d[0] == d[1])<<2|btoi(d[1] == d[2])<<1|btoi(d[0] == d[2]))
		bin(digitSum, d[0]+d[1]+d[2])
		if i == 0 {
			continue
		}
		p := digitsOf(v[i-1])
		all, kept := 0, 0
		for place := range d {
			move := d[place] - p[place]
			bin(movedHundreds+shapeOf(place), move)
			all = all*10 + (move+10)%10
			kept = kept<<1 | btoi(move == 0)
		}
		bin(movedAll, all)
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
		switch step := apart(x, v[i-1]); step {
		case 1, 10, 100, 11, 101, 110, 111:
			bin(roundStep, step)
		}
	}
}

// shapePlaces is about what stands where.
func shapePlaces(v []int, bin func(shapeOf, int)) {
	odd := 0
	for i, x := range v[:min(len(v), 10)] {
		bin(firstDigit+shapeOf(i), x/100)
		bin(lastDigit+shapeOf(i), x%10)
		bin(placeSize+shapeOf(i), x/50)
		odd = odd<<1 | x&1
	}
	bin(oddPattern, odd)
}

// shapeRepeats is about numbers and steps that come again after a lag.
func shapeRepeats(v []int, bin func(shapeOf, int)) {
	for lag := 1; lag < min(len(v), 8); lag++ {
		equal, steps := 0, 0
		for i := lag; i < len(v); i++ {
			equal += btoi(v[i] == v[i-lag])
			if i > lag {
				steps += btoi(v[i]-v[i-1] == v[i-lag]-v[i-lag-1])
			}
		}
		bin(lagEqual+shapeOf(lag), eighths(equal, len(v)))
		if lag <= 4 {
			bin(lagStep+shapeOf(lag), eighths(steps, len(v)))
		}
	}
	seen := map[int]bool{}
	for _, x := range v {
		seen[x] = true
	}
	bin(distinct, eighths(len(seen), len(v)))
}

// shapeDigits is about how often each digit is used, in all and in its place.
func shapeDigits(v []int, bin func(shapeOf, int)) {
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
		near += btoi(i > 0 && apart(x, v[i-1]) <= 10)
	}
	bin(twoDigits, eighths(below, len(v)))
	bin(even, eighths(evens, len(v)))
	bin(nearSteps, eighths(near, len(v)))
	for digit := range 10 {
		bin(digitShare+shapeOf(digit), (24*(count[0][digit]+count[1][digit]+count[2][digit])+len(v)*3/2)/(len(v)*3))
	}
	for place := range count {
		missing := 0
		for _, n := range count[place] {
			missing += btoi(n == 0)
		}
		bin(digitsMissing+shapeOf(place), missing)
		bin(digitMost+shapeOf(place), eighths(slices.Max(count[place][:]), len(v)))
	}
}

// shapeSpread is about the numbers in rising order.
func shapeSpread(v []int, bin func(shapeOf, int)) {
	s := slices.Clone(v)
	slices.Sort(s)
	mean, squares := 0.0, 0.0
	for j, x := range s {
		mean += float64(x) / float64(len(s))
		bin(rankSize+shapeOf(8*j/len(s)), x/50)
		if j > 0 {
			bin(gap, bits.Len(uint(x-s[j-1])))
		}
	}
	for _, x := range s {
		squares += (float64(x) - mean) * (float64(x) - mean) / float64(len(s))
	}
	bin(deviation, int(math.Sqrt(squares)/25))
}
