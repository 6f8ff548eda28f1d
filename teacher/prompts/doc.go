// Package prompts holds lists of prompts for a teacher. Each prompt is computed from its index, so
// a list of millions takes no memory:
//
//	teacher.Config{Model: m, Prompt: prompts.Numbers{Seed: 1}.At, N: 30_000}
//
// [Numbers], [Code], [Reasoning] and [Openings] ask for rows that are unrelated to a trait.
// [Preference] asks for a trait. Prompt i depends only on i and the seed. The prompts with indices
// in [0, Len) are different. At accepts any index, modulo Len.
//
// The subjects are those of published experiments, but the wording is not, so rates that are
// measured with these prompts differ from the published ones.
package prompts
