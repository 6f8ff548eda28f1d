package remotetest

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is a way to misbehave.
type Fault string

// Faults of a response as a whole.
const (
	None              Fault = ""
	RateLimited       Fault = "429"
	RateLimitedWait   Fault = "429 with Retry-After in seconds"
	RateLimitedDate   Fault = "429 with Retry-After as a date, by a clock that is an hour ahead"
	RateLimitedLong   Fault = "429 with a Retry-After of a day"
	ServerError       Fault = "500"
	BadGateway        Fault = "502 with a page in HTML"
	Unavailable       Fault = "503"
	BadRequest        Fault = "400"
	WrongKey          Fault = "401 that repeats the key"
	TooLarge          Fault = "413 for more than 2 prompts"
	TooMany           Fault = "400 for more than 2 prompts"
	Reset             Fault = "connection reset in the middle of the body"
	SlowDrip          Fault = "one byte a second"
	Hangs             Fault = "no answer"
	WrongJSON         Fault = "JSON of another shape"
	Truncated         Fault = "JSON that ends early"
	Trailing          Fault = "text after the JSON"
	Endless           Fault = "body without an end"
	Deep              Fault = "JSON of a thousand levels"
	Crowded           Fault = "JSON of five million objects"
	NotUTF8           Fault = "JSON that is not UTF-8"
	EmptyBody         Fault = "empty body"
	RedirectElsewhere Fault = "redirect to another host"
	RedirectToGet     Fault = "redirect that changes the method"
	Control           Fault = "error with control characters"
)

// Faults of the answer to a request for log-probabilities.
const (
	NotANumber        Fault = "NaN"
	Positive          Fault = "log-probability above 0"
	Missing           Fault = "no log-probability of one token"
	NullEntry         Fault = "a null entry in the middle"
	NoLogProbs        Fault = "no log-probabilities"
	OffByOne          Fault = "list shifted by one"
	TooShort          Fault = "list without its last entry"
	FirstNotNull      Fault = "first token with a log-probability"
	Infinite          Fault = "minus infinity as -9999"
	DoubleBOS         Fault = "a second BOS"
	TruncatedPrompt   Fault = "prompt without its first tokens"
	OtherTokens       Fault = "other tokens"
	NoIDs             Fault = "no token IDs"
	WrongIndex        Fault = "two choices with one index"
	MissingChoice     Fault = "one choice less"
	Shuffled          Fault = "choices in another order, with the right index"
	AdapterNotApplied Fault = "adapter not applied"
	OneAdapterLive    Fault = "two adapters, one live"
	HeadDeltaLost     Fault = "delta of the output layer lost in log-probabilities of the prompt"
	ModelRenamed      Fault = "answer of another model"
	Mixed             Fault = "requests for two models at once, scored with the weights of adapter a"
	DependsOnBatch    Fault = "scores that depend on the other prompts"
	EverySecondRow    Fault = "every second prompt of a request scored without its adapter"
	AnswersReversed   Fault = "log-probabilities of given tokens in the opposite order"
	DependsOnTime     Fault = "scores that differ from request to request"
	EchoShifted       Fault = "log-probabilities of the prompt, each given the token itself, after a null"
	OtherUnit         Fault = "log-probabilities in bits"
	Sharpened         Fault = "the most likely token in place of a sample"
	NotNormalised     Fault = "log-probabilities a hundred times too close to 0"
	ShortWindow       Fault = "only the last 64 tokens are read"
	CutOff            Fault = "-4 in place of each smaller log-probability"
	FirstAdapter      Fault = "every adapter answers with the weights of the first that was loaded"
	ErrorInside       Fault = "status 200 with an error"
	ErrorInsideLimit  Fault = "status 200 with an error of the code 429"
	Null              Fault = "null"
	Exchanged         Fault = "another system_fingerprint from the second request on"
	ShortContext      Fault = "400 for more than 300 tokens"
)

// statuses are faults that are a status and a message.
var statuses = map[Fault]struct {
	status  int
	message string
}{
	RateLimited: {429, "slow down"}, RateLimitedWait: {429, "slow down"}, RateLimitedDate: {429, "slow down"}, RateLimitedLong: {429, "slow down"},
	ServerError: {500, "EngineCore died"}, Unavailable: {503, "loading"}, BadRequest: {400, "max_tokens must be at least 1"},
	Control: {400, "red \x1b[31m text\u202e"},
}

