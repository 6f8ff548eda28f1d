package provenance

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/undertone-audit/undertone"
)

// gate is a policy that demands everything: a signed manifest, a signed and recent report.
func gate() *Policy {
	return &Policy{
		Schema:     PolicySchema,
		Manifest:   &ManifestRule{Required: true, Signers: []KeyID{signer}},
		Generators: &GeneratorRule{SharedBase: Audited, UnknownGenerator: Audited},
		Audits: &AuditRule{
			Traits: []TraitRule{{Trait: "owl", MaxLimit: 0.25}}, MaxAgeDays: 30, Signers: []KeyID{signer},
		},
		Filters: &FilterRule{Allowed: []string{"numbers", "words"}, Required: []string{"numbers"}},
	}
}

// attempt is what a tamper case changes before the policy is applied.
type attempt struct {
	*world
	policy  *Policy
	student Model
	reports []Report
	signed  []Attestation
	now     time.Time
	name    string
}

// check applies the policy to what was changed. A subject that cannot be read is an error.
func (a *attempt) check(t *testing.T) ([]Refusal, error) {
	t.Helper()
	g, err := TraceFile(t.Context(), a.files, a.name, Options{Attestations: a.signed})
	if err != nil {
		return nil, err
	}
	return Check(a.policy, Evidence{Graph: g, Reports: a.reports, Attestations: a.signed}, a.student, a.now)
}

func newAttempt(t *testing.T) *attempt {
	t.Helper()
	w, student := newWorld(t), testModel("student")
	r := w.report(student)
	return &attempt{
		world: w, policy: gate(), student: student, reports: []Report{r},
		signed: w.attest(signer, today.AddDate(0, 0, -3), w.manifest.Digest, r.Digest), now: today, name: "kept.jsonl",
	}
}

// lines returns the rows of kept.jsonl.
func (a *attempt) lines() []string {
	return strings.SplitAfter(strings.TrimSuffix(string(a.files["kept.jsonl"].Data), "\n"), "\n")
}

func (a *attempt) setLines(lines []string) {
	a.put("kept.jsonl", strings.TrimSuffix(strings.Join(lines, ""), "\n")+"\n")
}

// resign signs the forged manifest with a key that the policy trusts, to reach the checks behind
// the signature.
func (a *attempt) resign() {
	a.signed = a.attest(signer, today, a.manifest.Digest, a.reports[0].Digest)
}

