// Package rowscore holds the detectors that score rows and train nothing on them. A row gets one
// score for each candidate: the trait and its placebos. The scores for the placebos are used to
// centre the score for the trait, and a test compares the centred scores of the arms within
// prompts.
//
//   - [LikelihoodRatio] compares a surrogate teacher that has the trait with the untrained student.
//   - [Influence] computes how far a small gradient step on the row goes towards that surrogate.
//
// Both are values for [audit.Config.Detectors]:
//
//	cfg.Detectors = []audit.Detector{audit.Transfer, rowscore.LikelihoodRatio(rowscore.Surrogates{})}
//
// Rows and probes must be text, and a trait needs at least 4 placebos.
//
// [Rank] orders the suspect rows by their scores, and [RankTokens] attributes the score of a row to
// its tokens. No detector of this package can clear a trait: a row that scores low may still teach
// a student.
package rowscore
