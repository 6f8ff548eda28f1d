package main

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/cmd/undertone/internal/machine"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// memoryPlan is the memory that a verb may take, and what it plans to take. Estimates are upper
// bounds for usual rows: the memory of a garbage-collected heap is up to twice that of its values.
type memoryPlan struct {
	machine.Memory
	verb  string
	files int64        // of the rows in files, from their sizes and first rows
	held  atomic.Int64 // of the rows that were read and are held
}

// programMemory is the memory of the command besides rows and models, in bytes.
const programMemory = 64 << 20

// heapPerRow is the memory of a verb over that of the rows it holds. Measured with 240,000 and
// 960,000 rows of 88 bytes: sanitise 3.6 kB, match 3.2 kB, train 1.7 kB per row.
var heapPerRow = map[string]float64{"sanitise": 3.2, "match": 3, "corpus": 2}

// heapPerOtherRow is heapPerRow of every other verb.
const heapPerOtherRow = 1.6

func (p *memoryPlan) perRow() float64 {
	if f, ok := heapPerRow[p.verb]; ok {
		return f
	}
	return heapPerOtherRow
}

// holdsRows are the verbs that hold all rows of their files.
var holdsRows = map[string]bool{"sanitise": true, "match": true, "corpus": true, "train": true, "audit": true, "factorial": true, "rank": true, "clean": true, "generate": true}

// rowMemory returns the memory of the values of a row, in bytes.
func rowMemory(row jsonl.Row) int64 {
	return 2*int64(len(row.Source)) + 512 + int64(len(row.Messages))*256 + int64(len(row.Meta))*128
}

// hold counts rows that are held. It returns an error if they take more memory than there is.
func (p *memoryPlan) hold(name string, bytes int64) error {
	if p == nil {
		return nil
	}
	if need := programMemory + int64(p.perRow()*float64(p.held.Add(bytes))); need > p.Bytes {
		return fmt.Errorf("%s: the rows need more than %s of memory, and %s; give fewer rows, such as a part of the file", name, size(need), p.limit())
	}
	return nil
}

// limit says how much memory there is.
func (p *memoryPlan) limit() string { return fmt.Sprintf("%s has %s", p.Source, size(p.Bytes)) }