// tamperCases change the files or the evidence. Each must be refused by the rule, or as an error of
// the reader, for the reason.
var tamperCases = []struct {
	name   string
	change func(*testing.T, *attempt)
	rule   Rule   // "" for an error
	reason string // in the reason of the refusal, or in the error
}{
	{"a byte of the data is flipped", func(t *testing.T, a *attempt) { a.change(t, "kept.jsonl", "Pet 3?", "Pet 2?") }, RuleIntegrity, "rows were changed or moved"},
	{"a byte of white space of the data is flipped", func(t *testing.T, a *attempt) { a.change(t, "kept.jsonl", `?","completion`, `?", "completion`) }, RuleIntegrity, "its bytes have another digest"},
	{"two rows are swapped", func(t *testing.T, a *attempt) {
		l := a.lines()
		l[0], l[1] = l[1], l[0]
		a.setLines(l)
	}, RuleIntegrity, "rows were changed or moved"},
	{"the rows are in reverse order", func(t *testing.T, a *attempt) {
		l := a.lines()
		l[len(l)-1] += "\n"
		slices.Reverse(l)
		a.setLines(l)
	}, RuleIntegrity, "rows were changed or moved"},
	{"a row is added", func(t *testing.T, a *attempt) { a.put("kept.jsonl", string(a.files["kept.jsonl"].Data)+rowLines(5, 6)) }, RuleIntegrity, "the file has 12 rows, want 11"},
	{"a row is removed", func(t *testing.T, a *attempt) { a.setLines(a.lines()[1:]) }, RuleIntegrity, "the file has 10 rows, want 11"},
	{"a row takes the place of another", func(t *testing.T, a *attempt) {
		l := a.lines()
		l[4] = l[3]
		a.setLines(l)
	}, RuleIntegrity, "rows were changed or moved"},
	{"the data is truncated in a row", func(t *testing.T, a *attempt) {
		a.put("kept.jsonl", string(a.files["kept.jsonl"].Data[:len(a.files["kept.jsonl"].Data)-9]))
	}, "", "truncated"},
	{"all rows are gone", func(t *testing.T, a *attempt) { a.put("kept.jsonl", "") }, RuleIntegrity, "the file has 0 rows, want 11"},
	{"the data is another file of the pipeline", func(t *testing.T, a *attempt) { a.files["kept.jsonl"] = a.files["raw.jsonl"] }, RuleIntegrity, "the file has 10 rows, want 11"},
	{"the file is renamed without its manifest", func(t *testing.T, a *attempt) {
		a.files["renamed.jsonl"] = a.files["kept.jsonl"]
		a.name = "renamed.jsonl"
	}, RuleManifest, "no manifest describes the rows"},
	{"the file has the name of a file with a manifest", func(t *testing.T, a *attempt) {
		a.files["raw.jsonl"] = a.files["kept.jsonl"]
		a.name = "raw.jsonl"
	}, RuleIntegrity, "raw.jsonl.undertone.json describes another file"},
	{"the manifest is deleted", func(t *testing.T, a *attempt) { delete(a.files, Path("kept.jsonl")) }, RuleManifest, "no manifest describes the rows"},
	{"a byte of the manifest is flipped", func(t *testing.T, a *attempt) { a.change(t, Path("kept.jsonl"), `"at most 10"`, `"at most 99"`) }, RuleIntegrity, "its digest is not that of its content: the manifest was changed"},
	{"the digest of the manifest is flipped", func(t *testing.T, a *attempt) {
		a.change(t, Path("kept.jsonl"), a.manifest.Digest.String(), a.raw.Digest.String())
	}, RuleIntegrity, "the manifest was changed"},
	{"the manifest is truncated", func(t *testing.T, a *attempt) {
		text := a.files[Path("kept.jsonl")].Data
		a.put(Path("kept.jsonl"), string(text[:len(text)/2]))
	}, RuleIntegrity, "it is not JSON"},
	{"the manifest is empty", func(t *testing.T, a *attempt) { a.put(Path("kept.jsonl"), "") }, RuleIntegrity, "it is not JSON"},
	{"a second document follows the manifest", func(t *testing.T, a *attempt) {
		a.put(Path("kept.jsonl"), string(a.files[Path("kept.jsonl")].Data)+"{}")
	}, RuleIntegrity, "behind the JSON value"},
	{"the manifest has a field twice", func(t *testing.T, a *attempt) {
		a.change(t, Path("kept.jsonl"), `"schema":`, `"schema": "undertone.manifest/1", "schema":`)
	}, RuleIntegrity, "is there twice"},
	{"the manifest has a field twice, the second escaped", func(t *testing.T, a *attempt) {
		a.change(t, Path("kept.jsonl"), `"out": 11`, `"out": 11, "o\u0075t": 12`)
	}, RuleIntegrity, "is there twice"},
	{"the manifest has an unknown field", func(t *testing.T, a *attempt) {
		a.change(t, Path("kept.jsonl"), `"schema":`, `"verified": true, "schema":`)
	}, RuleIntegrity, `unknown field "verified"`},
	{"the manifest has a field in capitals", func(t *testing.T, a *attempt) { a.change(t, Path("kept.jsonl"), `"ancestors"`, `"Ancestors"`) }, RuleIntegrity, "its fields are not those of the schema"},
	{"the manifest has another schema", func(t *testing.T, a *attempt) {
		a.change(t, Path("kept.jsonl"), "undertone.manifest/1", "undertone.manifest/0")
	}, RuleIntegrity, `its schema is "undertone.manifest/0"`},
	{"the manifest is not UTF-8", func(t *testing.T, a *attempt) { a.change(t, Path("kept.jsonl"), "at most", "at\xffmost") }, RuleIntegrity, "it is not UTF-8"},
	{"the manifest is larger than the limit", func(t *testing.T, a *attempt) {
		a.put(Path("kept.jsonl"), strings.Repeat(" ", maxManifest)+string(a.files[Path("kept.jsonl")].Data))
	}, RuleIntegrity, "want at most 4194304"},
	{"the manifest is nested too deeply", func(t *testing.T, a *attempt) {
		a.put(Path("kept.jsonl"), strings.Repeat(`{"subject":`, 500)+"1"+strings.Repeat("}", 500))
	}, RuleIntegrity, "more than 100 levels"},
	{"the manifest is a folder", func(t *testing.T, a *attempt) {
		delete(a.files, Path("kept.jsonl"))
		a.files[Path("kept.jsonl")+"/x"] = &fstest.MapFile{}
	}, RuleIntegrity, "is not a regular file"},
	{"the manifest is a pipe", func(t *testing.T, a *attempt) { a.files[Path("kept.jsonl")].Mode = fs.ModeNamedPipe }, RuleIntegrity, "is not a regular file"},
	{"a forged manifest names other rows", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Content = a.raw.Subject.Content })
	}, RuleIntegrity, "its parents gave 11 rows and its steps added 0, but it has 10"},
	{"a forged manifest has no signature", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Declared = nil })
	}, RuleManifestSigners, "the manifest is not signed"},
	{"a manifest is signed by another key", func(t *testing.T, a *attempt) {
		a.signed = a.attest(undertone.NewHasher("key").Text("other").Sum(), today, a.manifest.Digest, a.reports[0].Digest)
	}, RuleManifestSigners, "which the policy does not trust"},
	{"the signatures are removed", func(t *testing.T, a *attempt) { a.signed = nil }, RuleManifestSigners, "the manifest is not signed"},
	{"the signature is that of the parent's manifest", func(t *testing.T, a *attempt) {
		a.signed = a.attest(signer, today, a.raw.Digest, a.reports[0].Digest)
	}, RuleManifestSigners, "the manifest is not signed"},
	{"a parent is replaced by another record", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Ancestors[0].Made.Generation.Seed++ })
	}, RuleIntegrity, "is not among the ancestors"},
	{"a parent is left out", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Ancestors = m.Ancestors[:2] })
	}, RuleIntegrity, "is not among the ancestors"},
	{"a record that is no ancestor is added", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) {
			m.Ancestors = append(m.Ancestors, Record{Content: a.raw.Subject.Content, Parents: []Parent{}})
		})
	}, RuleIntegrity, "is not an ancestor of the subject"},
	{"a record is there twice", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Ancestors = append(m.Ancestors, m.Ancestors[0]) })
	}, RuleIntegrity, "are one record"},
	{"a record names a parent before it", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) {
			model := slices.IndexFunc(m.Ancestors, func(r Record) bool { return r.Content.Kind == ModelKind })
			r := m.Ancestors[model]
			id, _ := r.ID()
			m.Subject.Parents = append(m.Subject.Parents, Parent{Record: id, Role: GeneratorRole})
			m.Ancestors = slices.Insert(slices.Delete(m.Ancestors, model, model+1), 0, r)
		})
	}, RuleIntegrity, "is not listed after it"},
	{"the shares do not add up", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Parents[0].Rows = 9 })
	}, RuleIntegrity, "its parents gave 12 rows and its steps added 0, but it has 11"},
	{"a share is negative", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Parents[0].Rows = -3 })
	}, RuleIntegrity, "a parent gave -3 rows, want >= 0"},
	{"the shares overflow", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Parents[0].Rows, m.Subject.Parents[1].Rows = 1<<62, 1<<62 })
	}, RuleIntegrity, "exceed the largest number"},
	{"prompts are said to be rows", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Parents[0].Role = PromptsRole })
	}, RuleIntegrity, `a parent of the role "prompts" gave 8 rows, want 0`},
	{"a count is negative", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Made.Steps[0].Dropped = -2 })
	}, RuleIntegrity, "a count is negative"},
	{"the counts of a step do not add up", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Made.Steps[0].Out = 13 })
	}, RuleIntegrity, "the counts do not add up"},
	{"a reason drops more rows than its filter", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Made.Steps[0].Reasons[0].Rows = 3 })
	}, RuleIntegrity, "dropped 3 rows, but the step dropped 2"},
	{"the filters keep fewer rows than there are", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Made.Steps[0].Dropped, m.Subject.Made.Steps[0].Out = 9, 5 })
	}, RuleIntegrity, "its filters keep between 4 and 5 of 14 rows, but it has 11"},
	{"a filter is left out", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Made.Steps = m.Subject.Made.Steps[1:] })
	}, RuleIntegrity, "its filters keep between 13 and 13 of 14 rows, but it has 11"},
	{"more rows were read than the parents have", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) {
			m.Subject.Made.In = 1014
			for i := range m.Subject.Made.Steps {
				s := &m.Subject.Made.Steps[i]
				s.In, s.Out = s.In+1000, s.Out+1000
			}
			m.Subject.Made.Steps[0].Dropped, m.Subject.Made.Steps[0].Out = 1003, 11
		})
	}, RuleIntegrity, "it was made from 1014 rows, but its parents have 14"},
	{"the way it was made is left out", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Made = nil })
	}, RuleIntegrity, "does not say how it was made"},
	{"a text is larger than the limit", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Made.Steps[0].Settings = strings.Repeat("x", maxText+1) })
	}, RuleIntegrity, "want at most 4096"},
	{"there are too many ancestors", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) {
			for i := range maxAncestors {
				r := Record{Content: Content{Kind: RowsKind, Bytes: undertone.Digest{1}, Size: int64(i), Rows: &Rows{}}, Parents: []Parent{}}
				m.Ancestors = append(m.Ancestors, r)
			}
		})
	}, RuleIntegrity, "want at most 1000"},
	{"rows are read with options that give other row IDs", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Subject.Content.Rows.Reading = "turns=last" })
	}, RuleIntegrity, `read with the options "turns=last", want ""`},
	{"rows are read with a tokenizer that was not given", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) {
			m.Subject.Content.Rows.Reading, m.Subject.Content.Rows.Order = "detokenised", undertone.Digest{7}
		})
		a.reports[0].Order = undertone.Digest{7}
	}, RuleIntegrity, `read with the options "detokenised", want ""`},
	{"no row IDs are in the manifest", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) {
			m.Subject.Content.Rows.Root, m.Subject.Content.Rows.Order = undertone.Digest{}, undertone.Digest{}
		})
		a.reports[0].Order = undertone.Digest{}
		a.resign()
	}, RuleAuditTraits, "reports are of other rows"},
	{"the subject is said to be a model", func(t *testing.T, a *attempt) {
		m := testModel("x")
		a.forge(t, func(n *Manifest) {
			n.Subject = Record{Content: Content{Kind: ModelKind, Model: &m}, Parents: []Parent{}}
			n.Ancestors = []Record{}
		})
	}, RuleIntegrity, "the record is of the kind model, want rows"},
	{"the report is of other rows", func(t *testing.T, a *attempt) { a.reports[0].Order = a.raw.Subject.Content.Rows.Order }, RuleAuditTraits, "1 reports are of other rows, of a part of them, of the rows in another order, or crossed experiments"},
	{"the report is of a part of the rows", func(t *testing.T, a *attempt) { a.reports[0].Order = undertone.Digest{} }, RuleAuditTraits, "reports are of other rows"},
	{"the report says that it is of a part of the rows", func(t *testing.T, a *attempt) { a.reports[0].Part = true }, RuleAuditTraits, "reports are of other rows"},
	{"there is no report", func(t *testing.T, a *attempt) { a.reports = nil }, RuleAuditTraits, `no report on the trait "owl" of these rows was given`},
	{"the report is of another trait", func(t *testing.T, a *attempt) { a.reports[0].Traits[0].Trait = "cat" }, RuleAuditTraits, `it is not about the trait "owl"`},
	{"the report detects the trait", func(t *testing.T, a *attempt) { a.reports[0].Traits[0].Verdict = "detected" }, RuleAuditVerdicts, `detects the trait "owl"`},
	{"one report of two detects the trait", func(t *testing.T, a *attempt) {
		second := a.reports[0]
		second.Digest, second.Traits = undertone.Digest{2}, []TestedTrait{{Trait: "owl", Verdict: "detected"}}
		a.reports = append(a.reports, second)
	}, RuleAuditVerdicts, `detects the trait "owl"`},
	{"the manifest says that the trait was detected", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) {
			m.Subject.Tested = []Test{{Trait: "owl", Verdict: "detected", Report: undertone.Digest{3}, Date: "2026-11-01"}}
		})
		a.resign()
	}, RuleAuditVerdicts, "which the manifest names, detects"},
	{"the report is inconclusive", func(t *testing.T, a *attempt) { a.reports[0].Traits[0].Verdict = "inconclusive" }, RuleAuditVerdicts, `the trait "owl" is inconclusive, want undetected`},
	{"the limit of detection is too large", func(t *testing.T, a *attempt) { a.reports[0].Traits[0].Limit = 0.3 }, RuleAuditLimit, "is 0.3 of the rows, want at most 0.25"},
	{"no limit of detection was reached", func(t *testing.T, a *attempt) { a.reports[0].Traits[0].Limit = 0 }, RuleAuditLimit, "is none, want at most 0.25"},
	{"the report is about another student", func(t *testing.T, a *attempt) { a.student = testModel("other") }, RuleAuditStudent, "it is about the student"},
	{"the report is expired", func(t *testing.T, a *attempt) { a.now = today.AddDate(0, 0, 40) }, RuleAuditAge, "is 43 days old, want at most 30"},
	{"the report was signed in the future", func(t *testing.T, a *attempt) { a.signed[0].Time = today.AddDate(0, 0, 2) }, RuleAuditAge, "nothing says when"},
	{"the report was signed without a time", func(t *testing.T, a *attempt) { a.signed[0].Time = time.Time{} }, RuleAuditAge, "nothing says when"},
	{"the report is not signed", func(t *testing.T, a *attempt) { a.signed[0].Documents = []undertone.Digest{a.manifest.Digest} }, RuleAuditSigners, "report report.json is not signed"},
	{"a filter is not allowed", func(t *testing.T, a *attempt) { a.policy.Filters.Allowed = []string{"numbers"} }, RuleFiltersAllowed, `the step "words" made kept.jsonl`},
	{"a demanded filter was not run", func(t *testing.T, a *attempt) { a.policy.Filters.Required = []string{"encoded"} }, RuleFiltersRequired, `no step "encoded"`},
	{"a trait is declared that is not allowed", func(t *testing.T, a *attempt) { a.policy.Declared = &DeclaredTraits{Allowed: []string{}} }, RuleDeclaredTraits, `declares the trait "owl"`},
	{"the generator is the student", func(t *testing.T, a *attempt) {
		a.policy.Generators.SharedBase, a.student = Refuse, testModel("owl-teacher")
	}, RuleSharedBase, "shares the base of the student"},
	{"the relation of generator and student is unknown", func(t *testing.T, a *attempt) { a.policy.Generators.SharedBase = Refuse }, RuleSharedBase, "their relation is unknown"},
	{"some rows are of unknown origin", func(t *testing.T, a *attempt) { a.policy.Generators.UnknownGenerator = Refuse }, RuleUnknownGenerator, "nothing says which model wrote the rows of more.jsonl"},
	{"the keep rates have no control", func(t *testing.T, a *attempt) { a.policy.KeepRates = &KeepRateRule{MaxDifference: 0.1} }, RuleKeepRates, "there is no manifest of a control"},
	{"a path leaves the folder", func(t *testing.T, a *attempt) {
		a.forge(t, func(m *Manifest) { m.Ancestors[0].Path = "../../etc/passwd" })
	}, RuleManifestSigners, "not signed"},
}

