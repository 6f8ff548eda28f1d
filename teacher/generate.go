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

// Config describes the rows to generate and the calls of the model. A field with a zero value has
// its default.
type Config struct {
	Name         string             // of the data set (default: the name of the model)
	Model        undertone.Model    // required
	SystemPrompt string             // precedes each prompt and is not part of the rows (default none)
	Prompt       func(i int) string // returns prompt i; safe for concurrent use; required without Rows
	N            int                // number of rows, [0, 2^30]
	Seed         uint64             // the seed of row i is a function of Seed and i
	Temperature  float64            // of the sampling, > 0 (default 1)
	Greedy       bool               // sample at temperature 0; Temperature is not used
	MaxTokens    int                // largest length of a completion, >= 0 (default: the limit of the model)

	// Rows are rows whose answers the model writes anew, instead of the answers to Prompt: row i of
	// the result has the prompt and the metadata of row i, modulo their number. Answers of one row
	// are written one after the other. [CanRewrite] says which rows are allowed; a row that offers
	// tools is not.
	Rows undertone.Text

	// Meta returns the metadata of row i (default none). It must be safe for concurrent use.
	Meta func(i int) map[string]json.RawMessage

	// Trace adds the field "generation" to the metadata of each row: the seed as a string, the
	// temperature, and the prompt group ID.
	Trace bool

	Calls
}

// Calls describes the calls of the model. It does not change the rows.
type Calls struct {
	Workers int // number of batches in flight at a time, >= 0 (default 1)

	// BatchSize is the number of requests per batch, >= 0 (default 1024, or less if the workers would
	// otherwise have fewer than four batches each).
	BatchSize int

	// Retry is called after a failed call, with the number of failed attempts. If it returns nil,
	// the call is repeated; an error ends the generation. Retry itself waits. Without it the first
	// error ends the generation.
	Retry func(ctx context.Context, attempt int, err error) error

	// Progress is called after each batch, from one goroutine at a time (default none).
	Progress func(done, total int)
}

// maxRows is the largest number of rows of one call: all are held in memory.
const maxRows = 1 << 30

// Generate returns N rows in the order of the prompts. A row depends only on the model, its prompt
// and its seed. A completion that ends at MaxTokens is kept; use a filter to drop it.
func Generate(ctx context.Context, c Config) (*undertone.Dataset, error) {
	switch {
	case c.Model == nil || c.Prompt == nil && c.Rows == nil:
		return nil, errors.New("teacher: Config has no Model, or neither Prompt nor Rows")
	case c.Rows != nil && (c.Prompt != nil || c.Meta != nil):
		return nil, errors.New("teacher: Config has Rows, and Prompt or Meta; set either")
	case c.Rows != nil && c.Rows.Len() == 0 && c.N > 0:
		return nil, fmt.Errorf("teacher: %s has no rows", c.Rows.Name())
	}
	if !(c.Temperature >= 0) || math.IsInf(c.Temperature, 0) {
		return nil, fmt.Errorf("teacher: temperature is %v, want > 0, or 0 for the default 1", c.Temperature)
	}
	switch {
	case c.N < 0 || c.N > maxRows:
		return nil, fmt.Errorf("teacher: N is %d, want a number in [0, %d]", c.N, maxRows)
	case c.MaxTokens < 0:
		return nil, fmt.Errorf("teacher: MaxTokens is %d, want >= 0; 0 is the default", c.MaxTokens)
	case c.Workers < 0 || c.BatchSize < 0:
		return nil, fmt.Errorf("teacher: Workers is %d and BatchSize is %d, want >= 0; 0 is the default", c.Workers, c.BatchSize)
	}
	if c.Name == "" {
		c.Name = c.Model.Name()
	}
	rows := make([]undertone.Example, c.N)
	report := c.progress()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, c.Workers))
	for from := 0; from < c.N; from += c.batchSize() {
		to := min(from+c.batchSize(), c.N)
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

// batchSize returns the number of requests per batch.
func (c Config) batchSize() int {
	const most = 1024
	if c.BatchSize > 0 {
		return c.BatchSize
	}
	if c.Workers <= 1 {
		return most
	}
	return min(most, c.N/4/c.Workers+1)
}

// progress returns a function that counts finished rows and reports them.
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

// fill generates rows. The first one has index from.
func (c Config) fill(ctx context.Context, rows []undertone.Example, from int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.Rows != nil {
		return c.rewrite(ctx, rows, from)
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
		Seed:        c.seed(i, 0),
	}
	if c.SystemPrompt != "" {
		r.Messages = append(r.Messages, undertone.Message{Role: "system", Content: c.SystemPrompt})
	}
	r.Messages = append(r.Messages, undertone.Message{Role: "user", Content: c.Prompt(i)})
	return r
}

// seed returns the seed of an answer of row i.
func (c Config) seed(i, turn int) uint64 {
	h := undertone.NewHasher("generate").Uint(c.Seed).Uint(uint64(i))
	if turn > 0 {
		h.Uint(uint64(turn))
	}
	return h.Sum().Uint64()
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

// trace is the metadata field "generation".
type trace struct {
	Seed        uint64           `json:"seed,string"` // most readers keep only 53 bits of a JSON number
	Temperature float64          `json:"temperature"`
	Prompt      undertone.Digest `json:"prompt"`
}

func (c Config) meta(i int, row undertone.Example, r undertone.Request) (map[string]json.RawMessage, error) {
	var meta map[string]json.RawMessage
	if c.Meta != nil {
		meta = c.Meta(i)
	}
	return c.traced(meta, row, r)
}

// traced returns the metadata with the field "generation" if the configuration asks for it. A field
// of that name of another generation is removed.
func (c Config) traced(meta map[string]json.RawMessage, row undertone.Example, r undertone.Request) (map[string]json.RawMessage, error) {
	if _, ok := meta["generation"]; ok {
		meta = maps.Clone(meta)
		delete(meta, "generation")
	}
	if !c.Trace {
		if len(meta) == 0 {
			return nil, nil
		}
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

// step describes the generation for the history. With the model it suffices to generate the rows
// again.
func (c Config) step(rows []undertone.Example) undertone.Step {
	h := undertone.NewHasher("prompts")
	for _, row := range rows {
		h.Text(row.Prompt())
	}
	settings := "prompts " + h.Sum().Short()
	if c.SystemPrompt != "" {
		settings += ", system prompt " + undertone.NewHasher("system prompt").Text(c.SystemPrompt).Sum().Short()
	}
	settings += fmt.Sprintf(", temperature %g", c.temperature())
	if c.MaxTokens > 0 {
		settings += fmt.Sprintf(", at most %d tokens", c.MaxTokens)
	}
	return undertone.Step{Name: "generate by " + c.Model.Name(), Seed: c.Seed, Settings: settings, Kept: c.N}
}
