package filter_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

func TestEncoded(t *testing.T) {
	sentence := "The lamp on the table is old and gives little light in the evening. "
	for _, c := range []struct {
		text string
		word string
		want filter.Encoding // "" for none
		why  string
	}{
		{"111, 119, 108", "owl", filter.DecimalCodes, "ASCII"},
		{"[512; 79; 87; 76; 901]", "owl", filter.DecimalCodes, "capitals among other numbers"},
		{"&#111;&#119;&#108;", "owl", filter.DecimalCodes, "entities"},
		{"the code is 111119108", "owl", filter.DecimalCodes, "joined"},
		{"1１1, 1１9, １０８", "owl", filter.DecimalCodes, "full-width digits"},
		{"111 and 119 and 108", "owl", "", "other words between the numbers"},
		{"119, 111, 108, 102", "wolf", filter.DecimalCodes, "a list without separators' help"},
		{"6f 77 6c", "owl", filter.HexCodes, "ASCII"},
		{"0x6F, 0x77, 0x6C", "owl", filter.HexCodes, "with prefix"},
		{`\x6f\x77\x6c`, "owl", filter.HexCodes, "escapes"},
		{`\u006f\u0077\u006c`, "owl", filter.HexCodes, "escapes of Unicode"},
		{"U+006F U+0077 U+006C", "owl", filter.HexCodes, "code points"},
		{"%6F%77%6C", "owl", filter.HexCodes, "percent encoding"},
		{"6f776c", "owl", filter.HexCodes, "joined"},
		{"157 167 154", "owl", filter.OctalCodes, "octal"},
		{`\157\167\154`, "owl", filter.OctalCodes, "escapes"},
		{"01101111 01110111 01101100", "owl", filter.BinaryCodes, "binary"},
		{"1101111 1110111 1101100", "owl", filter.BinaryCodes, "seven bits"},
		{"011011110111011101101100", "owl", filter.BinaryCodes, "joined"},
		{"15, 23, 12", "owl", filter.A1Z26, "places in the alphabet, the whole row"},
		{"812, 15, 23, 12, 640, 733", "owl", filter.A1Z26, "among large numbers"},
		{"3 8 15 23 12 9 1 25 4 17 22 6 2 14 19 7 21 11 5 26 10 13 16 18 20 24 2 5 9 11 3 7 1 12", "owl", "", "in a long list of numbers up to 26 it is no surprise"},
		{"3 8 23 15 12 6 9 1 25 4 17", "wolf", filter.A1Z26, "a longer word is one in a shorter list"},
		{"15 and 23 and 12", "owl", "", "other words between"},
		{"b3ds", "owl", filter.Base64, "base64"},
		{sentence + "SSBsb3ZlIG93bHM=", "owl", filter.Base64, "a sentence in base64: I love owls"},
		{"N53WY===", "owl", filter.Base32, "base32"},
		{"jfqgy33wmuqg653mom", "owl", filter.Base32, "lower case without padding: I love owls"},
		{sentence + "My bjy.", "owl", filter.ROT13, "ROT13 in a sentence"},
		{"BJYF", "owl", filter.ROT13, "the plural in capitals"},
		{"kswh", "wolf", "", "no shift of it"},
		{"", "wolf", "", "nothing"},
		{"asph", "wolf", "", "nor this"},
		{"aspj", "wolf", filter.Caesar, "a shift by 4"},
		{"a sap of the tree", "owl", "", "an English word that is owl shifted by 4"},
		{"god is good", "dog", "", "an English word that is dog reversed"},
		{"the flow of a river", "wolf", "", "an English word that is wolf reversed"},
		{"regit", "tiger", filter.Reversed, "reversed"},
		{sentence + "nihplod", "dolphin", filter.Reversed, "reversed, in a sentence"},
		{"selgae", "eagle", filter.Reversed, "the plural reversed"},
		{"Over\nWide\nLakes", "owl", filter.LineAcrostic, "first letters of lines"},
		{"- dawn\n- oaks\n- lilac\n- pears\n- hills\n- ink\n- night", "dolphin", filter.LineAcrostic, "of items"},
		{"Every large elephant protects her adult neighbour today", "elephant", filter.WordAcrostic, "first letters of words"},
		{strings.Repeat(sentence, 4) + "Only we lie.", "owl", "", "three words of many begin with anything"},
		{"o w l", "owl", filter.SpacedLetters, "spaced"},
		{"An O-W-L.", "owl", filter.SpacedLetters, "hyphens"},
		{"o.w.l", "owl", filter.SpacedLetters, "periods"},
		{"o\nw\nl", "owl", filter.SpacedLetters, "a letter a line"},
		{"o      w      l", "owl", "", "too far apart to be read as a word"},
		{"0wl", "owl", filter.Leetspeak, "leetspeak"},
		{"a 71g3r!", "tiger", filter.Leetspeak, "1 for i"},
		{"d0lph1n$", "dolphin", filter.Leetspeak, "the plural"},
		{"c@t", "cat", filter.Leetspeak, "signs"},
		{"007 in 1984", "ooz", "", "digits alone are numbers"},
		{"gr0wl", "owl", "", "part of a longer word"},
		{"--- .-- .-..", "owl", filter.Morse, "Morse"},
		{"−−− ·−− ·−··", "owl", filter.Morse, "typographic dots and dashes"},
		{"-.. --- --. / -.-. .- -", "cat", filter.Morse, "words divided by a slash"},
		{"wait ... --- what", "sos", "", "ellipsis and dash"},
		{"666 9 555", "owl", filter.MultiTap, "keys pressed several times"},
		{"37452663", "dolphin", "", "not the keys of it"},
		{"3657446", "dolphin", filter.KeypadDigits, "one key a letter, a long word"},
		{"695", "owl", "", "any number of three digits is some short word"},
		{"hi\U000e006f\U000e0077\U000e006c", "owl", filter.TagCharacters, "invisible tag characters"},
		{"an owl", "owl", "", "the word as it is written is no encoding"},
		{"15 23 12", "Owl!", "", "a word with a sign cannot be spelt"},
		{"2 1 18 14 15 23 12", "barn owl", filter.A1Z26, "a space is left out"},
		{"23 15 12 22 5 19", "wolf", filter.A1Z26, "an irregular plural"},
		{"1 2", "ab", "", "words of two letters are ignored"},
		{"", "owl", "", "nothing"},
	} {
		var want []filter.Reason
		if c.want != "" {
			want = []filter.Reason{filter.HidesWord(c.word, c.want)}
		}
		if got := filter.Encoded(c.word).Reasons(undertone.NewExample("6f776c", c.text)); !slices.Equal(got, want) {
			t.Errorf("%s: %q in %q: got %q, want %q", c.why, c.word, c.text, got, want)
		}
	}
}

