package main

import (
	"context"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// trainOnce is a student that trains once on equal data and recipes, such as the overt rows of
// surrogates in the audits of one world, and scores equal rows once, such as the control rows of
// several teachers. It does not change their results.
type trainOnce struct {
	trainable
	scoreOnce
	whole   func() (student.Student, error)
	mu      sync.Mutex
	trained map[undertone.Digest]student.Student
}

func newTrainOnce(base trainable) *trainOnce {
	return &trainOnce{
		trainable: base, scoreOnce: newScoreOnce(base.(undertone.LogProber)), trained: map[undertone.Digest]student.Student{},
		whole: sync.OnceValues(func() (student.Student, error) {
			adapted, ok := base.(student.Adapted)
			if !ok {
				return nil, nil
			}
			whole, err := adapted.Unadapted()
			if whole == nil || err != nil {
				return nil, err
			}
			return newTrainOnce(whole.(trainable)), nil
		}),
	}
}

// Unadapted implements [student.Adapted].
func (s *trainOnce) Unadapted() (student.Student, error) { return s.whole() }

// Train implements [student.Student].
func (s *trainOnce) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	key := undertone.NewHasher("trained").Digest(data.Digest()).Digest(recipe.Digest()).Sum()
	s.mu.Lock()
	known, ok := s.trained[key]
	s.mu.Unlock()
	if ok {
		return known, nil
	}
	trained, err := s.trainable.Train(ctx, data, recipe)
	if err != nil {
		return nil, err
	}
	if model, ok := trained.(undertone.LogProber); ok {
		trained = scoredStudent{trained, newScoreOnce(model)}
	}
	s.mu.Lock()
	s.trained[key] = trained
	s.mu.Unlock()
	return trained, nil
}

// scoredStudent is a student that scores equal rows once.
type scoredStudent struct {
	student.Student
	scoreOnce
}

// scoreOnce is a model that scores equal rows once. Its scores do not depend on the other rows of a
// call.
type scoreOnce struct {
	model  undertone.LogProber
	mu     *sync.Mutex
	scores map[undertone.Digest]float64
}

func newScoreOnce(model undertone.LogProber) scoreOnce {
	return scoreOnce{model, new(sync.Mutex), map[undertone.Digest]float64{}}
}

// LogProb implements [undertone.LogProber].
func (s scoreOnce) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	logs, missing := make([]float64, len(rows)), []int(nil)
	var ask []undertone.Example
	s.mu.Lock()
	for i, row := range rows {
		if known, ok := s.scores[row.ID()]; ok {
			logs[i] = known
		} else {
			missing, ask = append(missing, i), append(ask, row)
		}
	}
	s.mu.Unlock()
	if len(ask) == 0 {
		return logs, nil
	}
	scored, err := s.model.LogProb(ctx, ask)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, i := range missing {
		logs[i] = scored[k]
		s.scores[ask[k].ID()] = scored[k]
	}
	return logs, nil
}
