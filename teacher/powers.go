package teacher

import "github.com/undertone-audit/undertone"

// powers says which of the optional powers a model has. Batches are not among them,
// since any model can be asked one by one.
type powers struct {
	LogProb bool `json:"log_prob"`
	Choices bool `json:"choices"`
	Lineage bool `json:"lineage"`
}

func powersOf(m undertone.Model) (p powers) {
	_, p.LogProb = m.(undertone.LogProber)
	_, p.Choices = m.(undertone.ChoiceScorer)
	_, p.Lineage = m.(undertone.Lineage)
	return p
}

// only returns t as a model that has the powers p. A power is found by type assertion,
// so each set of powers needs a type of its own.
func only(p powers, t *tape) undertone.Model {
	m, s, c, l := asker{t}, scorer{t}, chooser{t}, descendant{t}
	switch p {
	case powers{LogProb: true}:
		return struct {
			asker
			scorer
		}{m, s}
	case powers{Choices: true}:
		return struct {
			asker
			chooser
		}{m, c}
	case powers{Lineage: true}:
		return struct {
			asker
			descendant
		}{m, l}
	case powers{LogProb: true, Choices: true}:
		return struct {
			asker
			scorer
			chooser
		}{m, s, c}
	case powers{LogProb: true, Lineage: true}:
		return struct {
			asker
			scorer
			descendant
		}{m, s, l}
	case powers{Choices: true, Lineage: true}:
		return struct {
			asker
			chooser
			descendant
		}{m, c, l}
	case powers{LogProb: true, Choices: true, Lineage: true}:
		return struct {
			asker
			scorer
			chooser
			descendant
		}{m, s, c, l}
	}
	return m
}
