package sanitise

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/internal/batch"
)

// Paraphrase has a model rewrite the answers or the prompt in other words. A row is dropped if an
// answer of the model is empty or truncated. Each row has its own seed. For prompts the seed
// depends only on the prompt, so that both arms of an experiment get the same new prompts.
type Paraphrase struct {
	Model undertone.Model
	Of    filter.Part // filter.Completions, or filter.Prompts for the last message of the user

	// Instruction precedes the text in the request (default: an instruction of this package).
	Instruction string

	// Suspect is the lineage of the model that is suspected to have written the rows. A model with
	// the same lineage can write the trait back.
	Suspect undertone.Digest

	Temperature float64 // >= 0; 0 is greedy
	MaxTokens   int     // largest length of an answer (default: the limit of the model)
	Workers     int     // requests, or batches, in flight at a time (default 1); does not change the result
}

const paraphrase = "Say the text below in other words. Keep its meaning, its language, and all facts, numbers and code exactly. " +
	"Answer with the new text alone. The text follows the line of dashes.\n\n----------"

// Name implements [Sanitiser].
func (p Paraphrase) Name() string { return "paraphrase" }

// String states the settings.
func (p Paraphrase) String() string {
	name := "nobody"
	if p.Model != nil {
		name = p.Model.Name()
	}
	return fmt.Sprintf("%v by %s, temperature %v, at most %d tokens, instruction %q", p.Of, name, p.Temperature, p.MaxTokens, p.instruction())
}

func (p Paraphrase) instruction() string {
	if p.Instruction == "" {
		return paraphrase
	}
	return p.Instruction
}

// Warnings implements [Warner].
func (p Paraphrase) Warnings() []string {
	if p.Of != filter.Completions || p.Model == nil {
		return nil // the teacher did not write the prompts
	}
	l, ok := p.Model.(undertone.Lineage)
	switch {
	case !ok || p.Suspect.IsZero():
		return []string{"it is unknown whether the paraphraser has the base of the suspected model"}
	case l.Lineage() == p.Suspect:
		return []string{"the paraphraser has the base of the suspected model and can write the trait back"}
	}
	return nil
}

// Rewrite implements [Sanitiser].
func (p Paraphrase) Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error) {
	if p.Model == nil || p.Of != filter.Completions && p.Of != filter.Prompts {
		return nil, errors.New("want a model, and Of to be filter.Completions or filter.Prompts")
	}
	out := data.Examples()
	var at []place // of each request
	var requests []undertone.Request
	for i, row := range until(ctx, data) {
		id := data.RowID(i)
		if p.Of == filter.Prompts {
			id = data.GroupID(i)
		}
		seeds := random(p.Name(), seed, id)
		for _, piece := range p.pieces(row) {
			at = append(at, place{i, piece})
			requests = append(requests, undertone.Request{
				Messages:    []undertone.Message{{Role: "user", Content: p.instruction() + "\n" + piece.Text}},
				MaxTokens:   p.MaxTokens,
				Temperature: p.Temperature,
				Seed:        seeds.Uint64(),
			})
		}
	}
	texts := make([]string, len(requests)) // "" drops the row
	err := batch.Send(ctx, p.Model, requests, p.Workers, func(i int, r undertone.Response) error {
		if !r.Truncated && strings.TrimSpace(r.Text) != "" {
			texts[i] = r.Text
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Model.Name(), err)
	}
	for i, where := range at {
		switch row := &out[where.row]; {
		case texts[i] == "":
			row.Messages = nil
		case row.Messages != nil:
			*row = setPieces(*row, []undertone.Piece{where.piece}, texts[i:i+1])
		}
	}
	return out, nil
}

// place is a text of a row.
type place struct {
	row   int
	piece undertone.Piece
}

// pieces returns the texts to rewrite: the contents and the reasoning of the answers, or the last
// message of the user in the prompt, or the last message before the answer if the user says
// nothing.
func (p Paraphrase) pieces(row undertone.Example) []undertone.Piece {
	if p.Of == filter.Completions {
		return slices.DeleteFunc(row.Pieces(), func(p undertone.Piece) bool { return p.Field == undertone.Call })
	}
	answers, last := row.Answers(), -1
	for i, m := range row.Messages {
		if m.Role == "user" || i == len(row.Messages)-2 && last < 0 && !slices.Contains(answers, i) {
			last = i
		}
	}
	if last < 0 || slices.Contains(answers, last) {
		return nil
	}
	return []undertone.Piece{{Message: last, Text: row.Messages[last].Content}}
}
