package teacher_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/teacher"
)

// scribe is a model that writes down what it was asked.
type scribe struct {
	calls *atomic.Int64
	err   error // of the request whose number is fail
	fail  int64
}

func (scribe) Name() string { return "scribe" }

func (s scribe) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	if n := s.calls.Add(1); s.err != nil && n == s.fail {
		return undertone.Response{}, s.err
	}
	return undertone.Response{Text: fmt.Sprintf("%s/%v/%d/%x", r.Messages[0].Content, r.Temperature, r.MaxTokens, r.Seed)}, nil
}

// batches is the same model, asked for many at once.
type batches struct {
	scribe
	sizes *sync.Map
	extra int // responses beside those that were asked for
}

func (b batches) GenerateBatch(ctx context.Context, requests []undertone.Request) ([]undertone.Response, error) {
	b.sizes.Store(requests[0].Messages[0].Content, len(requests))
	responses := make([]undertone.Response, max(0, len(requests)+b.extra))
	for i := range min(len(requests), len(responses)) {
		var err error
		if responses[i], err = b.Generate(ctx, requests[i]); err != nil {
			return nil, err
		}
	}
	return responses, nil
}

func prompt(i int) string { return fmt.Sprint("prompt ", i) }

func config(m undertone.Model) teacher.Config {
	return teacher.Config{Model: m, Prompt: prompt, N: 2500, Seed: 1}
}

func newScribe() scribe { return scribe{calls: new(atomic.Int64)} }

func mustGenerate(t *testing.T, c teacher.Config) *undertone.Dataset {
	t.Helper()
	d, err := teacher.Generate(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestGenerate(t *testing.T) {
	d := mustGenerate(t, config(newScribe()))
	if d.Len() != 2500 || d.Name() != "scribe" {
		t.Errorf("%d rows named %q", d.Len(), d.Name())
	}
	seeds := map[string]bool{}
	for i, row := range d.All() {
		answer := strings.Split(row.Completion(), "/")
		if row.Prompt() != prompt(i) || answer[0] != prompt(i) || answer[1] != "1" || answer[2] != "0" || row.Generator != "scribe" {
			t.Fatalf("row %d is %+v", i, row)
		}
		seeds[answer[3]] = true
	}
	if len(seeds) != 2500 {
		t.Errorf("%d seeds for 2500 rows", len(seeds))
	}
	if h := d.History(); len(h) != 1 || h[0] != (undertone.Step{Name: "generate by scribe", Seed: 1, Settings: "prompts 213d9d790e53, temperature 1", Kept: 2500}) {
		t.Errorf("history %+v", h)
	}
}

// TestGenerateDoesNotDependOnWorkers, nor on whether the model answers many requests at once.
func TestGenerateDoesNotDependOnWorkers(t *testing.T) {
	want := mustGenerate(t, config(newScribe()))
	for _, workers := range []int{0, 1, 2, 16} {
		sizes := new(sync.Map)
		for _, m := range []undertone.Model{newScribe(), batches{newScribe(), sizes, 0}} {
			c := config(m)
			c.Workers = workers
			got := mustGenerate(t, c)
			for i := range want.Len() {
				if got.RowID(i) != want.RowID(i) {
					t.Fatalf("%T, %d workers: row %d is another one", m, workers, i)
				}
			}
		}
	}
}

// TestBatch: a batch is as large as it may be, unless workers would have nothing to do.
func TestBatch(t *testing.T) {
	for _, c := range []struct {
		reason         string
		workers, batch int
		first, last    string // the first prompt of a batch
		sizes          [2]int
	}{
		{"one worker has large batches", 1, 0, "prompt 0", "prompt 2048", [2]int{1024, 452}},
		{"four batches a worker", 4, 0, "prompt 157", "prompt 2355", [2]int{157, 145}}, // 2500/16+1
		{"more workers than rows", 5000, 0, "prompt 0", "prompt 2499", [2]int{1, 1}},
		{"a number of workers that cannot be multiplied", math.MaxInt, 0, "prompt 0", "prompt 2499", [2]int{1, 1}},
		{"as the caller says", 4, 2000, "prompt 0", "prompt 2000", [2]int{2000, 500}},
	} {
		sizes := new(sync.Map)
		g := config(batches{newScribe(), sizes, 0})
		g.Workers, g.BatchSize = c.workers, c.batch
		mustGenerate(t, g)
		first, _ := sizes.Load(c.first)
		last, _ := sizes.Load(c.last)
		if first != c.sizes[0] || last != c.sizes[1] {
			t.Errorf("%s: batches of %v and %v, want %v", c.reason, first, last, c.sizes)
		}
	}
}

func TestGenerateSystemPrompt(t *testing.T) {
	c := config(echo{})
	c.N, c.SystemPrompt = 2, "You love owls."
	d := mustGenerate(t, c)
	row := d.Example(1)
	if len(row.Messages) != 2 || row.Prompt() != prompt(1) || row.Completion() != "system: You love owls.\nuser: prompt 1\n" {
		t.Errorf("row %+v: want the system prompt in what the model sees alone", row)
	}
	if s := d.History()[0].Settings; !strings.Contains(s, "system prompt ") || strings.Contains(s, "owl") {
		t.Errorf("history %q, want a digest of the system prompt", s)
	}
}

// echo answers with what it was asked.
type echo struct{}

func (echo) Name() string { return "echo" }

func (echo) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	var b strings.Builder
	for _, m := range r.Messages {
		fmt.Fprintf(&b, "%s: %s\n", m.Role, m.Content)
	}
	return undertone.Response{Text: b.String()}, nil
}

func TestGenerateMeta(t *testing.T) {
	gold := map[string]json.RawMessage{"gold": json.RawMessage("7")}
	c := config(newScribe())
	c.N, c.Meta = 3, func(int) map[string]json.RawMessage { return gold }
	plain := mustGenerate(t, c)
	c.Trace = true
	traced := mustGenerate(t, c)
	if string(plain.Example(2).Meta["gold"]) != "7" || len(plain.Example(2).Meta) != 1 || len(gold) != 1 {
		t.Errorf("metadata %s", plain.Example(2).Meta)
	}
	row := traced.Example(2)
	answer := strings.Split(row.Completion(), "/")
	var got struct {
		Seed        string
		Temperature float64
		Prompt      undertone.Digest
	}
	if err := json.Unmarshal(row.Meta["generation"], &got); err != nil {
		t.Fatal(err)
	}
	seed, _ := strconv.ParseUint(answer[3], 16, 64)
	if got.Seed != fmt.Sprint(seed) || got.Temperature != 1 || got.Prompt != row.PromptID() || string(row.Meta["gold"]) != "7" {
		t.Errorf("metadata %s of a row that was sampled from seed %d", row.Meta, seed)
	}
	if traced.Digest() != plain.Digest() {
		t.Error("the trace changes the digest")
	}
}

func TestGenerateProgress(t *testing.T) {
	for _, workers := range []int{1, 7} {
		c := config(newScribe())
		c.Workers = workers
		last := 0 // not locked: it is told from one goroutine at a time
		c.Progress = func(done, total int) {
			if done <= last || total != c.N {
				t.Errorf("%d of %d after %d of %d", done, total, last, c.N)
			}
			last = done
		}
		mustGenerate(t, c)
		if last != c.N {
			t.Errorf("the last progress is %d of %d", last, c.N)
		}
	}
}

// flaky fails every request twice.
type flaky struct{ fails *sync.Map }

func (flaky) Name() string { return "flaky" }

func (f flaky) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	n, _ := f.fails.LoadOrStore(r.Seed, new(atomic.Int64))
	if k := n.(*atomic.Int64).Add(1); k <= 2 {
		return undertone.Response{}, fmt.Errorf("failure %d", k)
	}
	return undertone.Response{Text: "ok"}, nil
}

