// Package audit finds out whether training on a data set would give a student a hidden trait. The
// experiment is fixed before it runs: a suspect data set, a trait-free control made from the same
// prompts through the same filters, a student, and the traits to look for. [Run] returns a [Report]
// with one of three verdicts.
//
//	report, err := audit.Run(ctx, audit.Config{
//		Suspect: kept, Control: control, Student: base,
//		Traits: []audit.Trait{audit.Prefers("animal", "owl", animals...)},
//	})
//
// Most programs need [Config], [Prefers], [Run] and [Report.Render]. Unit tests use package
// audittest.
//
// The package does not depend on text: it works on rows with identities ([undertone.Data]), on a
// student that can be trained ([student.Student]), and on probes that return a distribution over
// outcomes ([Probe]).
//
// # Detectors
//
// A [Detector] measures traits or compares the arms. [Transfer] trains students and is the
// reference: it can clear a trait. The detectors of package rowscore score rows without training on
// them. The detector of package corpus asks whether the arms can be told apart at all. Your own
// detector is a value of the same type; package audittest/detectortest checks it. Each detector
// states what it observes and what it cannot see.
//
// # Rules of inference
//
// The unit of inference is the replicate pair or, for scores of rows, the row within its prompt;
// never the answer. P-values are adjusted by Holm over all traits and detectors of the audit. The
// rules that turn measurements into verdicts stand in rules.go: [JudgeReplicates], [JudgeRows] and
// [TraitVerdict]. Detected needs an effect that matters, larger than those of the placebos, and an
// adjusted p-value of at most alpha. Undetected needs the whole confidence interval within the
// tolerance, for students of all rows, and a positive control that the audit found among control
// rows. Everything else is inconclusive, with what is missing. No verdict says that a data set is
// safe.
//
// # The arms
//
// Before it trains a student, [Run] compares the arms in what is no trait: layout, lengths, prompts
// and more (package confound). While they differ by more than a margin and chance, no trait is
// detected or undetected, unless [Config].AcceptConfounds names the difference.
//
// # Packages
//
//	audit/confound   differences between the arms that are no trait; matching
//	audit/rowscore   likelihood ratio and influence of rows; rankings of rows and tokens
//	audit/corpus     suspect against control without a model
//	audit/factorial  several data sets and several traits in a crossed design
//	audit/clean      removing suspicious rows or words, step by step
//	audit/stats      the statistics
//	audit/audittest  assertions for unit tests; audittest/detectortest checks detectors
//	traits           a library of traits to look for, and traits files
package audit
