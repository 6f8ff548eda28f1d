// Package serve answers requests for a language model of this library over HTTP, with the requests
// and responses of vLLM's server. It scores given tokens, completes them, renders chats and loads
// LoRA adapters while it runs.
//
//	s, err := serve.New(serve.Config{Model: m, AdapterRoot: "adapters"})
//	err = s.Serve(ctx, listener) // until ctx is done
//
// docs/serve.md lists the endpoints, the limits and the differences from vLLM.
package serve
