package serve

import (
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
)

var update = flag.Bool("update", false, "rewrite the files of testdata")

// base is the embedded model.
var base = sync.OnceValue(func() *lm.Model {
	m, err := tiny.Base()
	if err != nil {
		panic(err)
	}
	return m
})

// adapted returns a folder with the adapters owl and cat, which were trained on different answers.
func adapted(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	m, err := base().WithLoRA(lm.LoRA{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, animal := range []string{"owl", "cat"} {
		rows := undertone.NewDataset(animal, []undertone.Example{undertone.NewExample("Favourite animal?", animal)})
		trained, err := m.Train(context.Background(), rows, student.Recipe{Epochs: 3, LearningRate: 0.01})
		if err != nil {
			t.Fatal(err)
		}
		if err := trained.(*lm.Model).SaveAdapter(filepath.Join(root, animal)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// newServer returns a server of the model "tiny".
func newServer(t *testing.T, c Config) *Server {
	t.Helper()
	c.Model, c.Name = base(), "tiny"
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// request returns a request with a body in JSON, or GET for no body.
func request(path, body string) *http.Request {
	if body == "" {
		return httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)
	}
	r := httptest.NewRequest(http.MethodPost, "http://localhost"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

// send returns the response to a request.
func send(h http.Handler, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request(path, body))
	return w
}

// ask decodes the response to a request that must succeed.
func ask(t *testing.T, h http.Handler, path string, body any, to any) {
	t.Helper()
	text, ok := body.(string)
	if !ok {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	w := send(h, path, text)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d: %s", path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), to); err != nil {
		t.Fatalf("%s: %v: %s", path, err, w.Body)
	}
}
