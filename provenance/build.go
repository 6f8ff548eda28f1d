package provenance

import (
	"fmt"
	"path"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Source is a parent of a subject that has been made.
type Source struct {
	Record    Record
	Ancestors []Record // of Record, from its manifest
	Role      Role
	Rows      int // rows of the subject that came from this parent
}

// Source returns the subject of a manifest as a parent. From is the folder of the manifest relative
// to that of the manifest to be made, with slashes; the paths of the records become relative to the
// latter.
func (m *Manifest) Source(role Role, rows int, from string) Source {
	s := Source{Record: m.Subject, Ancestors: slices.Clone(m.Ancestors), Role: role, Rows: rows}
	s.Record.Path = rebase(from, s.Record.Path)
	for i, a := range s.Ancestors {
		s.Ancestors[i].Path = rebase(from, a.Path)
	}
	return s
}

// rebase returns a path relative to another folder. An unknown path stays unknown.
func rebase(from, p string) string {
	if p == "" {
		return ""
	}
	return path.Join(from, p)
}

// NewManifest returns the manifest of a subject that was made from sources, whose histories it
// merges. The parents of the subject are the sources in their order.
func NewManifest(subject Record, sources ...Source) (*Manifest, error) {
	subject.Parents = []Parent{}
	known := map[undertone.Digest]Record{}
	add := func(r Record) (undertone.Digest, error) {
		id, err := r.ID()
		if _, there := known[id]; err == nil && !there {
			known[id] = r
		}
		return id, err
	}
	for _, s := range sources {
		id, err := add(s.Record)
		if err != nil {
			return nil, err
		}
		subject.Parents = append(subject.Parents, Parent{Record: id, Role: s.Role, Rows: s.Rows})
		for _, a := range s.Ancestors {
			if _, err := add(a); err != nil {
				return nil, err
			}
		}
	}
	m := Manifest{Schema: Schema, Version: undertone.Version, Subject: subject, Ancestors: inOrder(subject, known)}
	return m.finish()
}

// inOrder returns the known records that can be reached from a subject, each after its children.
func inOrder(subject Record, known map[undertone.Digest]Record) []Record {
	order := []Record{} // parents first
	done := map[undertone.Digest]bool{}
	var visit func(parents []Parent)
	visit = func(parents []Parent) {
		for _, p := range slices.Backward(parents) {
			r, there := known[p.Record]
			if !there || done[p.Record] {
				continue
			}
			done[p.Record] = true
			visit(r.Parents)
			order = append(order, r)
		}
	}
	visit(subject.Parents)
	slices.Reverse(order)
	return order
}

// WithTests returns the manifest with the results of audits of its subject. Results of the same
// report on the same trait are replaced.
func (m *Manifest) WithTests(tests ...Test) (*Manifest, error) {
	added := *m
	added.Subject.Tested = slices.DeleteFunc(slices.Clone(m.Subject.Tested), func(old Test) bool {
		return slices.ContainsFunc(tests, func(t Test) bool { return t.Report == old.Report && t.Trait == old.Trait })
	})
	added.Subject.Tested = append(added.Subject.Tested, tests...)
	return added.finish()
}

// WithDeclared returns the manifest with traits that the maker of the subject declares, in the
// place of those that it declared before.
func (m *Manifest) WithDeclared(traits ...Trait) (*Manifest, error) {
	added := *m
	added.Subject.Declared = slices.Clone(traits)
	return added.finish()
}

// finish sets the digest of a manifest and checks it.
func (m *Manifest) finish() (*Manifest, error) {
	m.Digest = undertone.Digest{}
	err := kind.SetDigest(m)
	if err == nil {
		err = m.check()
	}
	if err != nil {
		return nil, fmt.Errorf("provenance: manifest: %w", err)
	}
	return m, nil
}
