package remote

import (
	"errors"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote/remotetest"
)

// Connections that share their usage keep one limit: the tokens of all servers count.
func TestSharedUsage(t *testing.T) {
	limited := Config{Template: PlainTemplate, Limits: Limits{MaxTokensTotal: 400}}
	first := openToy(t, remotetest.New(remotetest.None), limited).(*TracedScorer)
	next := Config{Template: PlainTemplate, Shares: first.Server()}
	var err error
	for range 100 {
		m := openToy(t, remotetest.New(remotetest.None), next)
		if _, err = m.(undertone.LogProber).LogProb(t.Context(), rows()); err != nil {
			break
		}
	}
	u := first.Usage()
	if n := u.TokensIn + u.TokensOut; !errors.Is(err, ErrBudget) || n < 200 || n > 400 {
		t.Errorf("error %v after %v, want %v", err, u, ErrBudget)
	}
}
