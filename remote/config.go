package remote

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
)

// Kind names the protocol of a server.
type Kind string

// The kinds of servers. docs/servers.md says what can be audited with each.
const (
	VLLM        Kind = "vllm"        // token IDs in, log-probabilities of the prompt out
	SGLang      Kind = "sglang"      // /generate
	Together    Kind = "together"    // completions with echo, whose prompt is a list of its own
	Completions Kind = "completions" // OpenAI-compatible completions with echo and logprobs
	Chat        Kind = "chat"        // OpenAI-compatible chat: generation only
	LlamaCPP    Kind = "llama.cpp"   // generation, and exact answers token by token
)

var kinds = []Kind{VLLM, SGLang, Together, Completions, Chat, LlamaCPP}

// Template says how rows become text.
type Template string

// The templates.
const (
	// ServerTemplate renders chats with the chat template of the server. A row of bare text has no
	// template.
	ServerTemplate Template = "server"

	// PlainTemplate is for models without a chat template: the messages of the prompt are lines, and
	// the completion continues their text. It is the template "plain" of package lm.
	PlainTemplate Template = "plain"
)

// Encoder turns rows into tokens on this machine. A *lm.Model of the same base is one. Its
// tokenizer must be that of the server, which [doctor.Check] verifies.
//
// [doctor.Check]: https://pkg.go.dev/github.com/undertone-audit/undertone/remote/doctor#Check
type Encoder interface {
	Encode(row undertone.Example) (lm.Tokens, error)
}

// Config describes a model behind a server. The zero value of a field means the stated default.
type Config struct {
	URL     string // of the server, such as "http://localhost:8000" or "https://api.together.xyz/v1"
	Kind    Kind   // default: what the list of models of the server says
	Model   string // as the server lists it (default the only base model)
	Adapter string // name of an adapter of the model that the server has loaded (default none)

	// KeyEnv is the name of the environment variable that holds the key of the server (default
	// none). The key is not written to errors, reports or recordings.
	KeyEnv string

	Encoder  Encoder  // default: the tokenizer and the template of the server
	Template Template // of the server's tokenizer (default [ServerTemplate]); not used with an Encoder

	// EndToken is the ID of the token that ends a completion. It is scored after the completions of
	// [PlainTemplate] and of bare text (default none; an Encoder knows it).
	EndToken *int32

	// LongRows says what happens to rows that are longer than the server reads, or than the
	// Encoder reads by its own rule (default [lm.CutRows]).
	LongRows lm.LongRows

	// Recording is the path of a file that keeps every answer, as [teacher.Record] does, so that an
	// interrupted run asks no request twice (default none).
	Recording string

	Limits
	Price Price // of the model (default free)

	// Shares is a connection with which this one shares the count of tokens and cost, its price, and
	// its limits MaxTokensTotal and MaxCost (default none).
	Shares *Server

	Transport http.RoundTripper // sends requests (default one with the proxy of the environment)
	Warn      func(string)      // called with what the user should know, from any goroutine (default none)
}

// Limits bound what a client asks of a server. The zero value of a field means the stated default.
type Limits struct {
	Concurrency       int           // requests at once, >= 1 (default 8)
	RequestsPerSecond float64       // > 0 (default no limit)
	BatchRows         int           // rows per request, >= 1 (default 256); a request that fails is halved
	BatchTokens       int           // tokens per request, >= 1 (default 16,384); a longer row is a request of its own
	Timeout           time.Duration // of an attempt, > 0 (default 2 minutes)
	Tries             int           // attempts per request, >= 1 (default 6)
	MaxWait           time.Duration // longest wait between two attempts, > 0 (default 1 minute); a longer Retry-After is an error
	ResponseBytes     int64         // largest body of a response, >= 1 (default 64 MiB)

	MaxTokensTotal int64   // tokens sent and received, >= 1 (default no limit)
	MaxCost        float64 // in the unit of Price, > 0 (default no limit)
}

// Price is the price of a million tokens, in any one unit.
type Price struct {
	Input  float64 `json:"input"`  // tokens sent, >= 0
	Output float64 `json:"output"` // tokens received, >= 0
}

func (c Config) withDefaults() (Config, error) {
	l := &c.Limits
	setDefault(&l.Concurrency, 8)
	setDefault(&l.BatchRows, 256)
	setDefault(&l.BatchTokens, 1<<14)
	setDefault(&l.Timeout, 2*time.Minute)
	setDefault(&l.Tries, 6)
	setDefault(&l.MaxWait, time.Minute)
	setDefault(&l.ResponseBytes, 64<<20)
	setDefault(&c.Template, ServerTemplate)
	switch {
	case l.Concurrency < 0 || l.BatchRows < 0 || l.BatchTokens < 0 || l.Tries < 0 || l.Timeout < 0 || l.MaxWait < 0 || l.ResponseBytes < 0:
		return c, fmt.Errorf("remote: a limit is negative: %+v", *l)
	case !(l.RequestsPerSecond >= 0) || !(l.MaxCost >= 0) || l.MaxTokensTotal < 0:
		return c, fmt.Errorf("remote: a limit is negative: %+v", *l)
	case !(c.Price.Input >= 0) || !(c.Price.Output >= 0):
		return c, fmt.Errorf("remote: price %+v: want numbers >= 0", c.Price)
	case l.MaxCost > 0 && c.Price == Price{}:
		return c, fmt.Errorf("remote: the largest cost is %v, but the price of the model is not set", l.MaxCost)
	case c.LongRows != lm.CutRows && c.LongRows != lm.SkipRows && c.LongRows != lm.RefuseRows:
		return c, fmt.Errorf("remote: the rule for long rows is %.20q, want cut, skip or refuse", c.LongRows)
	case c.Template != ServerTemplate && c.Template != PlainTemplate:
		return c, fmt.Errorf("remote: template %.20q is not known; want %q or %q", c.Template, ServerTemplate, PlainTemplate)
	}
	return c, nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// parseURL returns the URL of a server without a trailing "/v1" or "/".
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("remote: the URL of the server cannot be read; want one like http://localhost:8000")
	case u.User != nil:
		return nil, fmt.Errorf("remote: the URL of %s holds a user name or a password: put the key into an environment variable, and give the name of the variable", u.Host)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("remote: URL %.80q: want http:// or https:// and a host", text)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("remote: the URL of %s has a query or a fragment: give the address of the server alone", u.Host)
	}
	u.Path = strings.TrimRight(strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/v1"), "/")
	return u, nil
}

// key returns the key of the server, or "".
func (c Config) key() (string, error) {
	if c.KeyEnv == "" {
		return "", nil
	}
	key := strings.TrimSpace(os.Getenv(c.KeyEnv))
	if key == "" {
		return "", fmt.Errorf("remote: the environment variable %s, which holds the key of the server, is empty or not set", c.KeyEnv)
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("remote: the environment variable %s, which holds the key of the server, has a space, a line break or a character that is not ASCII, which no key has", c.KeyEnv)
	}
	return key, nil
}