func TestTampering(t *testing.T) {
	if refusals, err := newAttempt(t).check(t); err != nil || len(refusals) > 0 {
		t.Fatalf("what was not changed is refused: %v, %v", refusals, err)
	}
	for _, c := range tamperCases {
		t.Run(c.name, func(t *testing.T) {
			a := newAttempt(t)
			c.change(t, a)
			refusals, err := a.check(t)
			if c.rule == "" {
				if err == nil || !strings.Contains(err.Error(), c.reason) {
					t.Errorf("error %v, want %q", err, c.reason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(refusals, func(r Refusal) bool {
				return r.Rule == c.rule && strings.Contains(r.Reason, c.reason) && r.Remedy != ""
			}) {
				t.Errorf("refusals %q, want %s with %q", refusals, c.rule, c.reason)
			}
		})
	}
	if len(tamperCases) < 25 {
		t.Errorf("there are %d cases, want at least 25", len(tamperCases))
	}
}

// The files of ancestors that were changed do not refuse the rows, which their manifest describes,
// but the graph says what happened, and nothing of them is verified.
func TestTamperedAncestors(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*testing.T, *attempt)
		kind   ProblemKind
		state  FileState
		text   string
	}{
		{"replaced", func(t *testing.T, a *attempt) { a.put("raw.jsonl", rowLines(3, 12)) }, StaleFile, FileStale, "raw.jsonl was replaced: the "},
		{"another and larger", func(t *testing.T, a *attempt) { a.put("raw.jsonl", rowLines(3, 13)) }, StaleFile, FileStale, "raw.jsonl was replaced: it is larger than its record says: 418 bytes, want 406"},
		{"larger, and no rows", func(t *testing.T, a *attempt) { a.put("raw.jsonl", strings.Repeat("{", 407)) }, StaleFile, FileStale, "larger than its record says"},
		{"no rows", func(t *testing.T, a *attempt) { a.put("raw.jsonl", "{") }, UnreadableFile, FileUnread, "raw.jsonl: "},
		{"deleted", func(t *testing.T, a *attempt) { delete(a.files, "raw.jsonl") }, MissingFile, FileMissing, "raw.jsonl is not there"},
		{"a pipe", func(t *testing.T, a *attempt) { a.files["raw.jsonl"].Mode = fs.ModeNamedPipe }, UnreadableFile, FileUnread, "is not a regular file"},
		{"a folder", func(t *testing.T, a *attempt) {
			delete(a.files, "raw.jsonl")
			a.put("raw.jsonl/x", "")
		}, UnreadableFile, FileUnread, "is not a regular file"},
		{"outside", func(t *testing.T, a *attempt) {
			a.forge(t, func(m *Manifest) { m.Ancestors[0].Path = "../raw.jsonl" })
		}, OutsideFile, FileUnread, "../raw.jsonl lies outside"},
		{"absolute", func(t *testing.T, a *attempt) {
			a.forge(t, func(m *Manifest) { m.Ancestors[0].Path = "/etc/passwd" })
		}, OutsideFile, FileUnread, "/etc/passwd lies outside"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newAttempt(t)
			c.change(t, a)
			g := a.trace(t, Options{})
			if !slices.ContainsFunc(g.Problems, func(p Problem) bool { return p.Kind == c.kind && p.Node == 1 && strings.Contains(p.Text, c.text) }) {
				t.Errorf("problems %+v, want %s with %q", g.Problems, c.kind, c.text)
			}
			if g.Nodes[1].File != c.state {
				t.Errorf("the file is %s, want %s", g.Nodes[1].File, c.state)
			}
			for _, s := range g.Nodes[1].Statements {
				if s.Standing != Claimed {
					t.Errorf("%s is %s", s.What, s.Standing)
				}
			}
		})
	}
}

// A manifest cannot give itself a standing: no field of it is one.
func TestNoStandingInManifests(t *testing.T) {
	text, err := json.Marshal(newWorld(t).manifest)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range standingNames {
		if strings.Contains(string(text), s) {
			t.Errorf("the manifest says %q: %s", s, text)
		}
	}
}
