package doctor

import (
	"fmt"
	"math"
	"sync"

	"github.com/undertone-audit/undertone"
)

// Earlier holds the scores of the models of an audit that were checked, so that each is compared
// with those before it: a server may answer for an adapter, or for a folder, with the weights of
// another one. The zero value holds none. It is safe for concurrent use.
type Earlier struct {
	mu     sync.Mutex
	models []earlierModel
}

// earlierModel is a model that was checked.
type earlierModel struct {
	weights undertone.Digest
	logs    []float64 // of the tokens of one row
}

// compare returns the number of earlier models of other weights and the smallest difference of the
// scores from theirs, and keeps the scores. It is an error if a difference is at most least.
func (e *Earlier) compare(weights undertone.Digest, logs []float64, least float64) (n int, smallest float64, err error) {
	smallest = math.Inf(1)
	if e == nil {
		return 0, smallest, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, m := range e.models {
		if m.weights == weights {
			continue
		}
		d := distance(m.logs, logs)
		if d <= least || len(m.logs) != len(logs) {
			return n, d, fmt.Errorf("the model scores as a model of other weights did that was loaded before (%s, and this one is %s): the largest difference is %.2g nats per token: the server does not use what it was told to load", m.weights.Short(), weights.Short(), d)
		}
		n, smallest = n+1, min(smallest, d)
	}
	e.models = append(e.models, earlierModel{weights, logs})
	return n, smallest, nil
}