// size writes bytes for people.
func size(bytes int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB", "EB"}
	n, u := float64(bytes), 0
	for n >= 1000 && u < len(units)-1 {
		n, u = n/1000, u+1
	}
	if u == 0 {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return fmt.Sprintf("%.1f %s", n, units[u])
}

// sampleSize is the size of the first rows of a file from which its memory is estimated, in bytes.
const sampleSize = 1 << 20

// planRows estimates the memory of the files of rows that a verb holds. It returns an error if it
// is more than there is.
func (p *memoryPlan) planRows(uses []fileUse) error {
	if !holdsRows[p.verb] {
		return nil
	}
	for _, u := range uses {
		if u.writes || u.info == nil || !u.info.Mode().IsRegular() || u.path == standard || p.verb == "corpus" && u.info.Size() >= onDiskSize {
			continue
		}
		perByte := memoryPerByte(u.path)
		p.files += int64(perByte * float64(u.info.Size()))
		if need := p.rows(); need > p.Bytes {
			return fmt.Errorf("%s: the rows of %s need about %s of memory, and %s; give fewer rows, such as a part of the file", u.path, u.what, size(need), p.limit())
		}
	}
	return nil
}

// rows returns the memory of the program with the rows of the files.
func (p *memoryPlan) rows() int64 { return programMemory + int64(p.perRow()*float64(p.files)) }

// memoryPerByte returns the memory of the first rows of a file over their bytes in the file; 0 if
// it is no file of rows. That of a compressed file is an estimate, which the rows may exceed; see
// [memoryPlan.hold].
func memoryPerByte(path string) float64 {
	r, err := jsonl.Open(path)
	if err != nil {
		return 0
	}
	defer r.Close()
	var memory, text int64
	for row, err := range r.Rows() {
		if err != nil {
			return 0
		}
		memory += rowMemory(row)
		if text += int64(len(row.Source)) + 1; text >= sampleSize {
			break
		}
	}
	if r.Compression() != "" {
		text = max(1, r.BytesRead())
	}
	return float64(memory) / float64(max(1, text))
}

// demand is what a verb will take, beyond holding rows.
type demand struct {
	memory int64   // of models, their training and their answers, in bytes
	by     string  // flag that lowers the memory, with what to do
	time   float64 // in seconds; 0 if it is unknown
	stored bool    // finished work is kept, and takes no time again
}

// start prints the plan of a verb on a terminal. It returns an error if the plan takes more memory
// than there is.
func (p *memoryPlan) start(c console, w demand) error {
	if p == nil {
		return nil
	}
	need := max(p.rows(), programMemory+int64(p.perRow()*float64(p.held.Load()))) + w.memory
	if need > p.Bytes || need < 0 {
		if need < 0 {
			need = 1<<63 - 1
		}
		return fmt.Errorf("the plan needs about %s of memory, and %s: %s", size(need), p.limit(), w.by)
	}
	if isTerminal(c.stderr) && !c.flags.Quiet {
		text := fmt.Sprintf("plan: at most about %s of memory (%s)", size(need), p.limit())
		if w.time > 0 {
			text += fmt.Sprintf(" and about %v", (time.Duration(w.time*10) * time.Second / 10).Round(time.Second))
			if w.stored {
				text += ", less what the store has"
			}
		}
		c.note("%s", text)
	}
	return nil
}

// trainingMemory estimates the memory of a model and of students of it that are trained at once, in
// bytes, and says what lowers it. Longest is the largest number of tokens of a row. Rank 0 trains
// all weights.
func trainingMemory(m *lm.Model, longest, rank, students int, r student.Recipe, flags string) demand {
	const float = 4 // bytes of a float32
	c, parameters := m.Config(), m.Parameters()
	layers, dim := int64(c.Layers), int64(c.Dim)
	trained := parameters
	if rank > 0 {
		trained = layers * int64(rank) * (8*dim + 3*(dim+int64(c.Hidden))) // A and B of four layers of attention and three others
	}
	tokens := int64(min((r.BatchSize-1)/max(1, r.Accumulate)+1, maxPlannedRows)) * int64(min(longest, c.Context, maxPlannedTokens))
	// What a block computes for a token, with its gradient; LoRA computes rank more in seven layers.
	perToken := 2 * float * (layers*(16*dim+4*int64(c.Hidden)+7*int64(rank)) + 2*int64(c.Vocabulary))
	weights := parameters*float + 2*float*scoredAtOnce*int64(min(longest, c.Context, maxPlannedTokens))*int64(c.Vocabulary) // and the scores of a batch
	each := trained*float*int64(4+max(1, r.Shards)) + tokens*perToken
	w := demand{memory: weights + int64(students)*each, by: "lower --batch, or raise --accumulate" + flags}
	if rank > 0 && trained*float*5 > tokens*(perToken-2*float*layers*7*int64(rank)) {
		w.by = fmt.Sprintf("lower --lora from %d", rank)
	}
	return w
}

// Rows and tokens of a step beyond which its memory is not estimated, so that no product overflows.
const (
	maxPlannedRows   = 1 << 20
	maxPlannedTokens = 1 << 17
)

// secondsPerScore measures the time to score one of the first rows. Training on a row takes about
// three times as long.
func secondsPerScore(ctx context.Context, m *lm.Model, data undertone.Text) float64 {
	var rows []lm.Tokens
	for i := range min(data.Len(), 64) {
		row, err := undertone.ReadExample(data, i)
		if err != nil {
			return 0
		}
		t, err := m.Encode(row)
		if err != nil {
			return 0 // the verb reports the error
		}
		rows = append(rows, t)
	}
	if len(rows) == 0 {
		return 0
	}
	if _, err := m.LogProbsOf(ctx, rows[:1]); err != nil { // the first call is slower
		return 0
	}
	start := time.Now()
	if _, err := m.LogProbsOf(ctx, rows); err != nil {
		return 0
	}
	return time.Since(start).Seconds() / float64(len(rows))
}

// defaultMaxTokens is the largest number of tokens of an answer without --max-tokens.
const defaultMaxTokens = 256

// generationMemory estimates the memory of n answers, and of a model that writes a batch of them.
func generationMemory(c transformer.Config, n, maxTokens int) demand {
	const perAnswer = 3 << 10 // the row, the recorded answer and their text
	tokens := float64(min(maxTokens, c.Context, maxPlannedTokens))
	caches := float64(generatedAtOnce*8*c.Layers*c.Dim) * tokens
	need := float64(n)*(perAnswer+min(tokens, maxAnswer)) + caches
	if need >= math.MaxInt64 {
		need = math.MaxInt64 / 2
	}
	return demand{memory: int64(need), by: fmt.Sprintf("lower --rows from %d, or write several files", n)}
}

// maxAnswer is the text of an answer that is planned for, in bytes.
const maxAnswer = 4 << 10

// corpusWork estimates a comparison of two arms of so many rows each. Measured: 0.8 GB and 25 s of
// two cores for 20,000 rows of 80 bytes per arm.
func corpusWork(rows int) demand {
	const perRow = 20 << 10
	return demand{memory: 2 * int64(rows) * perRow, by: "lower --rows", time: corpusSeconds * math.Pow(float64(rows), corpusGrowth)}
}

// corpusSeconds is the time to compare two arms of one row each, which grows with [corpusGrowth];
// of one core, see [corpusGrowth].
const corpusSeconds = 0.1

// forecast prints the plan of an audit that is run a number of times, or returns an error if it
// takes too much memory.
func (p plan) forecast(ctx context.Context, c console, cfg audit.Config, rank, times int) error {
	m, ok := cfg.Student.(*lm.Model)
	recipe, err := cfg.Recipe.WithDefaults()
	if !ok || err != nil {
		return nil // the audit reports the error
	}
	suspect, text := cfg.Suspect.(undertone.Text)
	recipe.BatchSize = min(recipe.BatchSize, max(1, cfg.Suspect.Len(), cfg.Control.Len()))
	w := trainingMemory(m, longestRow(m, cfg.Suspect, cfg.Control), rank, runtime.GOMAXPROCS(0), recipe, ", or set GOMAXPROCS=1 to train one student at a time")
	if p.has(likelihoodDetector) {
		w.memory = int64(surrogatesHeap * float64(w.memory))
	}
	if isTerminal(c.stderr) && text {
		w.time, w.stored = float64(times)*p.roughSeconds(cfg, secondsPerScore(ctx, m, suspect)), cfg.Store != nil
	}
	return c.memory.start(c, w)
}

// surrogatesHeap is the memory of the students and surrogates of an audit, over that of its
// students. It was measured by .ci/memory for rank and clean, whose surrogates score rows while
// others are trained.
const surrogatesHeap = 1.6

// sharedAnswers is the number of answers to a question that take as long as a row: they share the
// computation of the question.
const sharedAnswers = 8

// roughSeconds estimates the time of an audit from the time to score a row. --budget measures more.
func (p plan) roughSeconds(cfg audit.Config, score float64) float64 {
	w, err := newWorkload(cfg)
	if err != nil {
		return 0
	}
	if p.rows == 0 {
		p.rows = w.rows
	}
	p.whole = w.whole
	questions := 0.0
	for _, t := range cfg.Traits {
		for _, probe := range slices.Concat(t.Probes, t.Indirect) {
			questions += 1 + float64(len(probe.Outcomes))/sharedAnswers
		}
	}
	const training = 3 // times the time of scoring: forward, and backward at twice its cost
	u := unitCosts{trainRow: training * score, askProbes: questions * score, overtRow: score, scoreRow: score, promptedRow: 2 * score, corpus: corpusSeconds}
	return u.seconds(p, w)
}

// longestRow returns the tokens of the row with the longest text, which is about the longest row.
func longestRow(m *lm.Model, arms ...undertone.Data) int {
	longest, bytes := undertone.Example{}, -1
	for _, arm := range arms {
		data, ok := arm.(*undertone.Dataset)
		if !ok {
			return maxPlannedTokens
		}
		for _, row := range data.All() {
			n := 0
			for _, m := range row.Messages {
				n += len(m.Content) + len(m.Reasoning)
			}
			if n > bytes {
				longest, bytes = row, n
			}
		}
	}
	t, err := m.Encode(longest)
	if err != nil {
		return 0 // the verb reports the error
	}
	return len(t.IDs)
}
