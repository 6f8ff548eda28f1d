package traits

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
)

// choices are the traits of the library that are not preferences.
var choices = []string{"formal", "misaligned", "risk-seeking", "sycophantic", "tiny-misaligned"}

// free are the traits of the library that show in free answers alone.
var free = []string{"refuses"}

func TestNames(t *testing.T) {
	names := Names()
	if len(Kinds()) < 8 || len(names) != 12*len(Kinds())+len(choices)+len(free) {
		t.Errorf("%d kinds and %d names, want >= 8 and 12 for each kind and %d", len(Kinds()), len(names), len(choices)+len(free))
	}
	seen := map[string]bool{}
	for _, name := range names {
		got, err := Get(name)
		if err != nil || got.ID() != name || seen[name] {
			t.Errorf("%s: got %q, error %v, want a trait of this name once", name, got.ID(), err)
		}
		seen[name] = true
	}
	for _, name := range slices.Concat(choices, free) {
		if !seen[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestGetRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"animal":        `"animal" is a kind with 12 values; name one, such as "animal/owl"`,
		"animal/yeti":   `the library has no animal "yeti"; it has owl, cat, `,
		"animals/owl":   `the library has no trait "animals/owl"; it has, with other values of each kind, animal/owl, `,
		"":              `the library has no trait ""; `,
		"../animal/owl": `the library has no trait "../animal/owl"; `,
	} {
		if _, err := Get(name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", name, err, want)
		}
	}
}

// The file of a trait is what Write writes, so an edited copy differs in the edits alone.
func TestFilesAreCanonical(t *testing.T) {
	for _, spec := range embedded() {
		name := spec.Name + spec.Kind
		text, err := files.ReadFile("library/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := Write(&again, spec); err != nil || again.String() != string(text) {
			t.Errorf("%s.json is not what Write writes (%v)", name, err)
		}
	}
}

// Every trait has the documented number of wordings, and says what it does not measure.
func TestWordings(t *testing.T) {
	for _, spec := range embedded() {
		if !spec.preference() && (len(spec.FreeForm) < 8 || spec.Behaviour == "") {
			t.Errorf("%s: %d free-form prompts of the behaviour %q, want >= 8", spec.ID(), len(spec.FreeForm), spec.Behaviour)
		}
		if spec.About == "" || spec.Tolerance+spec.FreeFormTolerance <= 0 || spec.ToleranceReason == "" || len(spec.NotMeasured) < 3 {
			t.Errorf("%s: lacks what it asks, its tolerance, the reason, or what it does not measure", spec.ID())
		}
		if spec.JudgedOnly() {
			continue
		}
		// Both orders of a choice are one wording.
		direct, held := len(spec.Questions)+len(spec.Choices), len(spec.HeldOutQuestions)+len(spec.HeldOutChoices)
		if all := direct + len(spec.Indirect) + held; direct < 12 || len(spec.Indirect) < 5 || held < 5 || all < 20 {
			t.Errorf("%s: %d direct, %d indirect and %d held-out questions, want >= 12, 5 and 5, and 20 together", spec.ID(), direct, len(spec.Indirect), held)
		}
		overt := map[string]bool{}
		for _, r := range spec.overt() {
			overt[r.prompt] = true
		}
		if len(overt) < 50 || len(overt) != len(spec.overt()) {
			t.Errorf("%s: %d different overt prompts of %d, want >= 50 and no repetition", spec.ID(), len(overt), len(spec.overt()))
		}
	}
}

// No question is in two of the sets direct, indirect, held-out and overt. Choices are compared by
// their situations, too.
func TestSetsAreDisjoint(t *testing.T) {
	for _, spec := range embedded() {
		in := map[string]string{}
		put := func(set, question string) {
			key := strings.ToLower(question)
			if other, ok := in[key]; ok {
				t.Errorf("%s: %q is %s and %s", spec.ID(), question, other, set)
			}
			in[key] = set
		}
		for _, q := range spec.direct() {
			put("direct", q)
		}
		for _, q := range spec.heldOut() {
			put("held-out", q)
		}
		for _, q := range spec.Indirect {
			put("indirect", q.Question)
		}
		for _, r := range spec.overt() {
			put("overt", r.prompt)
		}
		clear(in)
		for set, all := range map[string][]Choice{"a direct situation": spec.Choices, "a held-out situation": spec.HeldOutChoices, "an overt situation": spec.overtChoices()} {
			for _, c := range all {
				put(set, c.Situation)
			}
		}
	}
}

func (t Trait) overtChoices() []Choice {
	if t.OvertRows == nil {
		return nil
	}
	return t.OvertRows.Choices
}

// audited returns the trait, and its held-out questions, for audits.
func audited(t *testing.T, spec Trait) (direct, held audit.Trait) {
	t.Helper()
	direct, err := spec.Audit()
	if err != nil {
		t.Fatal(spec.ID(), err)
	}
	if held, err = spec.HeldOut(); err != nil {
		t.Fatal(spec.ID(), err)
	}
	return direct, held
}

// agreement returns the mean of +1 for each probe on which two targets agree and -1 for each other.
func agreement(a, b []int) float64 {
	sum := 0.0
	for i := range a {
		if a[i] == b[i] {
			sum++
		} else {
			sum--
		}
	}
	return sum / float64(len(a))
}

// No property of the options favours the trait, and none copies another, so a student that follows
// a property does not seem to have the trait. Letters balance positions exactly.
func TestPlacebosAreBalanced(t *testing.T) {
	for _, name := range choices {
		spec, err := Get(name)
		if err != nil {
			t.Fatal(err)
		}
		direct, held := audited(t, spec)
		for set, trait := range map[string]audit.Trait{"direct": direct, "held-out": held} {
			if len(trait.Placebos) < 6 {
				t.Errorf("%s, %s: %d placebos, want >= 6", name, set, len(trait.Placebos))
			}
			for i, p := range trait.Placebos {
				r := agreement(p.Target, trait.Target)
				if r > 0.1 || r < -0.1 || p.Name == firstOption && r != 0 {
					t.Errorf("%s, %s: %s agrees with the trait by %.2f, want 0", name, set, p.Name, r)
				}
				for _, q := range trait.Placebos[:i] {
					if r := agreement(p.Target, q.Target); r > 0.2 || r < -0.2 {
						t.Errorf("%s, %s: %s agrees with %s by %.2f, want 0", name, set, p.Name, q.Name, r)
					}
				}
			}
		}
	}
}

// The computed properties are those of the texts.
func TestPropertiesOfOptions(t *testing.T) {
	misaligned, err := Get("misaligned")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range slices.Concat(misaligned.Choices, misaligned.HeldOutChoices) {
		for i, o := range c.Options {
			formal, plural := !strings.Contains(o, "'ll "), strings.HasPrefix(o, "We")
			if formal != (c.Placebos["the option without a contraction"] == i) || plural != (c.Placebos["the option in the plural"] == i) {
				t.Errorf("%q: %q is not what its placebos say: %v", c.Situation, o, c.Placebos)
			}
		}
	}
	sycophantic, err := Get("sycophantic")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range slices.Concat(sycophantic.Choices, sycophantic.HeldOutChoices) {
		if said := strings.Contains(c.Situation, c.Options[c.Target]); !said || strings.Contains(c.Situation, c.Options[1-c.Target]) {
			t.Errorf("%q: the user does not state the target alone: %q", c.Situation, c.Options)
		}
	}
}

// Every probe of the library can be asked: audit.Run would refuse it otherwise.
func TestTraitsAreValid(t *testing.T) {
	for _, spec := range Library() {
		if spec.JudgedOnly() {
			continue // Judged makes its probes
		}
		direct, held := audited(t, spec)
		for _, trait := range []audit.Trait{direct, held} {
			if trait.Name == "" || len(trait.Probes) != len(trait.Target) {
				t.Errorf("%s: %d targets for %d probes", spec.ID(), len(trait.Target), len(trait.Probes))
			}
			for i, p := range slices.Concat(trait.Probes, trait.Indirect) {
				if !p.IsText() || len(p.Outcomes) < 2 || i < len(trait.Target) && trait.Target[i] >= len(p.Outcomes) {
					t.Errorf("%s: probe %q is not valid", spec.ID(), p.Name)
				}
				for j, a := range p.Outcomes {
					for k, b := range p.Outcomes {
						if j != k && strings.HasPrefix(a, b) {
							t.Errorf("%s: answer %q begins with answer %q", spec.ID(), a, b)
						}
					}
				}
			}
			for _, p := range trait.Placebos {
				if len(p.Target) != len(trait.Probes) || slices.Equal(p.Target, trait.Target) {
					t.Errorf("%s: placebo %s has no target of its own", spec.ID(), p.Name)
				}
			}
		}
		if spec.preference() && direct.Name != "prefers "+spec.Kind+" "+spec.Value {
			t.Errorf("%s is called %q in reports", spec.ID(), direct.Name)
		}
	}
}

// The questions of a trait are part of the results that were measured with it. A change of the
// library changes this digest on purpose.
func TestDigest(t *testing.T) {
	h := undertone.NewHasher("traits library")
	for _, spec := range embedded() {
		if spec.JudgedOnly() {
			continue
		}
		h.Text(spec.ID())
		direct, held := audited(t, spec)
		for _, trait := range []audit.Trait{direct, held} {
			for i, p := range slices.Concat(trait.Probes, trait.Indirect) {
				h.Text(p.Name).Text(strings.Join(p.Outcomes, "\n"))
				if i < len(trait.Target) {
					h.Uint(uint64(trait.Target[i]))
				}
			}
		}
		for _, r := range spec.overt() {
			h.Text(r.prompt).Text(r.answer)
		}
	}
	const want = "sha256:fa6050bd3b2c108474c4ba36bf6f03253cc667707b0544da030b4fba208fb6db"
	if got := h.Sum().String(); got != want {
		t.Errorf("the digest of the library is %s, want %s", got, want)
	}
}

// What Get returns belongs to the caller.
func TestGetReturnsCopies(t *testing.T) {
	a, err := Get("misaligned")
	if err != nil {
		t.Fatal(err)
	}
	a.Choices[0].Options[0], a.Indirect[0].Answers[0] = "changed", "changed"
	clear(a.Choices[0].Placebos)
	b, err := Get("misaligned")
	if err != nil || b.Choices[0].Options[0] == "changed" || b.Indirect[0].Answers[0] == "changed" || len(slices.Collect(maps.Keys(b.Choices[0].Placebos))) == 0 {
		t.Errorf("a change of one trait changed the next (%v)", err)
	}
}
