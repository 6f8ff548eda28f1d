package prompts

import (
	"encoding/json"
	"strings"
	"testing"
)

// Answers by hand, for a = 20, b = 3 and c = 7.
func TestReasoningByHand(t *testing.T) {
	want := []struct {
		contains string
		gold     int
	}{
		{"Ivo has 20 coins. A friend brings 3 boxes with 7 coins each.", 41}, // 20 + 21
		{"packs 81 coins evenly into 3 boxes and then takes 7 coins", 20},    // 81/3 - 7
		{"holds 20 coins. Ivo fills 3 such shelves and has 7 coins", 67},     // 60 + 7
		{"sells 20 coins on Monday, 3 times as many on Tuesday, and 7", 87},  // 20 + 60 + 7
		{"costs 20 cents. Ivo buys 3 and pays with a note of 67 cents", 7},   // 67 - 60
		{"makes 20 coins an hour and a helper makes 3 an hour.", 161},        // 23 × 7
		{"were 41 coins in a store. Ivo takes 3 a day for 7 days", 20},       // 41 - 21
		{"60 coins are shared out equally among 3 people, and that each of them already had 7", 27},
	}
	all := problems()
	if len(all) != len(want) {
		t.Fatalf("%d problems, %d answers by hand", len(all), len(want))
	}
	for i, p := range all {
		if text := p.text("Ivo", "coins", 20, 3, 7); !strings.Contains(text, want[i].contains) || p.gold(20, 3, 7) != want[i].gold {
			t.Errorf("answer %d to %q, want %d to %q", p.gold(20, 3, 7), text, want[i].gold, want[i].contains)
		}
	}
}

// No two choices of numbers make one text, and no answer is below 1.
func TestReasoningNumbers(t *testing.T) {
	for k, p := range problems() {
		seen := make(map[[3]int]bool)
		for a := 12; a < 92; a++ {
			for b := 2; b < 12; b++ {
				for c := 3; c < 43; c++ {
					shown := p.shown(a, b, c)
					if seen[shown] {
						t.Fatalf("problem %d: the numbers %v come of two choices", k, shown)
					}
					if seen[shown] = true; p.gold(a, b, c) < 1 {
						t.Fatalf("problem %d, numbers %v: answer %d", k, shown, p.gold(a, b, c))
					}
				}
			}
		}
	}
}

func TestReasoningMeta(t *testing.T) {
	r := Reasoning{4}
	for i := range 100 {
		var gold int
		if err := json.Unmarshal(r.Meta(i)["gold"], &gold); err != nil || gold != r.Gold(i) {
			t.Errorf("prompt %d: metadata %s, answer %d, error %v", i, r.Meta(i)["gold"], r.Gold(i), err)
		}
	}
}
