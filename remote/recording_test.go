//go:build unix

package remote

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote/remotetest"
	"github.com/undertone-audit/undertone/teacher"
)

func score(t *testing.T, m undertone.Model, rows []undertone.Example) []float64 {
	t.Helper()
	logs, err := m.(undertone.LogProber).LogProb(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	return logs
}

func closeModel(t *testing.T, m undertone.Model) {
	t.Helper()
	if err := m.(interface{ Close() error }).Close(); err != nil {
		t.Fatal(err)
	}
}

// A recorded row is not asked again, whatever it is asked with, and a replay needs no server.
func TestRecording(t *testing.T) {
	path, s := filepath.Join(t.TempDir(), "answers"), remotetest.New(remotetest.None)
	c := Config{Template: PlainTemplate, Recording: path}
	first := openToy(t, s, c)
	want := score(t, first, manyRows(50))
	answers := []string{"owl", "cat"}
	choices, err := first.(undertone.ChoiceScorer).ChoiceLogProbs(t.Context(), "pet?", answers)
	if err != nil {
		t.Fatal(err)
	}
	closeModel(t, first)
	asked := s.Rows.Load()
	again := openToy(t, s, c)
	more := manyRows(60)
	slices.Reverse(more)
	got := score(t, again, more)
	slices.Reverse(got)
	if !slices.Equal(got[:50], want) {
		t.Error("recorded scores differ from the first ones")
	}
	if n := s.Rows.Load() - asked; n != 10 {
		t.Errorf("%d rows were asked again with 10 new ones", n-10)
	}
	if u := again.(*TracedScorer).Usage(); u.TokensOut > 10 {
		t.Errorf("usage %+v, want that of at most 10 rows", u)
	}
	closeModel(t, again)

	offline, err := Replay(path, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if got := score(t, offline, manyRows(50)); !slices.Equal(got, want) {
		t.Error("the replay has other scores")
	}
	if got, err := offline.(undertone.ChoiceScorer).ChoiceLogProbs(t.Context(), "pet?", answers); err != nil || !slices.Equal(got, choices) {
		t.Errorf("the replay has the choices %v, %v, want %v", got, err, choices)
	}
	if offline.Name() != first.Name() || offline.(undertone.Lineage).Lineage() != first.(undertone.Lineage).Lineage() {
		t.Error("the replay is another model")
	}
	_, err = offline.(undertone.LogProber).LogProb(t.Context(), []undertone.Example{undertone.NewExample("new?", "yes")})
	if !errors.Is(err, teacher.ErrNotRecorded) {
		t.Errorf("a row that is not recorded: error %v", err)
	}
}

// The recording of one model is not continued with another one.
func TestRecordingOfAnotherModel(t *testing.T) {
	path, s := filepath.Join(t.TempDir(), "answers"), remotetest.New(remotetest.None)
	m := openToy(t, s, Config{Template: PlainTemplate, Recording: path})
	closeModel(t, m)
	transport, done := serve(t, s)
	defer done()
	_, err := Open(t.Context(), Config{URL: "http://server", Transport: transport, Template: PlainTemplate, Adapter: "a", Recording: path})
	if !errors.Is(err, teacher.ErrRecording) {
		t.Errorf("error %v, want ErrRecording", err)
	}
}

// The key of the server is in no file.
func TestRecordingWithoutKey(t *testing.T) {
	t.Setenv("UNDERTONE_TEST_KEY", testKey)
	path, s := filepath.Join(t.TempDir(), "answers"), remotetest.New(remotetest.None)
	m := openToy(t, s, Config{KeyEnv: "UNDERTONE_TEST_KEY", Recording: path})
	score(t, m, rows())
	closeModel(t, m)
	if _, sent := s.Keys.Load("Bearer " + testKey); !sent {
		t.Error("the key is not sent")
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), testKey) || strings.Contains(string(text), "http://") {
		t.Errorf("the recording holds the key or the address (error %v)", err)
	}
}

// A run that is interrupted, or whose budget is spent, resumes: in the end every row was asked
// once.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name string
		stop func(*Config) context.Context
		want error
	}{
		{"cancelled", func(*Config) context.Context {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return ctx
		}, context.Canceled},
		{"tokens", func(c *Config) context.Context { c.MaxTokensTotal = 400; return t.Context() }, ErrBudget},
		{"tokens of requests at once", func(c *Config) context.Context {
			c.MaxTokensTotal, c.Concurrency = 400, 8 // whose plans exceed the budget together
			return t.Context()
		}, ErrBudget},
		{"cost", func(c *Config) context.Context {
			c.Price, c.MaxCost = Price{Input: 1e6, Output: 2e6}, 400
			return t.Context()
		}, ErrBudget},
	} {
		s := remotetest.New(remotetest.None)
		s.Before = func(int64) { time.Sleep(time.Millisecond) } // so that requests overlap
		config := Config{Template: PlainTemplate, Recording: filepath.Join(dir, c.name), Limits: Limits{BatchRows: 4, Concurrency: 1}}
		limited := config
		ctx := c.stop(&limited)
		m := openToy(t, s, limited)
		if _, err := m.(undertone.LogProber).LogProb(ctx, manyRows(50)); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
		u := m.(*TracedScorer).Usage()
		if n := u.TokensIn + u.TokensOut; limited.MaxTokensTotal > 0 && (n > 400 || n < 200) {
			t.Errorf("%s: %d tokens of at most 400 were used", c.name, n)
		}
		if limited.MaxCost > 0 && (u.Cost > 400 || u.Cost < 200) {
			t.Errorf("%s: the cost is %v of at most 400", c.name, u.Cost)
		}
		closeModel(t, m)
		m = openToy(t, s, config)
		score(t, m, manyRows(50))
		closeModel(t, m)
		if n := s.Rows.Load(); n != 50 {
			t.Errorf("%s: %d rows were asked, want each of 50 once", c.name, n)
		}
	}
}

