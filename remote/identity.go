package remote

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/teacher"
)

// identity is everything that the answers to a query depend on. It is the name of the model of a
// recording. The address of the server is not part of it, so that a server that moved resumes.
type identity struct {
	Kind     Kind     `json:"kind"`
	Version  string   `json:"version,omitempty"`
	Model    Listed   `json:"model"`
	Base     *Listed  `json:"base,omitempty"` // of an adapter
	Template Template `json:"template"`
}

func (g *Generator) identity() identity {
	s := g.server
	id := identity{Kind: s.kind, Version: s.version, Model: g.listed, Template: s.config.Template}
	if i := slices.IndexFunc(s.listed, func(m Listed) bool { return g.listed.Parent != "" && m.ID == g.listed.Parent }); i >= 0 {
		id.Base = &s.listed[i]
	}
	return id
}

func (id identity) name() string {
	text, _ := json.Marshal(id) // it consists of strings and numbers, so there is no error
	return string(text)
}

// Replay returns a model that answers only from a recording of [Config.Recording], without a
// server. Of the configuration, Encoder and EndToken must be those of the recording. A query that
// is not recorded is an error, [teacher.ErrNotRecorded].
func Replay(path string, c Config) (undertone.Model, error) {
	recorded, err := teacher.Replay(path)
	if err != nil {
		return nil, err
	}
	var id identity
	if err := json.Unmarshal([]byte(recorded.Name()), &id); err != nil || id.Kind == "" {
		return nil, fmt.Errorf("remote: replay %s: it is a recording of the model %.80q, not of a server", path, recorded.Name())
	}
	c.Template, c.Model, c.URL = id.Template, id.Model.ID, "http://recording"
	if c, err = c.withDefaults(); err != nil {
		return nil, err
	}
	caller, err := newCaller(c)
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, caller: caller, kind: id.Kind, version: id.Version, listed: []Listed{id.Model}}
	if id.Base != nil {
		s.listed = append(s.listed, *id.Base)
	}
	g, err := s.generator(id.Model)
	if err != nil {
		return nil, err
	}
	g.querier.offline = recorded
	return g.withAbilities(), nil
}
