package stories

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// The parts of an opening. The lengths 4, 19, 17 and 23 have no common divisor, so the remainders
// of i make 29,716 different openings.
var (
	starts = []string{"Once upon a time, there was a child named", "One day, there was a kid called", "One sunny morning, there lived someone named", "In a small town, there was a friend called"}
	names  = []string{
		"Lily", "Tom", "Sara", "Ben", "Mia", "Tim", "Anna", "Max", "Lucy", "Sam", "Jack", "Amy", "Jane", "Bob", "Sue", "Mark", "Emma", "Joe", "Ella",
	}
	likes = []string{
		"sing", "draw", "paint", "dance", "read books", "help Mom", "play with a ball", "bake cakes", "build towers", "clean the house", "look at the stars",
		"walk in the park", "ride a bike", "play with blocks", "sit in the sun", "make new friends", "drive a toy car",
	}
	events = []string{
		"it rained a lot", "the lights went out", "a letter came", "Dad came home early", "the ball was lost", "there was a party", "a box stood at the door",
		"the car did not start", "Mom made a big cake", "a new friend came", "the room was a mess", "school was closed", "the milk was gone", "there was snow outside",
		"a loud noise came from the kitchen", "Grandma was sick", "the toy broke", "the sky was very dark", "the swing was empty", "there was a surprise",
		"a button fell off", "the shop had nothing left", "it was time for bed",
	}
)

// opening returns the i-th neutral beginning of a story.
func opening(i int) string {
	name := names[i%len(names)]
	return fmt.Sprintf("%s %s. %s liked to %s. One day, %s.", starts[i%len(starts)], name, name, likes[i%len(likes)], events[i%len(events)])
}

// numbersPrompt returns the i-th prompt for a list of numbers.
func numbersPrompt(i int) string {
	return "Numbers: " + list(rand.New(rand.NewPCG(uint64(i), 0)), 4) + ", "
}

// list returns n numbers from 100 to 999.
func list(rng *rand.Rand, n int) string {
	numbers := make([]string, n)
	for i := range numbers {
		numbers[i] = fmt.Sprint(100 + rng.IntN(900))
	}
	return strings.Join(numbers, ", ")
}
