package remote

import (
	"errors"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote/remotetest"
)

const testKey = "sk-secret-123"

// faults are what a server may do wrong. A fault that is spoiled a few times only is overcome.
var faults = []struct {
	fault    remotetest.Fault
	config   Config
	times    int64         // requests that the fault spoils; 0 means all
	want     string        // in the error; "" means the true scores
	requests int64         // at most; 0 is not checked
	waits    time.Duration // at least
}{
	{fault: remotetest.RateLimited, times: 2},
	{fault: remotetest.RateLimited, want: `status 429: "slow down": lower the number of requests`},
	{fault: remotetest.RateLimitedWait, times: 1, waits: 30 * time.Second},
	{fault: remotetest.RateLimitedDate, times: 1, waits: 20 * time.Second},
	{fault: remotetest.RateLimitedLong, want: "the server asks to wait for ", requests: 1},
	{fault: remotetest.ServerError, times: 1},
	{fault: remotetest.ServerError, want: `status 500: "EngineCore died"`},
	{fault: remotetest.BadGateway, times: 1},
	{fault: remotetest.BadGateway, want: "status 502: a page in HTML instead of JSON"},
	{fault: remotetest.Unavailable, times: 3},
	{fault: remotetest.BadRequest, want: `status 400: "max_tokens must be at least 1"`, requests: 2}, // of 3 rows, and of 1
	{fault: remotetest.WrongKey, want: `status 401: "Incorrect API key provided: [key]": check the key`, requests: 1},
	{fault: remotetest.TooLarge},
	{fault: remotetest.TooMany},
	{fault: remotetest.Reset, times: 1},
	{fault: remotetest.Reset, want: "the response ends early: unexpected EOF"},
	{fault: remotetest.SlowDrip, want: "no answer within 2m0s: raise the timeout, or lower the rows per request"},
	{fault: remotetest.Hangs, times: 1, waits: 2 * time.Minute},
	{fault: remotetest.Hangs, want: "no answer within 2m0s"},
	{fault: remotetest.WrongJSON, want: "the body of the response is not the JSON that was expected"},
	{fault: remotetest.Truncated, times: 1},
	{fault: remotetest.Truncated, want: "unexpected EOF"},
	{fault: remotetest.Trailing, want: "2 bytes follow the value"},
	{fault: remotetest.Endless, config: Config{Limits: Limits{ResponseBytes: 1 << 20}}, want: "the response has more than 1048576 bytes: lower the rows per request"},
	{fault: remotetest.Deep, want: "nested more than 32 levels deep"},
	{fault: remotetest.Crowded, config: Config{Limits: Limits{Tries: 1}}, want: "it has more than 4194304 arrays and objects"},
	{fault: remotetest.NotUTF8, want: "it is not UTF-8"},
	{fault: remotetest.ErrorInside, want: `status 200: an error instead of an answer: "CUDA out of memory"`, requests: 1},
	{fault: remotetest.ErrorInsideLimit, times: 2},
	{fault: remotetest.ErrorInsideLimit, want: `an error instead of an answer: "slow down"`},
	{fault: remotetest.Null, times: 1},
	{fault: remotetest.Null, want: "null instead of an answer"},
	{fault: remotetest.EmptyBody, want: "expected: EOF"},
	{fault: remotetest.RedirectElsewhere, want: "the server redirects to another host, http://elsewhere.example: give the address", requests: 1},
	{fault: remotetest.RedirectToGet, want: "the server redirects to /other: give the address", requests: 1},
	{fault: remotetest.Control, want: "red <U+001B>[31m text<U+202E>", requests: 2},

	{fault: remotetest.NotANumber, want: "invalid character 'N'"},
	{fault: remotetest.Positive, want: "has the log-probability 0.5, want a number <= 0"},
	{fault: remotetest.Missing, want: "has no log-probability"},
	{fault: remotetest.NullEntry, want: "its entry has no log-probability of it"},
	{fault: remotetest.NoLogProbs, want: "no log-probabilities of the prompt"},
	{fault: remotetest.OffByOne, want: "the list may be shifted by one"},
	{fault: remotetest.TooShort, want: "log-probabilities for "},
	{fault: remotetest.FirstNotNull, want: "the first token, which nothing precedes, has a log-probability"},
	{fault: remotetest.Infinite, want: "has the probability 0, so the row has no score"},
	{fault: remotetest.DoubleBOS, want: "such as a second BOS"},
	{fault: remotetest.TruncatedPrompt, want: "it truncates the prompt"},
	{fault: remotetest.OtherTokens, want: "the server read other tokens than were sent"},
	{fault: remotetest.NoIDs, want: "the server does not say which tokens it read"},
	{fault: remotetest.WrongIndex, want: "is twice there or out of range"},
	{fault: remotetest.MissingChoice, want: "2 choices for 3 prompts"},
	{fault: remotetest.Shuffled},
	{fault: remotetest.Exchanged, config: Config{Limits: Limits{BatchRows: 1, Concurrency: 1}}, want: `the model "toy" was exchanged during the run`},
	{fault: remotetest.ModelRenamed, want: `the model "another" answered, not "toy"`},
}

