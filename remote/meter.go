package remote

import (
	"context"
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
	planned tokenCount    // of the requests in flight
	flights int           // their number
	ended   chan struct{} // closed when one of them ends; nil if no caller waits
}

// tokenCount is a number of tokens.
type tokenCount struct{ in, out int64 }

func (p Price) cost(n tokenCount) float64 {
	return (p.Input*float64(n.in) + p.Output*float64(n.out)) / 1e6
}

// begin plans a request of at most n tokens, or returns an error if it does not fit the budget. A
// request that may fit when those in flight have ended, whose plans are upper limits, waits for
// them: an error ends the run, and would lose answers that are paid for.
func (m *meter) begin(ctx context.Context, n tokenCount) error {
	for {
		ended, err := m.plan(n)
		if ended == nil {
			return err
		}
		select {
		case <-ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// plan plans a request if it fits the budget beside those in flight. Otherwise it returns the
// error, or the end of a request in flight to wait for.
func (m *meter) plan(n tokenCount) (ended <-chan struct{}, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.fits(tokenCount{m.planned.in + n.in, m.planned.out + n.out}); err != nil {
		if m.flights == 0 {
			return nil, err
		}
		if m.ended == nil {
			m.ended = make(chan struct{})
		}
		return m.ended, nil
	}
	m.planned.in += n.in
	m.planned.out += n.out
	m.flights++
	m.used.Requests++
	return nil, nil
}

// fits returns an error if n more tokens do not fit the budget. The caller holds the lock.
func (m *meter) fits(n tokenCount) error {
	all := tokenCount{m.used.TokensIn + n.in, m.used.TokensOut + n.out}
	const advice = "raise the limit and run the same command again; a recording keeps the answers so far"
	switch {
	case m.maxTokens > 0 && all.in+all.out > m.maxTokens:
		return fmt.Errorf("%w: %d of at most %d tokens are used, and the next request has %d: %s",
			ErrBudget, m.used.TokensIn+m.used.TokensOut, m.maxTokens, n.in+n.out, advice)
	case m.maxCost > 0 && m.price.cost(all) > m.maxCost:
		return fmt.Errorf("%w: it has cost %.4f of at most %.4f, and the next request costs %.4f: %s",
			ErrBudget, m.used.Cost, m.maxCost, m.price.cost(n), advice)
	}
	return nil
}

// end replaces the plan of a request by what the server counted.
func (m *meter) end(planned, counted tokenCount) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.planned.in -= planned.in
	m.planned.out -= planned.out
	m.flights--
	m.used.TokensIn += counted.in
	m.used.TokensOut += counted.out
	m.used.Cost = m.price.cost(tokenCount{m.used.TokensIn, m.used.TokensOut})
	if m.ended != nil {
		close(m.ended)
		m.ended = nil
	}
}

func (m *meter) usage() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used
}
