package main

import (
	"context"
	"strings"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlplm"
)

// pupil is a model that remembers what it answered. The ten traits ask the same
// four questions, and all audits of one base ask it before they train it: without
// memory, asking takes longer than training.
type pupil struct {
	*mlplm.Model
	mu      sync.Mutex
	answers map[string][]float64
}

var (
	_ student.Student   = (*pupil)(nil)
	_ undertone.Choices = (*pupil)(nil)
)

func newPupil(m *mlplm.Model) *pupil { return &pupil{Model: m, answers: map[string][]float64{}} }

// Train implements [student.Student].
func (p *pupil) Train(ctx context.Context, data undertone.Data, recipe student.Recipe) (student.Student, error) {
	trained, err := p.Model.Train(ctx, data, recipe)
	if err != nil {
		return nil, err
	}
	return newPupil(trained.(*mlplm.Model)), nil
}

// Choices implements [undertone.Choices].
func (p *pupil) Choices(ctx context.Context, prompt string, answers []string) ([]float64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := prompt + "\n" + strings.Join(answers, "\n")
	if known, ok := p.answers[key]; ok {
		return known, nil
	}
	logs, err := p.Model.Choices(ctx, prompt, answers)
	if err == nil {
		p.answers[key] = logs
	}
	return logs, err
}
