package serve

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/undertone-audit/undertone/student/lm"
)

// served is a model under its name in requests.
type served struct {
	name, root string
	parent     *string // name of the base of an adapter; nil for the base
	model      *lm.Model
	digest     string
}

// models are the base and its adapters. Requests that have begun keep the model that they found.
type models struct {
	base *served
	root string // of adapters that requests may load; "" for none
	most int    // adapters

	sync.RWMutex
	adapters []*served // in the order of loading

	loading sync.Mutex // one adapter at a time: each is read into memory
}

func newModels(c Config) (*models, error) {
	m := &models{most: c.Limits.Adapters, base: &served{name: c.Name, root: c.Root, model: c.Model, digest: c.Model.Digest().String()}}
	for _, a := range c.Adapters {
		if err := m.load(a.Name, a.Path, a.Path, false); err != nil {
			return nil, fmt.Errorf("serve: adapter %q: %w", a.Name, err)
		}
	}
	if c.AdapterRoot != "" {
		root, err := resolve(c.AdapterRoot)
		if err != nil {
			return nil, fmt.Errorf("serve: the folder of adapters: %w", err)
		}
		m.root = root
	}
	return m, nil
}

// find returns the model of a name, the base if there is no name.
func (m *models) find(name string) (*served, error) {
	if name == "" || name == m.base.name {
		return m.base, nil
	}
	m.RLock()
	defer m.RUnlock()
	if i := m.index(name); i >= 0 {
		return m.adapters[i], nil
	}
	return nil, notFound("model", "The model `%.200s` does not exist.", name)
}

// index returns the index of an adapter, -1 if it is not loaded.
func (m *models) index(name string) int {
	return slices.IndexFunc(m.adapters, func(a *served) bool { return a.name == name })
}

// load adds an adapter, or replaces the one of the same name. shown is its path in the list of
// models.
func (m *models) load(name, path, shown string, replace bool) error {
	switch {
	case name == "" || path == "":
		return badAdapter("Both 'lora_name' and 'lora_path' must be provided.")
	case name == m.base.name:
		return badAdapter("The lora adapter '%.200s' conflicts with a served base model.", name)
	case len(name) > maxName || strings.ContainsFunc(name, unprintable):
		return badAdapter("The name of the lora adapter has more than %d bytes, or characters that are not printable.", maxName)
	}
	m.loading.Lock()
	defer m.loading.Unlock()
	m.RLock()
	at, n := m.index(name), len(m.adapters)
	m.RUnlock()
	switch {
	case at >= 0 && !replace:
		return badAdapter("The lora adapter '%s' has already been loaded. If you want to load the adapter in place, set 'load_inplace' to True.", name)
	case at < 0 && n >= m.most:
		return badAdapter("%d lora adapters are loaded, which is the limit: unload one first.", n)
	}
	adapted, err := m.base.model.WithAdapter(path)
	if err != nil {
		return failed(http.StatusBadRequest, "BadRequestError", "lora_path", "the lora adapter '%s' cannot be loaded: %v", name, err)
	}
	a := &served{name: name, root: shown, parent: &m.base.name, model: adapted.Named(name), digest: adapted.Digest().String()}
	m.Lock()
	defer m.Unlock()
	if at = m.index(name); at >= 0 { // one may have been unloaded meanwhile
		m.adapters[at] = a
	} else {
		m.adapters = append(m.adapters, a)
	}
	return nil
}

// maxName is the most bytes of the name of an adapter.
const maxName = 256

func badAdapter(format string, args ...any) *failure {
	return failed(http.StatusBadRequest, "InvalidUserInput", "", format, args...)
}

// unload removes an adapter.
func (m *models) unload(name string) error {
	m.Lock()
	defer m.Unlock()
	i := m.index(name)
	switch {
	case name == "":
		return badAdapter("'lora_name' needs to be provided to unload a LoRA adapter.")
	case i < 0:
		return notFound("", "The lora adapter '%.200s' cannot be found.", name)
	}
	m.adapters = slices.Delete(m.adapters, i, i+1)
	return nil
}

// card describes a model.
type card struct {
	ID         string       `json:"id"`
	Object     string       `json:"object"`
	Created    int64        `json:"created"`
	OwnedBy    string       `json:"owned_by"`
	Root       string       `json:"root"`
	Parent     *string      `json:"parent"`
	Context    *int         `json:"max_model_len"` // null for adapters
	Permission []permission `json:"permission"`
}

// permission is a part of a card that clients of vLLM may read.
type permission struct {
	ID                 string  `json:"id"`
	Object             string  `json:"object"`
	Created            int64   `json:"created"`
	AllowCreateEngine  bool    `json:"allow_create_engine"`
	AllowSampling      bool    `json:"allow_sampling"`
	AllowLogprobs      bool    `json:"allow_logprobs"`
	AllowSearchIndices bool    `json:"allow_search_indices"`
	AllowView          bool    `json:"allow_view"`
	AllowFineTuning    bool    `json:"allow_fine_tuning"`
	Organization       string  `json:"organization"`
	Group              *string `json:"group"`
	IsBlocking         bool    `json:"is_blocking"`
}

type cards struct {
	Object string `json:"object"`
	Data   []card `json:"data"`
}

func (s *Server) listModels(w http.ResponseWriter, _ *http.Request) {
	s.models.RLock()
	all := append([]*served{s.models.base}, s.models.adapters...)
	s.models.RUnlock()
	list := cards{Object: "list"}
	for _, m := range all {
		c := card{
			ID: m.name, Object: "model", Created: s.started, OwnedBy: owner, Root: m.root, Parent: m.parent,
			Permission: []permission{{
				ID: "modelperm-" + m.digest, Object: "model_permission", Created: s.started,
				AllowSampling: true, AllowLogprobs: true, AllowView: true, Organization: "*",
			}},
		}
		if m.parent == nil {
			c.Context = new(m.model.Config().Context)
		}
		list.Data = append(list.Data, c)
	}
	writeJSON(w, http.StatusOK, list)
}

const owner = "undertone"

// loadRequest asks to load or unload an adapter.
type loadRequest struct {
	Name    string `json:"lora_name"`
	Path    string `json:"lora_path"`
	Replace bool   `json:"load_inplace"`
}

func (s *Server) loadAdapter(_ context.Context, body []byte, _ *Entry) (any, error) {
	r, err := s.loadRequest(body)
	if err != nil {
		return nil, err
	}
	if r.Path == "" {
		return nil, s.models.load(r.Name, "", "", false)
	}
	path, err := within(s.models.root, r.Path)
	if err != nil {
		return nil, err
	}
	if err := s.models.load(r.Name, path, r.Path, r.Replace); err != nil {
		return nil, err
	}
	return plain(fmt.Sprintf("Success: LoRA adapter '%s' added successfully.", r.Name)), nil
}

func (s *Server) unloadAdapter(_ context.Context, body []byte, _ *Entry) (any, error) {
	r, err := s.loadRequest(body)
	if err != nil {
		return nil, err
	}
	if err := s.models.unload(r.Name); err != nil {
		return nil, err
	}
	return plain(fmt.Sprintf("Success: LoRA adapter '%s' removed successfully.", r.Name)), nil
}

// loadRequest decodes a request, or refuses it if the server does not change its adapters.
func (s *Server) loadRequest(body []byte) (loadRequest, error) {
	var r loadRequest
	if s.models.root == "" {
		return r, notFound("", "this server does not load adapters while it runs: start it with --adapter-root DIR")
	}
	return r, decode(body, &r)
}