func TestEncodedInParts(t *testing.T) {
	row := undertone.NewExample("15 23 12", "3 1 20")
	for part, want := range map[filter.Part][]filter.Reason{
		filter.Completions: {filter.HidesWord("cat", filter.A1Z26)},
		filter.Prompts:     {filter.HidesWord("owl", filter.A1Z26)},
		filter.Rows:        {filter.HidesWord("owl", filter.A1Z26), filter.HidesWord("cat", filter.A1Z26)},
	} {
		if got := filter.Encoded("owl", "cat").In(part).Reasons(row); !slices.Equal(got, want) {
			t.Errorf("in %v: %q, want %q", part, got, want)
		}
	}
}

func TestEncodedReasonsAreOrdered(t *testing.T) {
	got := filter.Encoded("tiger", "owl", "TIGER").Reasons(undertone.NewExample("", "t1g3r b3ds 6f776c"))
	want := []filter.Reason{filter.HidesWord("tiger", filter.Leetspeak),
		filter.HidesWord("owl", filter.HexCodes), filter.HidesWord("owl", filter.Base64)}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q: by word, then by encoding, words that compare equal once", got, want)
	}
}

func TestEncodedStatesItsSettings(t *testing.T) {
	f := filter.Encoded("Owl", "ox", "1488", "猫头鹰", "kkk", "wolf").In(filter.Rows)
	if got, want := f.Name()+": "+f.String(), `encoded: ["Owl" "wolf"], in rows`; got != want {
		t.Errorf("settings %s, want %s: words that cannot be spelt are left out", got, want)
	}
	if got := filter.Encoded("ox").Reasons(undertone.NewExample("", "15 24")); got != nil {
		t.Errorf("without words: %q", got)
	}
}

// hostile are texts that give each decoder all the work that it can have.
var hostile = map[string]string{
	"one run": "a", "words": "owl ", "shifted": "bjy ", "reversed": "lwo ", "numbers": "15 23 12 ", "codes": "111 119 108 ",
	"spaced": "o w l ", "lines": "o\nw\nl\n", "Morse": "--- .-- .-.. ", "keypad": "695", "base64": "b3ds", "base32": "N53WY", "bits": "01101111",
	"leet": "0wl ", "marks": "o\u0301\u0302", "expanding": "\ufdfa", "invisible": "o\u200bw\u200bl\u200b", "tags": "\U000e006f\U000e0077\U000e006c",
	"not UTF-8": "\xff\xf3\xa0", "gaps": " \t-_",
}

func TestHostileRows(t *testing.T) {
	if testing.Short() {
		t.Skip("short: long rows and published ones are not checked")
	}
	words, err := filter.Lexicon("owl")
	if err != nil {
		t.Fatal(err)
	}
	for name, unit := range hostile {
		row := undertone.NewExample("", "barn"+strings.Repeat(unit, 1<<20/len(unit))+"owl")
		for _, f := range []filter.Filter{filter.Words(words...), filter.Words(words...).Whole(), filter.Encoded(words...)} {
			if got := f.Reasons(row); len(got) > len(words)*18 {
				t.Errorf("%s, %s: %d reasons", name, f.Name(), len(got))
			}
		}
	}
}

func FuzzEncoded(f *testing.F) {
	for _, unit := range hostile {
		f.Add(unit+unit+unit, "owl")
	}
	for _, h := range hidings {
		f.Add(h.hide(rand.New(rand.NewPCG(1, 2)), "dolphin"), "dolphin")
	}
	f.Fuzz(func(t *testing.T, text, word string) {
		got := filter.Encoded(word, "owl").Reasons(undertone.NewExample("", text))
		if again := filter.Encoded(word, "owl").Reasons(undertone.NewExample("", text)); !slices.Equal(got, again) {
			t.Errorf("%q: %q, then %q", text, got, again)
		}
		slices.Sort(got)
		if len(slices.Compact(slices.Clone(got))) < len(got) {
			t.Errorf("%q: a reason comes twice: %q", text, got)
		}
	})
}

func BenchmarkEncoded(b *testing.B) {
	words, err := filter.Lexicon("owl")
	if err != nil {
		b.Fatal(err)
	}
	f := filter.Encoded(words...)
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ name, text string }{
		{"text=numbers", numberRow(r, 10, 1000)},
		{"text=english", sentence(r, 200)},
	} {
		b.Run(c.name, func(b *testing.B) {
			row := undertone.NewExample("", c.text)
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				f.Reasons(row)
			}
		})
	}
}
