package remote

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/escape"
)

// caller sends requests to one server. It is safe for concurrent use.
type caller struct {
	base   *url.URL
	key    string
	limits Limits
	client *http.Client
	slots  *semaphore.Weighted
	rate   *rate.Limiter
	meter  *meter
	turns  *turns
}

func newCaller(c Config) (*caller, error) {
	base, err := parseURL(c.URL)
	if err != nil {
		return nil, err
	}
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	transport := c.Transport
	if transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = c.Concurrency
		t.MaxResponseHeaderBytes = 1 << 20
		transport = t
	}
	speed := rate.Inf
	if c.RequestsPerSecond > 0 {
		speed = rate.Limit(c.RequestsPerSecond)
	}
	usage := &meter{price: c.Price, maxTokens: c.MaxTokensTotal, maxCost: c.MaxCost}
	if c.Shares != nil {
		usage = c.Shares.caller.meter
	}
	return &caller{
		base: base, key: key, limits: c.Limits,
		client: &http.Client{Transport: transport, CheckRedirect: checkRedirect},
		slots:  semaphore.NewWeighted(int64(c.Concurrency)),
		rate:   rate.NewLimiter(speed, max(1, int(c.RequestsPerSecond))),
		meter:  usage,
		turns:  new(turns),
	}, nil
}

// errRedirect is a redirect that is not followed.
var errRedirect = errors.New("the server redirects to")

// checkRedirect follows redirects within the host that keep the method. Rows and the key are sent
// to no other host.
func checkRedirect(r *http.Request, via []*http.Request) error {
	first := via[0]
	if r.URL.Scheme != first.URL.Scheme || r.URL.Host != first.URL.Host {
		return fmt.Errorf("%w another host, %s://%s", errRedirect, r.URL.Scheme, r.URL.Host)
	}
	if r.Method != first.Method || len(via) > 3 {
		return fmt.Errorf("%w %s", errRedirect, r.URL.Path)
	}
	return nil
}

// request is one request of a client.
type request struct {
	method, path string
	body         any        // encoded as JSON, or nil
	tokens       tokenCount // at most; for the budget
	model        string     // whose requests run alone, or ""
	rows         int        // that a smaller request can hold fewer of; 0 means 1
}

func (r request) op() string { return r.method + " " + r.path }

// usage is the count of tokens in a response.
type usage struct {
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
}

// counted is a response that counts its tokens.
type counted interface{ tokens() tokenCount }

// do sends a request and decodes the body of its response into answer, which may be nil.
func (c *caller) do(ctx context.Context, r request, answer any) error {
	var text []byte
	if r.body != nil {
		var err error
		if text, err = json.Marshal(r.body); err != nil {
			return fmt.Errorf("remote: %s: encode the request: %w", r.op(), err)
		}
	}
	attempts := 0
	return retried(ctx, c.limits, func() error {
		attempts++
		err := c.attempt(ctx, r, text, answer)
		var failed *Error
		if r.rows > 1 && attempts >= batchTries && errors.As(err, &failed) && failed.split {
			failed.retry, failed.whole = false, failed.retry
		}
		return err
	})
}

// counted returns the tokens that a server has counted, or those that the client has planned if the
// server does not count, or states numbers that would cancel a budget.
func (r request) counted(n tokenCount) tokenCount {
	const most = 1 << 32
	if n == (tokenCount{}) || n.in < 0 || n.out < 0 || n.in > most || n.out > most {
		return r.tokens
	}
	return n
}

// batchTries is the number of attempts of a request of several rows after which it is halved.
const batchTries = 2

// attempt sends a request once.
func (c *caller) attempt(ctx context.Context, r request, text []byte, answer any) error {
	if r.model != "" {
		if err := c.turns.enter(ctx, r.model); err != nil {
			return err
		}
		defer c.turns.leave()
	}
	if err := c.slots.Acquire(ctx, 1); err != nil {
		return err
	}
	defer c.slots.Release(1)
	if err := c.rate.Wait(ctx); err != nil {
		return err
	}
	if err := c.meter.begin(ctx, r.tokens); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &Error{Op: r.op(), URL: c.base.String(), Reason: err}
	}
	used := tokenCount{}
	defer func() { c.meter.end(r.tokens, used) }()
	limited, cancel := context.WithTimeout(ctx, c.limits.Timeout)
	defer cancel()
	body, failed := c.exchange(limited, r, text)
	if failed != nil {
		late := errors.Is(limited.Err(), context.DeadlineExceeded)
		if late || failed.begun {
			used = r.tokens // the server may have computed the answer, and a service bills it
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if late {
			failed.Reason = fmt.Errorf("no answer within %v", c.limits.Timeout)
			failed.Advice, failed.retry, failed.split = "raise the timeout, or lower the rows per request", true, true
		}
		return failed
	}
	if answer == nil {
		return nil
	}
	used = r.tokens // unless the server counts them
	if failed := c.errorInside(r, body); failed != nil {
		used = tokenCount{}
		return failed
	}
	if err := decode(body, answer); err != nil {
		return c.wrap(r, 0, fmt.Errorf("the body of the response is not the JSON that was expected: %w; it begins with %s", err, c.quote(body)), true)
	}
	if a, ok := answer.(counted); ok {
		used = a.tokens()
	}
	used = r.counted(used)
	return nil
}

