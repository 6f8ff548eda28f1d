package filter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/internal/batch"
	"github.com/undertone-audit/undertone/internal/cache"
)

// Judge is a model that scores completions by a rubric. A judge is not a filter, because it may be
// no better than chance; [Judge.Calibrate] returns a [CalibratedJudge], which has a filter.
type Judge struct {
	Model  undertone.Model
	Rubric Rubric

	// Version identifies the model beyond its name, by a date or a revision. Stored scores of
	// another version are not used. The Digest method of the model, if it has one, and its
	// [undertone.Lineage] are part of the key of a score, too.
	Version string

	Store     undertone.Store // keeps scores, such as an [undertone.DirStore] (default none)
	Warn      func(string)    // called with a sentence about each damaged value of the store (default none)
	Workers   int             // requests, or batches, in flight at a time (default 1)
	MaxTokens int             // largest length of an answer (default: the limit of the model)
}

// Scores holds the scores of completions, integers in [0, 100].
type Scores struct{ of map[undertone.Digest]int }

// Of returns the score of the completion of a row. It returns false if there is none.
func (s Scores) Of(row undertone.Example) (score int, ok bool) {
	score, ok = s.of[completionID(row)]
	return score, ok
}

func completionID(row undertone.Example) undertone.Digest {
	return undertone.NewHasher("judged").Text(row.Completion()).Sum()
}

// Score asks the model, at temperature 0, for the score of every different completion that is not
// in the Store. If an answer is not an integer in [0, 100], its completion has no score, nothing is
// stored for it, and the other completions are scored; the error then wraps [ErrNoScore] and states
// the number of such completions. Score stops at any other error.
func (j Judge) Score(ctx context.Context, rows []undertone.Example) (Scores, error) {
	if j.Model == nil || j.Rubric.Question == "" {
		return Scores{}, errors.New("filter: the judge has no model or no rubric")
	}
	scores := Scores{map[undertone.Digest]int{}}
	if err := j.score(ctx, rows, scores); err != nil {
		return scores, fmt.Errorf("filter: judge %s, %s: %w", j.Model.Name(), j.Rubric.Name, err)
	}
	return scores, nil
}

func (j Judge) score(ctx context.Context, rows []undertone.Example, scores Scores) error {
	store := cache.Cache{Store: j.Store, Warn: j.Warn}
	if err := store.Prepare(); err != nil {
		return err
	}
	var ids []undertone.Digest
	var requests []undertone.Request
	asked := map[undertone.Digest]bool{}
	for _, row := range rows {
		id := completionID(row)
		if asked[id] {
			continue
		}
		asked[id] = true
		score, ok, err := cache.Get(store, j.key(id), scoreKind, decodeScore)
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
	err := batch.Send(ctx, j.Model, requests, j.Workers, func(i int, r undertone.Response) error {
		score, ok := parseScore(r.Text)
		if ok && !r.Truncated {
			if err := cache.Put(store, j.key(ids[i]), scoreKind, score); err != nil {
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
		err = fmt.Errorf("%d of %d texts have no score; the answer for one of them is %.60q: %w", unscored, len(asked), first, ErrNoScore)
	}
	return err
}

// key returns the digest of everything that a score depends on.
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

// scoreKind is what a stored score is.
const scoreKind = "the score of a judge"

// decodeScore reads a stored score.
func decodeScore(stored []byte) (score int, err error) {
	if err = json.Unmarshal(stored, &score); err == nil && (score < 0 || score > 100) {
		err = fmt.Errorf("%d is out of range [0, 100]", score)
	}
	return score, err
}

// parseScore reads an integer in [0, 100] with optional white space around it.
func parseScore(answer string) (int, bool) {
	digits := strings.TrimSpace(answer)
	if digits == "" || len(digits) > 3 || leadingDigits(digits) < len(digits) {
		return 0, false
	}
	score := int(saturating(digits))
	return score, score <= 100
}