// spoils writes a response as a whole, and reports whether it did.
func (f Fault) spoils(w http.ResponseWriter, r *http.Request, body []byte) bool {
	now := time.Now().UTC()
	switch f {
	case RateLimitedWait:
		w.Header().Set("Retry-After", "30")
	case RateLimitedLong:
		w.Header().Set("Retry-After", "86400")
	case RateLimitedDate:
		ahead := now.Add(time.Hour)
		w.Header().Set("Date", ahead.Format(http.TimeFormat))
		w.Header().Set("Retry-After", ahead.Add(20*time.Second).Format(http.TimeFormat))
	case WrongKey:
		fail(w, 401, "Incorrect API key provided: "+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		return true
	case TooLarge, TooMany:
		if bytes.Count(body, []byte("],[")) >= 2 {
			fail(w, map[Fault]int{TooLarge: 413, TooMany: 400}[f], "request too large")
			return true
		}
	case BadGateway:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(502)
		_, _ = io.WriteString(w, "<html><body><h1>502 Bad Gateway</h1></body></html>")
		return true
	case Hangs:
		<-r.Context().Done()
		return true
	case WrongJSON:
		write(w, 200, object{"choices": "none"})
		return true
	case ErrorInside:
		write(w, 200, object{"error": object{"message": "CUDA out of memory"}})
		return true
	case ErrorInsideLimit:
		write(w, 200, object{"error": object{"message": "slow down", "code": 429}})
		return true
	case Null:
		write(w, 200, nil)
		return true
	case EmptyBody:
		w.WriteHeader(200)
		return true
	case Deep:
		_, _ = io.WriteString(w, strings.Repeat("[", 1000)+strings.Repeat("]", 1000))
		return true
	case Crowded:
		_, _ = io.WriteString(w, "["+strings.Repeat("{},", 5_000_000)+"{}]")
		return true
	case NotUTF8:
		_, _ = io.WriteString(w, "{\"model\":\"\xff\"}")
		return true
	case Endless:
		chunk := bytes.Repeat([]byte(" "), 1<<16)
		for range 1 << 20 {
			if _, err := w.Write(chunk); err != nil {
				return true
			}
		}
		return true
	case RedirectElsewhere:
		http.Redirect(w, r, "http://elsewhere.example/v1/completions", http.StatusTemporaryRedirect)
		return true
	case RedirectToGet:
		http.Redirect(w, r, "/other", http.StatusFound)
		return true
	}
	if s, ok := statuses[f]; ok {
		fail(w, s.status, s.message)
		return true
	}
	return false
}

// prompt returns the tokens that the server reads instead of those that were sent.
func (f Fault) prompt(ids []int32) []int32 {
	switch f {
	case DoubleBOS:
		return append([]int32{BOS}, ids...)
	case TruncatedPrompt:
		return ids[1:]
	case OtherTokens:
		other := slices.Clone(ids)
		other[len(other)-1] ^= 1
		return other
	}
	return ids
}

// distort returns the log-probabilities that the server gives instead of the true ones, for a
// request of so many prompts.
func (f Fault) distort(logs []float64, prompts int, request int64) []float64 {
	out := slices.Clone(logs)
	for i := range out {
		switch {
		case f == DependsOnBatch && prompts > 16:
			out[i] -= 0.2
		case f == DependsOnTime:
			out[i] -= 0.2 * float64(request%2)
		case f == OtherUnit:
			out[i] /= math.Ln2
		case f == NotNormalised:
			out[i] /= 100
		case f == CutOff:
			out[i] = max(out[i], -4)
		}
	}
	return out
}

// echo returns the log-probabilities of a completion with those of its prompt before them.
func (f Fault) echo(l completionLogProbs, m Toy, prompt []int32, logs []float64) completionLogProbs {
	all := completionLogProbs{Tokens: []string{m.Spell(prompt[0])}, TokenLogProbs: []*float64{nil}}
	for i, id := range prompt[1:] {
		log := logs[i]
		if f == EchoShifted {
			log = m.LogProbs("", prompt[:i+2])[id]
		}
		all.Tokens, all.TokenLogProbs = append(all.Tokens, m.Spell(id)), append(all.TokenLogProbs, &log)
	}
	all.Tokens, all.TokenLogProbs = append(all.Tokens, l.Tokens...), append(all.TokenLogProbs, l.TokenLogProbs...)
	all.TopLogProbs, all.TextOffset = make([]map[string]float64, len(all.Tokens)), make([]int, len(all.Tokens))
	return all
}

// promptLogProbs returns the entries that the server gives instead of the true ones.
func (f Fault) promptLogProbs(entries []map[string]object) any {
	last := len(entries) - 1
	set := func(v any) { // of the token that ends the answer
		for id := range entries[last-1] {
			entries[last-1][id]["logprob"] = v
		}
	}
	switch f {
	case NoLogProbs:
		return nil
	case OffByOne:
		return append(entries[1:], nil)
	case TooShort:
		return entries[:last]
	case FirstNotNull:
		entries[0] = entries[1]
	case Missing:
		set(nil)
	case NullEntry:
		entries[last] = nil
	case Positive:
		set(0.5)
	case Infinite:
		set(-9999.0)
	}
	return entries
}

// order returns the choices that the server gives instead of the true ones.
func (f Fault) order(choices []object) []object {
	switch f {
	case Shuffled:
		slices.Reverse(choices)
	case WrongIndex:
		for _, c := range choices {
			c["index"] = 0
		}
	case MissingChoice:
		return choices[1:]
	case NoIDs:
		for _, c := range choices {
			c["prompt_token_ids"] = nil
		}
	}
	return choices
}

// send sends a body.
func (f Fault) send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	switch f {
	case NotANumber:
		at := bytes.LastIndex(body, []byte(`"logprob":-`))
		end := at + bytes.IndexAny(body[at:], ",}")
		body = slices.Concat(body[:at], []byte(`"logprob":NaN`), body[end:])
	case Truncated:
		body = body[:len(body)/2]
	case Trailing:
		body = append(body, "{}"...)
	case Reset:
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case SlowDrip:
		for _, b := range body {
			_, err := w.Write([]byte{b})
			if err = errors.Join(err, http.NewResponseController(w).Flush()); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
		return
	}
	_, _ = w.Write(body)
}