// wrap returns the error of a request.
func (c *caller) wrap(r request, status int, reason error, retry bool) *Error {
	return &Error{Op: r.op(), URL: c.base.String(), Status: status, Reason: reason, retry: retry}
}

// misfit returns the error of an answer to a POST request that does not fit it.
func (c *caller) misfit(path string, err error) error {
	return &Error{Op: http.MethodPost + " " + path, URL: c.base.String(), Reason: err, Advice: "undertone doctor names the checks that the server fails"}
}

// exchange sends a request and returns the body of the response if its status is 200.
func (c *caller) exchange(ctx context.Context, r request, text []byte) ([]byte, *Error) {
	q, err := http.NewRequestWithContext(ctx, r.method, c.base.String()+r.path, bytes.NewReader(text))
	if err != nil {
		return nil, c.wrap(r, 0, errors.New("the request cannot be made"), false)
	}
	if r.body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	q.Header.Set("Accept", "application/json")
	q.Header.Set("User-Agent", "undertone/"+undertone.Version)
	if c.key != "" {
		q.Header.Set("Authorization", "Bearer "+c.key)
	}
	response, err := c.client.Do(q)
	if err != nil {
		e := c.wrap(r, 0, c.scrub(err), true)
		if errors.Is(err, errRedirect) {
			e.retry, e.Advice = false, "give the address that answers itself, if you trust it"
		}
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			e.Advice = "check that the server runs, and its address"
		}
		var untrusted *tls.CertificateVerificationError
		if errors.As(err, &untrusted) {
			e.retry, e.Advice = false, "check the address, or let this machine trust the certificate, as with the environment variable SSL_CERT_FILE"
		}
		return nil, e
	}
	defer response.Body.Close()
	body, err := readAll(io.LimitReader(response.Body, c.limits.ResponseBytes+1), response.ContentLength)
	switch {
	case err != nil:
		e := c.wrap(r, 0, fmt.Errorf("the response ends early: %w", c.scrub(err)), true)
		e.begun = response.StatusCode == http.StatusOK
		return nil, e
	case int64(len(body)) > c.limits.ResponseBytes:
		e := c.wrap(r, 0, fmt.Errorf("the response has more than %d bytes", c.limits.ResponseBytes), false)
		e.Advice, e.split = "lower the rows per request, or raise the limit of a response", true
		e.begun = response.StatusCode == http.StatusOK
		return nil, e
	case response.StatusCode != http.StatusOK:
		return nil, c.refused(r, response, body)
	}
	return body, nil
}

// readAll reads a body that may have the stated size, in bytes; -1 if it is unknown.
func readAll(r io.Reader, stated int64) ([]byte, error) {
	const most = 1 << 20 // allocated before anything is received
	var b bytes.Buffer
	b.Grow(int(min(max(stated, 0), most)) + bytes.MinRead) // what ReadFrom needs to see the end
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

// refused returns the error of a response whose status is not 200.
func (c *caller) refused(r request, response *http.Response, body []byte) *Error {
	status := response.StatusCode
	e := c.wrap(r, status, errors.New(c.message(response, body)), mayRetry(status))
	// A server that bounds the rows of a request answers with status 400 or 413.
	e.split = status == http.StatusBadRequest || status == http.StatusRequestEntityTooLarge || status >= 500 && e.retry
	e.retryAfter = parseRetryAfter(response.Header, time.Now())
	switch {
	case e.retry && e.retryAfter > c.limits.MaxWait:
		e.Reason = fmt.Errorf("%w; the server asks to wait for %v", e.Reason, e.retryAfter.Round(time.Second))
		e.retry, e.Advice = false, "run the same command again then"
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e.Advice = "check the key of the server, which an environment variable holds"
	case status == http.StatusTooManyRequests:
		e.Advice = "lower the number of requests at once or per second"
	case status >= 500:
		e.Advice = "look into the log of the server"
	case status == http.StatusNotFound:
		e.Advice = "check the address, the kind of the server and the name of the model"
	}
	return e
}

// message returns what a server says about a failure, for people.
func (c *caller) message(response *http.Response, body []byte) string {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if kind == "text/html" {
		return "a page in HTML instead of JSON, which a proxy may have written"
	}
	if text := messageIn(body); text != "" {
		return c.quote([]byte(text))
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return http.StatusText(response.StatusCode)
	}
	return c.quote(body)
}

// quote returns the beginning of a text of the server, without the key and without characters that
// control a terminal.
func (c *caller) quote(text []byte) string {
	const most = 300
	s := c.redact(string(text)) // before the cut, which may lie inside a key
	if len(s) > most {
		s = s[:most] + "…"
	}
	return "\"" + escape.Text(strings.ToValidUTF8(s, "\uFFFD")) + "\""
}

// redact replaces the key, also as JSON and URLs spell it.
func (c *caller) redact(s string) string {
	if c.key == "" {
		return s
	}
	quoted, _ := json.Marshal(c.key)
	for _, form := range []string{c.key, strings.Trim(string(quoted), `"`), strings.ReplaceAll(c.key, "/", `\/`), url.QueryEscape(c.key), url.PathEscape(c.key)} {
		s = strings.ReplaceAll(s, form, "[key]")
	}
	return s
}

// scrub returns an error of package net/http without the URL, which [Error] names.
func (c *caller) scrub(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if text := c.redact(err.Error()); text != err.Error() {
		return errors.New(text)
	}
	return err
}