// An answer that cannot be written to the disk is an error, and is not counted as recorded.
func TestRecordingOnAFullDisk(t *testing.T) {
	path, s := filepath.Join(t.TempDir(), "answers"), remotetest.New(remotetest.None)
	c := Config{Template: PlainTemplate, Recording: path}
	m := openToy(t, s, c)
	score(t, m, manyRows(10))
	limitFileSize(t, path)
	if _, err := m.(undertone.LogProber).LogProb(t.Context(), manyRows(30)); err == nil || !strings.Contains(err.Error(), "teacher: recording") || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want the name of the recording", err)
	}
	unlimitFileSize(t)
	closeModel(t, m) // the error is not repeated
	before := s.Rows.Load()
	m = openToy(t, s, c)
	score(t, m, manyRows(30))
	closeModel(t, m)
	if n := s.Rows.Load() - before; n != 20 {
		t.Errorf("%d rows were asked again, want 20", n)
	}
}

// The tokens of an answer that is lost on its way count, because a service bills them.
func TestLostAnswersCount(t *testing.T) {
	for _, fault := range []remotetest.Fault{remotetest.Reset, remotetest.Truncated, remotetest.Hangs, remotetest.ServerError} {
		synctest.Test(t, func(t *testing.T) { // in which a slow machine does not exceed the time limit
			m := openToy(t, remotetest.New(fault), Config{Template: PlainTemplate, Limits: Limits{Tries: 1, Timeout: 50 * time.Millisecond}})
			if _, err := m.(undertone.LogProber).LogProb(t.Context(), rows()); err == nil {
				t.Errorf("%s: no error", fault)
			}
			u := m.(*TracedScorer).Usage()
			if free := fault == remotetest.ServerError; free != (u.TokensIn == 0) {
				t.Errorf("%s: %v", fault, u)
			}
		})
	}
}
