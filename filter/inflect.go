package filter

import "strings"

// irregular holds irregular plurals by the end of the singular, so that werewolf and polar wolf
// have the plural of wolf.
var irregular = []struct {
	singular string
	plurals  []string
}{
	{"wolf", []string{"wolves"}}, {"calf", []string{"calves"}}, {"elf", []string{"elves"}}, {"half", []string{"halves"}},
	{"leaf", []string{"leaves"}}, {"thief", []string{"thieves"}}, {"hoof", []string{"hooves"}}, {"life", []string{"lives"}},
	{"knife", []string{"knives"}}, {"wife", []string{"wives"}}, {"dwarf", []string{"dwarves"}},
	{"octopus", []string{"octopi", "octopodes"}}, {"platypus", []string{"platypi"}}, {"hippopotamus", []string{"hippopotami"}},
	{"cactus", []string{"cacti"}}, {"fungus", []string{"fungi"}}, {"mouse", []string{"mice"}}, {"louse", []string{"lice"}},
	{"goose", []string{"geese"}}, {"foot", []string{"feet"}}, {"tooth", []string{"teeth"}}, {"man", []string{"men"}},
	{"child", []string{"children"}}, {"person", []string{"people"}}, {"ox", []string{"oxen"}}, {"die", []string{"dice"}},
	{"phoenix", []string{"phoenices"}}, {"larva", []string{"larvae"}}, {"crisis", []string{"crises"}},
}

// forms returns pattern, its plurals, and each of them without spaces. It may return forms that do
// not exist, such as "humen", which do no harm.
func forms(pattern string) []string {
	all := []string{pattern}
	for _, irr := range irregular {
		if stem, ok := strings.CutSuffix(pattern, irr.singular); ok {
			for _, p := range irr.plurals {
				all = append(all, stem+p)
			}
		}
	}
	all = append(all, plural(pattern)...)
	for _, f := range all {
		if joined := strings.ReplaceAll(f, " ", ""); joined != f {
			all = append(all, joined)
		}
	}
	return all
}

// plural returns the regular plural of a word of ASCII letters.
func plural(word string) []string {
	n := len(word)
	if n < 2 || word[n-1] < 'a' || word[n-1] > 'z' {
		return nil
	}
	hasSuffix := func(ends ...string) bool {
		for _, e := range ends {
			if strings.HasSuffix(word, e) {
				return true
			}
		}
		return false
	}
	switch {
	case hasSuffix("s", "x", "z", "ch", "sh"):
		return []string{word + "es"}
	case hasSuffix("o"): // mangoes and mangos
		return []string{word + "es", word + "s"}
	case hasSuffix("y") && !strings.ContainsRune("aeiou", rune(word[n-2])):
		return []string{word[:n-1] + "ies"}
	}
	return []string{word + "s"}
}
