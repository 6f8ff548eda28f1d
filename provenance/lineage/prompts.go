package lineage

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// words are those of random prompts for models whose vocabularies are unknown.
var words = strings.Fields(`a about after again all and animal answer any ask back ball be because big bird blue boat book
	box boy but by call can car cat child city cold come country day did dog door down draw eat end far fast find fire fish
	five food for four friend garden girl give go good green hand happy have he head help her here home house how hundred I
	if in is it jump keep know large last learn let light like list little long look make man many moon more morning mother
	move much my name near never new next night no not now number of old on one open or other our out over paper part people
	place plant play queen rain read red river road room round run sad said sea see seven she short show sing sister six
	small snow so some song start stop story sun table tell ten that the their them then there they thing think three time
	to today tree two under up use very walk want was water way we week what when where which white who why wind with woman
	word work world write year yellow yes you`)

// randomPrompts returns n prompts of four to nine random words: tokens that both vocabularies have,
// or words of a list if a vocabulary is unknown.
func randomPrompts(n int, a, b *Weights) (prompts []string, from string) {
	vocabulary, from := words, "random English words"
	if a != nil && b != nil {
		if common := commonWords(a.Tokens, b.Tokens); len(common) >= 50 {
			vocabulary, from = common, "random words of both vocabularies"
		}
	}
	rng := rand.New(rand.NewPCG(1, 0x70726f6d707473))
	prompts = make([]string, n)
	for i := range prompts {
		text := make([]string, 4+rng.IntN(6))
		for k := range text {
			text[k] = vocabulary[rng.IntN(len(vocabulary))]
		}
		prompts[i] = strings.Join(text, " ")
	}
	return prompts, from
}

// commonWords returns the words and numbers that are a token of both vocabularies, without the sign
// for the space before them.
func commonWords(a, b []string) []string {
	in := map[string]bool{}
	for _, token := range b {
		in[bare(token)] = true
	}
	var common []string
	for _, token := range a {
		if w := bare(token); w != "" && in[w] {
			common = append(common, w)
			in[w] = false
		}
	}
	return common
}

// bare returns the word of a token, or "" if it is no word.
func bare(token string) string {
	w := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(token, "Ġ"), "▁"), " ")
	for _, r := range w {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || r > unicode.MaxLatin1 {
			return ""
		}
	}
	return w
}
