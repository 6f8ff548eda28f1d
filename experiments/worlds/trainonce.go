package main

import (
	"context"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// trainOnce is a student that trains once on equal data and recipes, such as the overt rows of
// surrogates in the audits of one world. It does not change their results.
type trainOnce struct {
	trainable
	undertone.LogProber
	whole   func() (student.Student, error)
	mu      sync.Mutex
	trained map[undertone.Digest]student.Student
}

func newTrainOnce(base trainable) *trainOnce {
	return &trainOnce{
		trainable: base, LogProber: base.(undertone.LogProber), trained: map[undertone.Digest]student.Student{},
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
	if err == nil {
		s.mu.Lock()
		s.trained[key] = trained
		s.mu.Unlock()
	}
	return trained, err
}
