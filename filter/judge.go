package filter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/internal/ask"
)

// Judge is a model that scores completions by a rubric. It is no filter: a
// judge may be as good as a coin, so [Judge.Calibrate] comes first.
type Judge struct {
	Model  undertone.Model
	Rubric Rubric

	// Version says what the model's name does not: a date, a revision. Scores of
	// another version are asked for again. If the model has a Digest or a
	// [undertone.Lineage], that counts as well.
	Version string

	Store     undertone.Store // keeps scores, so that no text is paid for twice, such as undertone.DirStore; none
	Workers   int             // requests (or batches) under way at once; 1
	MaxTokens int             // of an answer; 0 means the model's own limit
}

// Scores are a judge's, from 0 to 100, by the text of the completion.
type Scores struct{ of map[undertone.Digest]int }

// Of returns the score of a row's completion; false if it was not scored.
func (s Scores) Of(row undertone.Example) (score int, ok bool) {
	score, ok = s.of[completionID(row)]
	return score, ok
}

func completionID(row undertone.Example) undertone.Digest {
	return undertone.NewHasher("judged").Text(row.Completion()).Sum()
}

// Score asks for a score of every different completion, greedily (temperature
// 0), unless the Store has it. An answer that is anything but one integer from 0
// to 100 is no score and is not stored: the other texts are scored all the same,
// and the error, which wraps [ErrNoScore], counts such texts. Other errors end it.
func (j Judge) Score(ctx context.Context, rows []undertone.Example) (Scores, error) {
	if j.Model == nil || j.Rubric.Question == "" {
		return Scores{}, errors.New("filter: a judge needs a model and a rubric")
	}
	scores := Scores{map[undertone.Digest]int{}}
	if err := j.score(ctx, rows, scores); err != nil {
		return scores, fmt.Errorf("filter: judge %s, %s: %w", j.Model.Name(), j.Rubric.Name, err)
	}
	return scores, nil
}

func (j Judge) score(ctx context.Context, rows []undertone.Example, scores Scores) error {
	var ids []undertone.Digest
	var requests []undertone.Request
	asked := map[undertone.Digest]bool{}
	for _, row := range rows {
		id := completionID(row)
		if asked[id] {
			continue
		}
		asked[id] = true
		score, ok, err := j.load(id)
		if err != nil {
			return err
		}
		if ok {
			scores.of[id] = score
			continue
		}
		ids = append(ids, id)
		requests = append(requests, undertone.Request{
			Messages:  []undertone.Message{{Role: "user", Content: j.Rubric.ask(row.Completion())}},
			MaxTokens: j.MaxTokens,
		})
	}
	var mu sync.Mutex
	unscored, first := 0, ""
	err := ask.Each(ctx, j.Model, requests, j.Workers, func(i int, r undertone.Response) error {
		score, ok := parseScore(r.Text)
		if ok && !r.Truncated {
			if err := j.save(ids[i], score); err != nil {
				return err
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if ok && !r.Truncated {
			scores.of[ids[i]] = score
			return nil
		}
		if unscored++; unscored == 1 {
			first = r.Text
		}
		return nil
	})
	if err == nil && unscored > 0 {
		err = fmt.Errorf("%d of %d texts, one of them with the answer %.60q: %w", unscored, len(asked), first, ErrNoScore)
	}
	return err
}

// key is the digest of all that a score depends on.
func (j Judge) key(text undertone.Digest) undertone.Digest {
	h := undertone.NewHasher("judge score").Text(j.Model.Name()).Text(j.Version).Text(j.Rubric.Question).Uint(uint64(j.MaxTokens))
	var weights, lineage undertone.Digest
	if m, ok := j.Model.(interface{ Digest() undertone.Digest }); ok {
		weights = m.Digest()
	}
	if m, ok := j.Model.(undertone.Lineage); ok {
		lineage = m.Lineage()
	}
	return h.Digest(weights).Digest(lineage).Digest(text).Sum()
}

func (j Judge) load(text undertone.Digest) (score int, ok bool, err error) {
	if j.Store == nil {
		return 0, false, nil
	}
	value, ok, err := j.Store.Get(j.key(text))
	if err != nil || !ok {
		return 0, false, err
	}
	if err := json.Unmarshal(value, &score); err != nil || score < 0 || score > 100 {
		return 0, false, fmt.Errorf("the store has %.60q for a score: delete it and run again", value)
	}
	return score, true, nil
}

func (j Judge) save(text undertone.Digest, score int) error {
	if j.Store == nil {
		return nil
	}
	return j.Store.Put(j.key(text), []byte(strconv.Itoa(score)))
}

// parseScore takes an integer from 0 to 100 with nothing but white space around it.
func parseScore(answer string) (int, bool) {
	digits := strings.TrimSpace(answer)
	if digits == "" || len(digits) > 3 || leadingDigits(digits) < len(digits) {
		return 0, false
	}
	score := int(saturating(digits))
	return score, score <= 100
}
