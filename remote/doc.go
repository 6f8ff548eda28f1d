// Package remote asks models behind a server. It is a module of its own, because the root module
// never opens the network.
package remote
