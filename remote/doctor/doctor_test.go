package doctor_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/remote/doctor"
	"github.com/undertone-audit/undertone/remote/remotetest"
)

// direct is a connection to a server in this process, without a socket.
type direct struct{ server *remotetest.Server }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.server.ServeHTTP(w, r)
	return w.Result(), nil
}

// toy returns the configuration of a connection to a server with a fault.
func toy(fault remotetest.Fault) remote.Config {
	return remote.Config{URL: "http://toy", Transport: direct{remotetest.New(fault)}, Limits: remote.Limits{Tries: 1}}
}

// subject returns an adapter of a server with a fault.
func subject(t *testing.T, fault remotetest.Fault, adapter string) doctor.Subject {
	t.Helper()
	c := toy(fault)
	c.Adapter = adapter
	m, err := remote.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := doctor.Of(m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each fault is found by the check that protects from it, and by no check before.
func TestChecks(t *testing.T) {
	for _, c := range []struct {
		fault   remotetest.Fault
		adapter string
		number  int // of the first failed check; 0 means none
		want    string
	}{
		{remotetest.None, "a", 0, ""},
		{remotetest.None, "", 0, ""},
		{remotetest.DoubleBOS, "b", 1, "second BOS"},
		{remotetest.TruncatedPrompt, "b", 1, "truncates the prompt"},
		{remotetest.OtherTokens, "b", 1, "other tokens"},
		{remotetest.OffByOne, "b", 2, "shifted by one"},
		{remotetest.TooShort, "b", 2, "log-probabilities for"},
		{remotetest.NoLogProbs, "b", 2, "no log-probabilities"},
		{remotetest.FirstNotNull, "b", 2, "the first token"},
		{remotetest.HeadDeltaLost, "b", 3, "when it is generated and when it is given"},
		{remotetest.EverySecondRow, "b", 3, "row 2 of a request for 12 rows differs from the row alone by "},
		{remotetest.AnswersReversed, "", 3, "the log-probabilities of 12 answers differ from the scores of their tokens"},
		{remotetest.AdapterNotApplied, "b", 4, "the adapter scores as the model without it does"},
		{remotetest.OneAdapterLive, "b", 4, "the adapter scores as toy with adapter a does"},
		{remotetest.ShortWindow, "b", 5, "the server ignores the tokens before"},
		{remotetest.CutOff, "b", 6, "the smallest log-probability, -4"},
		{remotetest.Mixed, "b", 7, "beside requests for another model"},
		{remotetest.DependsOnBatch, "", 7, "alone and in a batch"},
		{remotetest.DependsOnTime, "", 3, ""},
		{remotetest.NotNormalised, "", 6, "sum to "},
		{remotetest.OtherUnit, "a", 9, "have another unit or temperature"},
		{remotetest.Sharpened, "b", 9, "is 300 of 300 sampled tokens"},
	} {
		name := string(c.fault) + " " + c.adapter
		s := subject(t, c.fault, c.adapter)
		if c.fault == remotetest.AnswersReversed { // of one token each, which are asked for at once
			s.Prompt, s.Answers = "Favourite letter?", strings.Split("abcdefghijkl", "")
		}
		for later := c.number + 1; c.number > 0 && later <= 9; later++ {
			s.Skip = append(s.Skip, later) // the first failure is looked for
		}
		results, err := doctor.Check(t.Context(), s)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		failed := 0
		for _, r := range results {
			if r.Outcome == doctor.Failed && failed == 0 {
				failed = r.Number
				if !strings.Contains(r.Detail, c.want) {
					t.Errorf("%s: check %d says %q, want %q", name, r.Number, r.Detail, c.want)
				}
			}
			if r.Outcome == doctor.Skipped && (c.adapter != "" && c.fault == remotetest.None) {
				t.Errorf("%s: check %d is skipped: %s", name, r.Number, r.Detail)
			}
		}
		if failed != c.number {
			t.Errorf("%s: check %d fails first, want %d: %+v", name, failed, c.number, results)
		}
		err = doctor.Required(t.Context(), s)
		if refused := c.number > 0 && c.number <= 6; refused != errors.Is(err, doctor.ErrUntrusted) {
			t.Errorf("%s: error %v of the required checks", name, err)
		}
	}
}

// A server that takes text is checked by texts.
func TestTextChecks(t *testing.T) {
	for _, c := range []struct {
		fault  remotetest.Fault
		number int
	}{
		{remotetest.None, 0}, {remotetest.EchoShifted, 3}, {remotetest.ShortWindow, 5}, {remotetest.NotNormalised, 6}, {remotetest.Truncated, -1},
	} {
		config := toy(c.fault)
		config.Kind, config.Template = remote.Completions, remote.PlainTemplate
		m, err := remote.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		s, err := doctor.Of(m)
		if err != nil {
			t.Fatal(err)
		}
		results, err := doctor.Check(t.Context(), s)
		failed := 0
		for _, r := range results {
			if r.Outcome == doctor.Failed && failed == 0 {
				failed = r.Number
			}
		}
		if unasked := c.number < 0; unasked != (err != nil) || !unasked && failed != c.number {
			t.Errorf("%s: check %d fails first (error %v), want %d: %+v", c.fault, failed, err, c.number, results)
		}
	}
}

// A server that cannot be asked is no failed check.
func TestUnreachable(t *testing.T) {
	s := subject(t, remotetest.ServerError, "")
	if _, err := doctor.Check(t.Context(), s); err == nil || !strings.Contains(err.Error(), "status 500") || errors.Is(err, doctor.ErrUntrusted) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := doctor.Check(ctx, s); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a cancelled context", err)
	}
}

// A server that answers for each adapter with the weights of the first is found when the second is
// loaded, although the adapters are never loaded at once.
func TestEarlier(t *testing.T) {
	for _, c := range []struct {
		fault   remotetest.Fault
		weights []string // of the adapters, one after the other
		want    string   // in the error of the last
	}{
		{remotetest.None, []string{"x", "y", "z"}, ""},
		{remotetest.FirstAdapter, []string{"x", "y"}, "scores as a model of other weights did that was loaded before"},
		{remotetest.FirstAdapter, []string{"x", "x"}, ""}, // one replicate that is opened again
	} {
		s, err := remote.Connect(t.Context(), toy(c.fault))
		if err != nil {
			t.Fatal(err)
		}
		earlier := new(doctor.Earlier)
		for i, weights := range c.weights {
			m, unload, err := s.LoadAdapter(t.Context(), fmt.Sprintf("adapter-%d", i), "/trained/"+weights)
			if err != nil {
				t.Fatal(err)
			}
			subject, err := doctor.Of(m)
			if err != nil {
				t.Fatal(err)
			}
			subject.Others, subject.Earlier, subject.Weights = nil, earlier, undertone.NewHasher("test").Text(weights).Sum()
			err = doctor.Adapter(t.Context(), subject)
			switch last := i == len(c.weights)-1; {
			case last && c.want != "":
				if !errors.Is(err, doctor.ErrUntrusted) || !strings.Contains(err.Error(), "check 4") || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s, %q: error %v, want %q", c.fault, c.weights, err, c.want)
				}
			case err != nil:
				t.Errorf("%s, %q, adapter %d: %v", c.fault, c.weights, i, err)
			}
			if err := unload(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The longest row of a server that does not say how many tokens it reads is found by asking.
func TestUnknownContext(t *testing.T) {
	s := subject(t, remotetest.ShortContext, "")
	s.Context, s.Skip = 0, []int{9}
	results, err := doctor.Check(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := doctor.Err(results); err != nil {
		t.Error(err)
	}
	if detail := results[6].Detail; !strings.Contains(detail, "for a row of 272 tokens") {
		t.Errorf("check 7 says %q, want a row of 272 tokens", detail)
	}
}
