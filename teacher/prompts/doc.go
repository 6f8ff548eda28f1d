// Package prompts holds lists of prompts to give to a teacher. All are computed from
// an index, so a list of millions takes no memory:
//
//	teacher.Config{Model: m, Prompt: prompts.Numbers{Seed: 1}.At, N: 30_000}
//
// [Numbers], [Code], [Reasoning] and [Openings] ask for rows that have nothing to do
// with a trait; [Preference] asks for one. Prompt i of a seed is the same whatever
// the number of prompts that are used, and the prompts of [0, Len) are all
// different. At takes any index and goes round after Len prompts.
//
// The subjects are those of the published experiments; the wording is our own, so that
// rates measured with these prompts are not the published ones.
package prompts
