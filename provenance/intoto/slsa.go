package intoto

import (
	"encoding/json"
	"errors"
	"time"
)

// ProvenanceType is the predicate type of a [Provenance].
const ProvenanceType = "https://slsa.dev/provenance/v1"

// Provenance is the predicate SLSA provenance v1: how the subject was made, and from what.
type Provenance struct {
	BuildDefinition BuildDefinition `json:"buildDefinition"`
	RunDetails      RunDetails      `json:"runDetails"`
}

// BuildDefinition holds the inputs of a build.
type BuildDefinition struct {
	BuildType            string               `json:"buildType"` // a URI
	ExternalParameters   json.RawMessage      `json:"externalParameters"`
	InternalParameters   json.RawMessage      `json:"internalParameters,omitempty"`
	ResolvedDependencies []ResourceDescriptor `json:"resolvedDependencies,omitempty"`
}

// RunDetails holds what made the subject.
type RunDetails struct {
	Builder    Builder              `json:"builder"`
	Metadata   *BuildMetadata       `json:"metadata,omitempty"`
	Byproducts []ResourceDescriptor `json:"byproducts,omitempty"`
}

// Builder is what made the subject: for generated rows, the teacher.
type Builder struct {
	ID                  string               `json:"id"` // a URI
	BuilderDependencies []ResourceDescriptor `json:"builderDependencies,omitempty"`
	Version             map[string]string    `json:"version,omitempty"`
}

// BuildMetadata says which run of the builder made the subject, and when.
type BuildMetadata struct {
	InvocationID string     `json:"invocationId,omitempty"`
	StartedOn    *time.Time `json:"startedOn,omitempty"`
	FinishedOn   *time.Time `json:"finishedOn,omitempty"`
}

// Provenance returns the predicate of a statement of the type [ProvenanceType].
func (s *Statement) Provenance() (*Provenance, error) {
	p := new(Provenance)
	if err := s.predicate(ProvenanceType, p); err != nil {
		return nil, err
	}
	switch {
	case p.BuildDefinition.BuildType == "":
		return nil, errors.New("intoto: provenance: it has no build type")
	case p.RunDetails.Builder.ID == "":
		return nil, errors.New("intoto: provenance: it names no builder")
	}
	return p, nil
}
