// Package audit finds out whether training on a data set would move hidden
// traits of a student. The experiment is fixed before anything is measured: a
// suspect data set, a trait-free control made from the same prompts through the
// same filters, a student, the traits to look for. [Run] trains pairs of
// students, one on each arm, probes them, and returns a [Report] with one of
// three verdicts.
//
//	report, err := audit.Run(ctx, audit.Config{
//		Suspect: kept, Control: control, Student: base,
//		Traits: []audit.Trait{audit.Prefers("animal", "owl", animals...)},
//	})
//
// The core does not know about text: it works on rows with identities
// ([undertone.Data]), on a student that can be trained ([student.Student]), and on
// probes that return a distribution over outcomes ([Probe]).
//
// # Detectors
//
// [Transfer] trains students and is the reference: it alone can clear a trait. [LikelihoodRatio]
// and [Influence] score rows without training on them. [Corpus] says whether the arms can
// be told apart at all. Each finding states a channel and what it cannot see.
//
// # Several data sets
//
// [Cross] takes data sets that are each said to carry another trait, and asks whether they move students to the very
// trait that they are named for, more than to one another's.
//
// # Rules of inference
//
// The unit is the replicate pair or, where rows are scored, the prompt; never the answer. A
// detector detects a trait if the effect is large enough to matter and its p-value,
// adjusted by Holm over all traits and detectors of the audit, is at most alpha. Transfer calls it
// undetected only if the whole confidence interval of the shift lies within ±tolerance and the
// same test finds the trait in the planted positive control. All else is
// inconclusive, with the reasons and, where it is known, the number of pairs or rows that would do.
// [TraitVerdict] has the rules by which findings make one verdict. No verdict says that a data set is safe.
package audit
