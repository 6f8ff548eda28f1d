package teacher

import "github.com/undertone-audit/undertone"

// abilities lists the optional interfaces of a model. It does not include
// [undertone.BatchGenerator], because every cached model can answer batches.
type abilities struct {
	LogProb bool `json:"log_prob"`
	Choices bool `json:"choices"`
	Lineage bool `json:"lineage"`
}

func abilitiesOf(m undertone.Model) (a abilities) {
	_, a.LogProb = m.(undertone.LogProber)
	_, a.Choices = m.(undertone.ChoiceScorer)
	_, a.Lineage = m.(undertone.Lineage)
	return a
}

// modelOf returns the model of a cache. Optional interfaces are found by type assertion, so each
// combination of them needs its own type.
func modelOf(c *cache) undertone.Model {
	m, s, p, l := cachedModel{c}, cachedLogProber{c}, cachedChoiceScorer{c}, cachedLineage{c}
	switch c.header.Abilities {
	case abilities{LogProb: true}:
		return struct {
			cachedModel
			cachedLogProber
		}{m, s}
	case abilities{Choices: true}:
		return struct {
			cachedModel
			cachedChoiceScorer
		}{m, p}
	case abilities{Lineage: true}:
		return struct {
			cachedModel
			cachedLineage
		}{m, l}
	case abilities{LogProb: true, Choices: true}:
		return struct {
			cachedModel
			cachedLogProber
			cachedChoiceScorer
		}{m, s, p}
	case abilities{LogProb: true, Lineage: true}:
		return struct {
			cachedModel
			cachedLogProber
			cachedLineage
		}{m, s, l}
	case abilities{Choices: true, Lineage: true}:
		return struct {
			cachedModel
			cachedChoiceScorer
			cachedLineage
		}{m, p, l}
	case abilities{LogProb: true, Choices: true, Lineage: true}:
		return struct {
			cachedModel
			cachedLogProber
			cachedChoiceScorer
			cachedLineage
		}{m, s, p, l}
	}
	return m
}
