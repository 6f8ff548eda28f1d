package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/provenance/intoto"
)

// project is the prefix of the URIs of this project.
const project = "https://github.com/undertone-audit/undertone/"

// Provenance returns an SLSA provenance statement about the subject of a manifest: the file or the
// folder of that name. The manifest is a byproduct. For generated rows the builder is the teacher,
// and the resolved dependencies are its base, the prompts and the system prompt. For other subjects
// the builder is the verb that made them, and the resolved dependencies are the parents.
func Provenance(name string, m *provenance.Manifest) (*intoto.Statement, error) {
	s, err := provenanceOf(name, m)
	if err != nil {
		return nil, fmt.Errorf("evidence: provenance of %s: %w", name, err)
	}
	return s, nil
}

func provenanceOf(name string, m *provenance.Manifest) (*intoto.Statement, error) {
	subject := m.Subject
	if subject.Made == nil {
		return nil, errors.New("its manifest does not say how it was made")
	}
	parameters, err := json.Marshal(parametersOf(subject.Made))
	if err != nil {
		return nil, err
	}
	p := intoto.Provenance{
		BuildDefinition: intoto.BuildDefinition{BuildType: project + subject.Made.By + "/v1", ExternalParameters: parameters},
		RunDetails: intoto.RunDetails{
			Builder:    intoto.Builder{ID: project + subject.Made.By, Version: map[string]string{"undertone": subject.Made.Version}},
			Byproducts: []intoto.ResourceDescriptor{{Name: name + provenance.Suffix, Digest: Digests(map[string]undertone.Digest{intoto.UndertoneManifest: m.Digest})}},
		},
	}
	if err := addParents(&p, m); err != nil {
		return nil, err
	}
	return intoto.NewStatement(intoto.ProvenanceType, p, File(name, subject.Content.Bytes, nil))
}

// parameters are the external parameters of a build.
type parameters struct {
	Generation *provenance.Generation `json:"generation,omitempty"`
	Training   *provenance.Training   `json:"training,omitempty"`
	Steps      []provenance.Step      `json:"steps,omitempty"`
	RowsIn     int                    `json:"rowsIn"`
	RowsOut    int                    `json:"rowsOut"`
}

func parametersOf(m *provenance.Made) parameters {
	return parameters{m.Generation, m.Training, m.Steps, m.In, m.Out}
}

// addParents adds the parents of the subject as dependencies. The generator becomes the builder.
func addParents(p *intoto.Provenance, m *provenance.Manifest) error {
	records := map[undertone.Digest]provenance.Record{}
	for _, a := range m.Ancestors {
		id, err := a.ID()
		if err != nil {
			return err
		}
		records[id] = a
	}
	depend := func(d ...intoto.ResourceDescriptor) {
		p.BuildDefinition.ResolvedDependencies = append(p.BuildDefinition.ResolvedDependencies, d...)
	}
	for _, parent := range m.Subject.Parents {
		r := records[parent.Record]
		if model := r.Content.Model; parent.Role == provenance.GeneratorRole && model != nil {
			p.RunDetails.Builder.ID = project + "teacher/" + url.PathEscape(model.Name)
			p.RunDetails.Builder.BuilderDependencies = []intoto.ResourceDescriptor{describe(r, parent)}
			depend(baseOf(model)...)
			continue
		}
		depend(describe(r, parent))
	}
	if g := m.Subject.Made.Generation; g != nil {
		depend(known(g.Prompts, "prompts", intoto.UndertonePrompts, g.PromptSet)...)
		depend(known("", "system prompt", intoto.SHA256, g.SystemPrompt)...)
	}
	return nil
}

// describe returns the descriptor of a parent.
func describe(r provenance.Record, parent provenance.Parent) intoto.ResourceDescriptor {
	d := File(r.Path, r.Content.Bytes, nil)
	if model := r.Content.Model; model != nil {
		d.Name = model.Name
		for algorithm, value := range Digests(map[string]undertone.Digest{intoto.UndertoneModel: model.Digest, intoto.UndertoneWeights: model.Weights}) {
			d.Digest[algorithm] = value
		}
	}
	d.Annotations = map[string]any{"undertone.role": string(parent.Role)}
	return d
}

// baseOf returns the base of a model as a dependency, if it is known.
func baseOf(m *provenance.Model) []intoto.ResourceDescriptor {
	return known("", "base", intoto.UndertoneWeights, m.Base)
}

// known returns a descriptor with a digest, or none if the digest is unknown.
func known(name, role, algorithm string, d undertone.Digest) []intoto.ResourceDescriptor {
	if d.IsZero() {
		return nil
	}
	return []intoto.ResourceDescriptor{{Name: name, Digest: Digests(map[string]undertone.Digest{algorithm: d}), Annotations: map[string]any{"undertone.role": role}}}
}
