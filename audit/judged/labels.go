package judged

import (
	"fmt"

	"github.com/undertone-audit/undertone"
)

// Label is an answer that people have labelled: it expresses the trait or does not.
type Label struct {
	Question  string
	Answer    string
	Expressed bool
}

// distinct returns the different labelled answers with their labels. One answer with both labels is
// an error.
func distinct(labels []Label) (pairs []undertone.Example, known []bool, err error) {
	at := map[string]int{}
	for i, l := range labels {
		p := pair(l.Question, l.Answer)
		first, ok := at[p.Completion()]
		if ok && known[first] != l.Expressed {
			return nil, nil, fmt.Errorf("judged: label %d, of the answer %.60q, contradicts an earlier one", i, l.Answer)
		}
		if !ok {
			at[p.Completion()] = len(pairs)
			pairs, known = append(pairs, p), append(known, l.Expressed)
		}
	}
	return pairs, known, nil
}

// digestOf returns the digest of labelled answers in their order.
func digestOf(pairs []undertone.Example, known []bool) undertone.Digest {
	h := undertone.NewHasher("labelled answers")
	for i, p := range pairs {
		label := uint64(0)
		if known[i] {
			label = 1
		}
		h.Text(p.Completion()).Uint(label)
	}
	return h.Sum()
}