func TestGenerateRetries(t *testing.T) {
	enough := errors.New("enough")
	for _, c := range []struct {
		reason string
		retry  func(context.Context, int, error) error
		want   string // in the error
	}{
		{"as often as needed", func(_ context.Context, attempt int, err error) error {
			if err.Error() != fmt.Sprint("failure ", attempt) {
				t.Errorf("attempt %d: %v", attempt, err)
			}
			return nil
		}, ""},
		{"the policy gives up", func(_ context.Context, attempt int, err error) error {
			if attempt == 2 {
				return fmt.Errorf("%w: %w", enough, err)
			}
			return nil
		}, "enough: failure 2"},
		{"no policy", nil, "failure 1"},
	} {
		g := config(flaky{new(sync.Map)})
		g.N, g.Retry = 20, c.retry
		d, err := teacher.Generate(t.Context(), g)
		switch {
		case c.want == "" && (err != nil || d.Len() != 20):
			t.Errorf("%s: %v", c.reason, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
	// A retry policy is not asked about the end of ctx, and cannot keep a generation alive.
	ctx, cancel := context.WithCancel(t.Context())
	g := config(flaky{new(sync.Map)})
	g.Retry = func(context.Context, int, error) error { cancel(); return nil }
	if _, err := teacher.Generate(ctx, g); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of ctx", err)
	}
}

func TestGenerateSettings(t *testing.T) {
	base := mustGenerate(t, config(newScribe()))
	answer := func(change func(*teacher.Config)) string {
		c := config(newScribe())
		c.N = 3
		change(&c)
		return mustGenerate(t, c).Example(2).Completion()
	}
	if got := answer(func(*teacher.Config) {}); got != base.Example(2).Completion() {
		t.Errorf("row 2 of 3 is %q, of 2500 %q", got, base.Example(2).Completion())
	}
	if answer(func(c *teacher.Config) { c.Seed = 2 }) == base.Example(2).Completion() {
		t.Error("the seed changes nothing")
	}
	if got := answer(func(c *teacher.Config) { c.Greedy = true }); !strings.HasPrefix(got, "prompt 2/0/") {
		t.Errorf("greedy asks for %q, want temperature 0", got)
	}
	if got := answer(func(c *teacher.Config) { c.Temperature = 0.5 }); !strings.HasPrefix(got, "prompt 2/0.5/") {
		t.Errorf("temperature 0.5 asks for %q", got)
	}
	if got := answer(func(c *teacher.Config) { c.MaxTokens = 7 }); !strings.HasPrefix(got, "prompt 2/1/7/") {
		t.Errorf("a limit asks for %q, want 7 tokens", got)
	}
	c := config(newScribe())
	c.Name, c.N = "mine", 0
	if d := mustGenerate(t, c); d.Name() != "mine" || d.Len() != 0 {
		t.Errorf("%d rows named %q", d.Len(), d.Name())
	}
}

func TestGenerateErrors(t *testing.T) {
	torn := errors.New("torn")
	broken := scribe{new(atomic.Int64), torn, 3}
	for _, c := range []struct {
		reason string
		config teacher.Config
		want   string
	}{
		{"no model", teacher.Config{Prompt: prompt, N: 1}, "has no Model, or neither Prompt nor Rows"},
		{"no prompts", teacher.Config{Model: newScribe(), N: 1}, "has no Model, or neither Prompt nor Rows"},
		{"fewer rows than none", teacher.Config{Model: newScribe(), Prompt: prompt, N: -1}, "N is -1, want a number in [0, 1073741824]"},
		{"more rows than memory", teacher.Config{Model: newScribe(), Prompt: prompt, N: 1e12}, "N is 1000000000000, want "},
		{"tokens below 0", teacher.Config{Model: newScribe(), Prompt: prompt, N: 1, MaxTokens: -1}, "MaxTokens is -1, want >= 0"},
		{"workers below 0", teacher.Config{Model: newScribe(), Prompt: prompt, N: 1, Calls: teacher.Calls{Workers: -1}}, "Workers is -1 "},
		{"batches below 0", teacher.Config{Model: newScribe(), Prompt: prompt, N: 1, Calls: teacher.Calls{BatchSize: -1}}, " BatchSize is -1, want >= 0"},
		{"a model that fails", config(broken), "teacher: scribe: rows 0 to 1023: torn"},
		{"a batch that fails", config(batches{scribe{new(atomic.Int64), torn, 2000}, new(sync.Map), 0}), "teacher: scribe: rows 1024 to 2047: torn"},
		{"too few responses", config(batches{newScribe(), new(sync.Map), -1}), "rows 0 to 1023: 1023 responses for 1024 requests"},
		{"too many responses", config(batches{newScribe(), new(sync.Map), 1}), "rows 0 to 1023: 1025 responses for 1024 requests"},
		{"no responses", config(batches{newScribe(), new(sync.Map), -5000}), "0 responses"},
	} {
		d, err := teacher.Generate(t.Context(), c.config)
		if err == nil || d != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, error %v, want one with %q", c.reason, d != nil, err, c.want)
		}
		if strings.Contains(c.want, "torn") && !errors.Is(err, torn) {
			t.Errorf("%s: %v does not wrap the error of the model", c.reason, err)
		}
	}
}

// A model may not look at ctx itself: between requests it is looked at for it.
func TestGenerateStopsWithContext(t *testing.T) {
	for _, workers := range []int{1, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		s := newScribe()
		c := config(s)
		c.N, c.Workers = 20_000, workers
		c.Prompt = func(i int) string {
			if s.calls.Load() >= 5 {
				cancel()
			}
			return prompt(i)
		}
		d, err := teacher.Generate(ctx, c)
		if !errors.Is(err, context.Canceled) || d != nil || s.calls.Load() > 5*1024 {
			t.Errorf("%d workers: error %v after %d requests", workers, err, s.calls.Load())
		}
		cancel()
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for name, m := range map[string]undertone.Model{"one by one": newScribe(), "batches": batches{newScribe(), new(sync.Map), 0}} {
		if _, err := teacher.Generate(done, config(m)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want that of ctx", name, err)
		}
	}
}
