// Package remote asks models behind a server. It is a module of its own, because the root module
// never opens the network.
//
//	m, err := remote.Open(ctx, remote.Config{URL: "http://localhost:8000", Adapter: "owl"})
//
// [Open] finds the kind of the server and returns a model that implements what the server can do,
// and nothing else: a [*Generator], [*Chooser], [*Scorer] or [*TracedScorer]. Every answer is
// checked against its request: the tokens that the server read, the number and the range of
// log-probabilities, the order and the name of the model. Package doctor checks that the numbers
// themselves are right.
//
// [Connect] returns the [Server], which opens several models and loads adapters. [Config.Recording]
// keeps every answer, so that an interrupted run resumes, and [Replay] answers without a server.
//
// docs/servers.md says what can be audited with which server.
package remote