// A server that misbehaves gives true scores in the end, or one clear error: never a wrong score.
func TestFaults(t *testing.T) {
	t.Setenv("UNDERTONE_TEST_KEY", testKey)
	var want []float64
	for _, row := range rows() {
		ids := remotetest.Toy{}.Render([]remotetest.Message{{Role: "user", Content: row.Messages[0].Content}, {Role: "assistant", Content: row.Messages[1].Content}}, false, false)
		n, sum := len(row.Messages[1].Content)+1, 0.0
		for _, l := range (remotetest.Toy{}).Score("", ids)[len(ids)-2-n : len(ids)-2] {
			sum += l
		}
		want = append(want, sum)
	}
	for _, c := range faults {
		name := string(c.fault)
		if c.want == "" {
			name += ", overcome"
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := remotetest.New(c.fault)
				s.Times = c.times
				transport, done := serve(t, s)
				defer done()
				config := c.config
				config.URL, config.Transport, config.KeyEnv = "http://server/v1", transport, "UNDERTONE_TEST_KEY"
				m, err := Open(t.Context(), config)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				got, err := m.(undertone.LogProber).LogProb(t.Context(), rows())
				switch {
				case c.want == "" && err != nil:
					t.Fatal(err)
				case c.want == "":
					for i := range got {
						if d := got[i] - want[i]; d > 1e-9 || d < -1e-9 {
							t.Errorf("row %d has the score %v, want %v", i, got[i], want[i])
						}
					}
				case err == nil || !strings.Contains(err.Error(), c.want):
					t.Errorf("error %v, want one with %q", err, c.want)
				case !strings.Contains(err.Error(), "http://server/v1/") && !strings.Contains(err.Error(), "at http://server") && c.fault != remotetest.Infinite:
					t.Errorf("error %v does not name the server", err)
				}
				if err != nil && strings.Contains(err.Error(), testKey) {
					t.Errorf("the error holds the key: %v", err)
				}
				if n := s.Requests.Load(); c.requests > 0 && n > c.requests {
					t.Errorf("%d requests, want at most %d", n, c.requests)
				}
				if waited := time.Since(start); waited < c.waits {
					t.Errorf("the client waited %v, want at least %v", waited, c.waits)
				}
			})
		})
	}
}

// An answer that does not fit its request is told from a request that failed.
func TestErrScorer(t *testing.T) {
	m := openToy(t, remotetest.New(remotetest.DoubleBOS), Config{})
	_, err := m.(undertone.LogProber).LogProb(t.Context(), rows())
	if !errors.Is(err, ErrScorer) {
		t.Errorf("error %v, want ErrScorer", err)
	}
	var failed *Error
	if !errors.As(err, &failed) || failed.Op != "POST /v1/completions" {
		t.Errorf("error %v does not say what failed", err)
	}
}

// A request that must stay whole, as those of the doctor, is sent as often as one of a single row.
func TestWholeRequest(t *testing.T) {
	for _, c := range []struct {
		fault remotetest.Fault
		times int64
		fails bool
	}{
		{remotetest.ServerError, 5, false}, {remotetest.BadGateway, 3, false}, {remotetest.Hangs, 3, false}, {remotetest.ServerError, 0, true}, {remotetest.BadRequest, 1, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := remotetest.New(c.fault)
			s.Times = c.times
			m := openToy(t, s, Config{}).(*TracedScorer)
			_, err := m.ScoreTokens(t.Context(), [][]int32{{1, 2, 3}, {1, 2, 4}})
			if c.fails != (err != nil) {
				t.Errorf("%s, %d times: error %v", c.fault, c.times, err)
			}
			if n := s.Requests.Load(); n > 6 || c.fault == remotetest.BadRequest && n > 1 {
				t.Errorf("%s, %d times: %d requests, want at most 6", c.fault, c.times, n)
			}
		})
	}
}

// A certificate that cannot be verified does not become valid by another attempt.
func TestUntrustedCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(remotetest.New(remotetest.None))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	config := Config{URL: server.URL, Limits: Limits{Tries: 6, MaxWait: time.Hour}}
	_, err := Open(t.Context(), config)
	if err == nil || !strings.Contains(err.Error(), "certificate") || !strings.Contains(err.Error(), "SSL_CERT_FILE") {
		t.Errorf("error %v, want that of the certificate", err)
	}
	var failed *Error
	if !errors.As(err, &failed) || failed.retry {
		t.Errorf("another attempt is made after %v", err)
	}
}
