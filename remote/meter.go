package remote

import (
	"fmt"
	"sync"
)

// Usage is what a client has asked of a server. Answers of a recording cost nothing.
type Usage struct {
	Requests  int64   `json:"requests"`   // attempts included
	TokensIn  int64   `json:"tokens_in"`  // sent, as the server counts them
	TokensOut int64   `json:"tokens_out"` // received, as the server counts them
	Cost      float64 `json:"cost"`       // in the unit of [Price]
}

// String describes the usage for people.
func (u Usage) String() string {
	text := fmt.Sprintf("%d requests, %d tokens sent, %d received", u.Requests, u.TokensIn, u.TokensOut)
	if u.Cost > 0 {
		text += fmt.Sprintf(", cost %.4f", u.Cost)
	}
	return text
}

// meter counts the usage of a server and keeps its budget.
type meter struct {
	price     Price
	maxTokens int64
	maxCost   float64

	mu      sync.Mutex
	used    Usage
	planned tokenCount // of the requests in flight
}

// tokenCount is a number of tokens.
type tokenCount struct{ in, out int64 }

func (p Price) cost(n tokenCount) float64 {
	return (p.Input*float64(n.in) + p.Output*float64(n.out)) / 1e6
}

// begin plans a request of at most n tokens, or returns an error if it does not fit the budget.
func (m *meter) begin(n tokenCount) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := tokenCount{m.used.TokensIn + m.planned.in + n.in, m.used.TokensOut + m.planned.out + n.out}
	switch {
	case m.maxTokens > 0 && all.in+all.out > m.maxTokens:
		return fmt.Errorf("remote: %w: %d of at most %d tokens are used, and the next request has %d: raise the limit and run the same command again; a recording keeps the answers so far",
			ErrBudget, m.used.TokensIn+m.used.TokensOut, m.maxTokens, n.in+n.out)
	case m.maxCost > 0 && m.price.cost(all) > m.maxCost:
		return fmt.Errorf("remote: %w: it has cost %.4f of at most %.4f, and the next request costs %.4f: raise the limit and run the same command again; a recording keeps the answers so far",
			ErrBudget, m.used.Cost, m.maxCost, m.price.cost(n))
	}
	m.planned.in += n.in
	m.planned.out += n.out
	m.used.Requests++
	return nil
}

// end replaces the plan of a request by what the server counted.
func (m *meter) end(planned, counted tokenCount) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.planned.in -= planned.in
	m.planned.out -= planned.out
	m.used.TokensIn += counted.in
	m.used.TokensOut += counted.out
	m.used.Cost = m.price.cost(tokenCount{m.used.TokensIn, m.used.TokensOut})
}

func (m *meter) usage() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used
}
