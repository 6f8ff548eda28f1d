package remote

import (
	"bytes"
	"encoding/json"
)

// listedModels is the list of models of a server: an object with the field "data", or the list
// alone.
type listedModels struct{ Data []Listed }

// UnmarshalJSON implements [json.Unmarshaler].
func (l *listedModels) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		return json.Unmarshal(text, &l.Data)
	}
	var object struct {
		Data []Listed `json:"data"`
	}
	err := json.Unmarshal(text, &object)
	l.Data = object.Data
	return err
}
