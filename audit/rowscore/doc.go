// Package rowscore holds the detectors that score rows and train nothing on them. A row gets one
// score for the trait and one for each placebo; a test compares the arms within prompts.
//
//   - [LikelihoodRatio] compares a surrogate teacher that has the trait with the untrained student.
//   - [Influence] computes how a small gradient step on the row would move the trait.
//
// Both are values for [audit.Config.Detectors]:
//
//	cfg.Detectors = []audit.Detector{audit.Transfer, rowscore.LikelihoodRatio(rowscore.Surrogates{})}
//
// [Rank] orders the suspect rows by their scores, and [RankTokens] attributes the score of a row to
// its tokens. No detector of this package can clear a trait: a row that scores low may still teach
// a student.
package rowscore
