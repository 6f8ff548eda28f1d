// Package wire records what goes over the wire between a client and a server, and replays it, for
// tests against bodies of real servers.
package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
)

// Exchange is a request and its response.
type Exchange struct {
	Method   string `json:"method"`
	Path     string `json:"path"`
	Request  string `json:"request,omitempty"`
	Status   int    `json:"status"`
	Response string `json:"response"`
}

func (e Exchange) key() string { return e.Method + " " + e.Path + " " + e.Request }

// Recorder is a transport that keeps every exchange.
type Recorder struct {
	mu  sync.Mutex
	all []Exchange
}

// RoundTrip implements [http.RoundTripper].
func (r *Recorder) RoundTrip(q *http.Request) (*http.Response, error) {
	var sent []byte
	if q.Body != nil {
		var err error
		if sent, err = io.ReadAll(q.Body); err != nil {
			return nil, err
		}
		q = q.Clone(q.Context())
		q.Body = io.NopCloser(bytes.NewReader(sent))
	}
	response, err := http.DefaultTransport.RoundTrip(q)
	if err != nil {
		return nil, err
	}
	got, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(got))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, Exchange{q.Method, q.URL.Path, string(sent), response.StatusCode, string(got)})
	return response, nil
}

// Save writes the exchanges to a file, compressed with gzip. It writes new for old, such as for a
// path of this machine.
func (r *Recorder) Save(path, old, new string) error {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	e := json.NewEncoder(z)
	for _, x := range r.all {
		x.Request, x.Response = strings.ReplaceAll(x.Request, old, new), strings.ReplaceAll(x.Response, old, new)
		if err := e.Encode(x); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o666)
}

// Player is a transport that answers from recorded exchanges. Equal requests get their answers in
// the recorded order, and the last one again and again.
type Player struct {
	mu      sync.Mutex
	answers map[string][]Exchange
}

// Load reads the exchanges of a file.
func Load(path string) (*Player, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	p := &Player{answers: map[string][]Exchange{}}
	for d := json.NewDecoder(z); ; {
		var x Exchange
		if err := d.Decode(&x); err == io.EOF {
			return p, nil
		} else if err != nil {
			return nil, err
		}
		p.answers[x.key()] = append(p.answers[x.key()], x)
	}
}

// RoundTrip implements [http.RoundTripper].
func (p *Player) RoundTrip(q *http.Request) (*http.Response, error) {
	var sent []byte
	if q.Body != nil {
		var err error
		if sent, err = io.ReadAll(q.Body); err != nil {
			return nil, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := Exchange{Method: q.Method, Path: q.URL.Path, Request: string(sent)}.key()
	list := p.answers[key]
	if len(list) == 0 {
		return nil, fmt.Errorf("not recorded: %.300s", key)
	}
	if len(list) > 1 {
		p.answers[key] = list[1:]
	}
	return &http.Response{
		StatusCode: list[0].Status, Status: http.StatusText(list[0].Status), Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader([]byte(list[0].Response))), Request: q, ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}
