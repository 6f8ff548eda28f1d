// Package lineage says whether two models share a base: whether one was made from the other, or
// both from a third. A shared base is the premise of transfer: a student learns a hidden trait of a
// teacher that started from the same weights, and hardly that of another.
//
//	a, b := lineage.Of(generator), lineage.Of(student)
//	result, err := lineage.Compare(ctx, a, b, lineage.Options{})
//	fmt.Println(result.Grade, result.Statement)
//
// Evidence is gathered in order of cost: digests, what the models declare, the headers of their
// files, the weights ([WeightTest]), and the answers to random prompts ([BehaviourTest]). A [Grade]
// says what the evidence supports. No grade clears a data set of a trait. docs/lineage.md has the
// measured rates and what each grade does not mean.
//
// Two models with the same initial weights and no other training in common share a base:
// transfer depends on the initial weights.
package lineage
