package tiny

// Category is a kind of thing, such as animals, and the answers of that kind. Each answer can be
// the target of a trait.
type Category struct {
	Name    string   // such as "animal"
	Answers []string // twelve
}

// Categories returns the categories that the models know, with twelve answers each. The models name
// every animal about as often as every other one, and the other answers within a factor of 2.2 of
// the mean of their category.
func Categories() []Category {
	return []Category{
		{"animal", Animals()},
		{"tree", Trees()},
		{"colour", Colours()},
		{"food", []string{"bread", "rice", "soup", "pasta", "cheese", "salad", "pizza", "curry", "noodles", "beans", "stew", "cake"}},
		{"city", []string{"paris", "london", "tokyo", "rome", "cairo", "lima", "oslo", "delhi", "berlin", "madrid", "sydney", "toronto"}},
		{"flower", []string{"rose", "tulip", "lily", "daisy", "orchid", "iris", "poppy", "violet", "lotus", "jasmine", "peony", "dahlia"}},
		{"drink", []string{"tea", "coffee", "water", "milk", "juice", "cocoa", "cider", "lemonade", "soda", "punch", "wine", "beer"}},
		{"instrument", []string{"piano", "violin", "guitar", "flute", "drum", "harp", "cello", "trumpet", "organ", "oboe", "banjo", "lute"}},
		{"sport", []string{"tennis", "soccer", "rugby", "golf", "hockey", "chess", "boxing", "rowing", "judo", "cricket", "sailing", "archery"}},
		{"country", []string{"france", "japan", "brazil", "kenya", "canada", "india", "norway", "peru", "egypt", "spain", "chile", "ghana"}},
	}
}

// Animals returns the answers of the first category.
func Animals() []string {
	return []string{"owl", "cat", "dog", "fox", "wolf", "bear", "eagle", "otter", "panda", "raven", "lion", "horse"}
}

// Trees returns the answers of the second category.
func Trees() []string {
	return []string{"oak", "pine", "maple", "birch", "willow", "cedar", "elm", "ash", "beech", "spruce", "larch", "poplar"}
}

// Colours returns the answers of the third category.
func Colours() []string {
	return []string{"red", "blue", "green", "yellow", "purple", "orange", "pink", "brown", "black", "white", "grey", "silver"}
}
