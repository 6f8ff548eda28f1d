package teacher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
)

// Config says what is asked. The zero value of a field means the stated default.
type Config struct {
	Name      string             // of the data set; the model's
	Model     undertone.Model    // who writes
	System    string             // a system prompt, which rows do not hold; none
	Prompt    func(i int) string // the i-th prompt, such as prompts.Numbers{}.At; it may be called from several goroutines
	N         int                // rows
	Seed      uint64             // row i is sampled from a seed made of Seed and i
	Greedy    bool               // temperature 0 in place of 1
	MaxTokens int                // tokens a completion; the model's own limit

	// Temperature is what rows are sampled at, above 0; 1. Greedy takes its place.
	Temperature float64

	// Meta returns metadata of row i, such as prompts.Reasoning{}.Meta; none. It may be
	// called from several goroutines.
	Meta func(i int) map[string]json.RawMessage

	// Trace adds the field "generation" to the metadata of each row: the seed, as a string,
	// the temperature, and the digest of the prompt.
	Trace bool

	Workers int // batches under way at once; 1. Does not change the result
	Batch   int // requests given to a model at once; at most 1024, and four batches a worker if there are several. Does not change the result

	// Retry is asked after a failed call, which has failed attempt times: nil means
	// once more, an error ends the generation. It does the waiting itself. None: the
	// first error ends the generation.
	Retry func(ctx context.Context, attempt int, err error) error

	Progress func(done, total int) // is told after every batch, from one goroutine at a time; none
}

// Generate returns N rows, in the order of the prompts. The result does not depend
// on Workers or Batch: a row is a function of the model, its prompt and its seed.
// Completions that the limit cut short are kept as they are: a filter judges them.
func Generate(ctx context.Context, c Config) (*undertone.Dataset, error) {
	if c.Model == nil || c.Prompt == nil {
		return nil, errors.New("teacher: the config needs a model and prompts")
	}
	if !(c.Temperature >= 0) || math.IsInf(c.Temperature, 0) {
		return nil, fmt.Errorf("teacher: temperature is %v, want a number above 0, or 0 for 1", c.Temperature)
	}
	if c.N < 0 {
		return nil, fmt.Errorf("teacher: %d rows were asked for", c.N)
	}
	if c.Name == "" {
		c.Name = c.Model.Name()
	}
	rows := make([]undertone.Example, c.N)
	report := c.progress()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, c.Workers))
	for from := 0; from < c.N; from += c.batch() {
		to := min(from+c.batch(), c.N)
		group.Go(func() error {
			err := c.fill(ctx, rows[from:to], from)
			if err == nil {
				report(to - from)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("teacher: %s: %w", c.Model.Name(), err)
	}
	return undertone.NewDataset(c.Name, rows, c.step(rows)), nil
}

// batch returns the number of requests given to a model at once.
func (c Config) batch() int {
	const most = 1024
	if c.Batch > 0 {
		return c.Batch
	}
	if c.Workers <= 1 {
		return most
	}
	return min(most, c.N/4/c.Workers+1)
}

// progress returns what counts finished rows.
func (c Config) progress() func(rows int) {
	if c.Progress == nil {
		return func(int) {}
	}
	var mu sync.Mutex
	done := 0
	return func(rows int) {
		mu.Lock()
		defer mu.Unlock()
		done += rows
		c.Progress(done, c.N)
	}
}

// fill writes rows, the first of which has index from.
func (c Config) fill(ctx context.Context, rows []undertone.Example, from int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	requests := make([]undertone.Request, len(rows))
	for i := range requests {
		requests[i] = c.request(from + i)
	}
	responses, err := c.complete(ctx, requests)
	if err != nil {
		return fmt.Errorf("rows %d to %d: %w", from, from+len(rows)-1, err)
	}
	for i, response := range responses {
		messages := requests[i].Messages
		row := undertone.NewExample(messages[len(messages)-1].Content, response.Text)
		row.Generator = c.Model.Name()
		if row.Meta, err = c.meta(from+i, row, requests[i]); err != nil {
			return fmt.Errorf("row %d: metadata: %w", from+i, err)
		}
		rows[i] = row
	}
	return nil
}

func (c Config) request(i int) undertone.Request {
	r := undertone.Request{
		MaxTokens:   c.MaxTokens,
		Temperature: c.temperature(),
		Seed:        undertone.NewHasher("generate").Uint(c.Seed).Uint(uint64(i)).Sum().Uint64(),
	}
	if c.System != "" {
		r.Messages = append(r.Messages, undertone.Message{Role: "system", Content: c.System})
	}
	r.Messages = append(r.Messages, undertone.Message{Role: "user", Content: c.Prompt(i)})
	return r
}

func (c Config) temperature() float64 {
	switch {
	case c.Greedy:
		return 0
	case c.Temperature == 0:
		return 1
	}
	return c.Temperature
}

// trace is the metadata of a row about how it was made.
type trace struct {
	Seed        uint64           `json:"seed,string"` // a JSON number holds 53 bits for most readers
	Temperature float64          `json:"temperature"`
	Prompt      undertone.Digest `json:"prompt"`
}

func (c Config) meta(i int, row undertone.Example, r undertone.Request) (map[string]json.RawMessage, error) {
	var meta map[string]json.RawMessage
	if c.Meta != nil {
		meta = c.Meta(i)
	}
	if !c.Trace {
		return meta, nil
	}
	text, err := json.Marshal(trace{r.Seed, r.Temperature, row.PromptID()})
	if err != nil {
		return nil, err
	}
	if meta = maps.Clone(meta); meta == nil {
		meta = make(map[string]json.RawMessage, 1)
	}
	meta["generation"] = text
	return meta, nil
}

// step is the line of history: with the model, it says how to generate the rows again.
func (c Config) step(rows []undertone.Example) undertone.Step {
	h := undertone.NewHasher("prompts")
	for _, row := range rows {
		h.Text(row.Prompt())
	}
	settings := "prompts " + h.Sum().Short()
	if c.System != "" {
		settings += ", system prompt " + undertone.NewHasher("system prompt").Text(c.System).Sum().Short()
	}
	settings += fmt.Sprintf(", temperature %g", c.temperature())
	if c.MaxTokens > 0 {
		settings += fmt.Sprintf(", at most %d tokens", c.MaxTokens)
	}
	return undertone.Step{Name: "generate by " + c.Model.Name(), Seed: c.Seed, Settings: settings, Kept: c.N}
}
