package stats

import "fmt"

// misuse panics with the name of a function and the argument that is out of its range.
func misuse(function, format string, args ...any) {
	panic(fmt.Sprintf("stats: %s: %s", function, fmt.Sprintf(format, args...)))
}

// needLengths panics unless got values and want other things belong together, one to one.
func needLengths(function string, got int, what string, want int, of string) {
	if got != want {
		misuse(function, "%d %s for %d %s", got, what, want, of)
	}
}

// needShare panics unless x lies in [0, 1].
func needShare(function, what string, x float64) {
	if !(x >= 0 && x <= 1) {
		misuse(function, "%s %v, want a number in [0, 1]", what, x)
	}
}

// needPositive panics unless x > 0.
func needPositive(function, what string, x float64) {
	if !(x > 0) {
		misuse(function, "%s %v, want a number > 0", what, x)
	}
}

// needDraws panics if the number of draws is negative.
func needDraws(function string, draws int) {
	if draws < 0 {
		misuse(function, "%d draws, want >= 0", draws)
	}
}
