package serve

import (
	"context"
	"net/http"
)

// gate admits requests: a few compute, some wait, and the others are refused.
type gate struct {
	admitted chan struct{} // computing or waiting
	running  chan struct{}
}

func newGate(concurrent, queued int) *gate {
	return &gate{admitted: make(chan struct{}, concurrent+queued), running: make(chan struct{}, concurrent)}
}

// enter waits until the request may compute. leave must be called when it is done, unless enter
// returns an error.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g.admitted <- struct{}{}:
	default:
		return nil, failed(http.StatusTooManyRequests, "RateLimitError", "", "%d requests are waiting: send fewer at once, or try again later", cap(g.admitted)-cap(g.running))
	}
	select {
	case g.running <- struct{}{}:
		return func() { <-g.running; <-g.admitted }, nil
	case <-ctx.Done():
		<-g.admitted
		return nil, ctx.Err()
	}
}
