package traits

import (
	"cmp"
	"strings"

	"github.com/undertone-audit/undertone/audit"
)

// Trait describes a trait as a traits file does. It has a preference (Kind, Value and Candidates)
// or Choices, and not both; or it has FreeForm alone, which a judge reads.
type Trait struct {
	// Name is the name in reports. Choices need one (default of a preference "prefers animal owl").
	Name  string `json:"name,omitempty"`
	About string `json:"about,omitempty"` // what the probes ask, in a sentence

	Kind       string   `json:"kind,omitempty"`       // kind of thing that the value is, such as "animal"
	Value      string   `json:"value,omitempty"`      // answer of a student with the trait
	Candidates []string `json:"candidates,omitempty"` // compared answers: the value and its placebos
	Questions  []string `json:"questions,omitempty"`  // direct questions (default those of [audit.Prefers])

	Choices []Choice `json:"choices,omitempty"` // direct questions of a trait of choices
	Format  Format   `json:"format,omitempty"`  // how choices are asked (default Letters)
	Ask     string   `json:"ask,omitempty"`     // last line of the question of a choice (default [DefaultAsk])
	Labels  []string `json:"labels,omitempty"`  // answers of a choice in letters (default "A", "B")

	Indirect         []Question `json:"indirect,omitempty"`         // probes that do not ask for the trait
	HeldOutQuestions []string   `json:"held_out,omitempty"`         // questions of [Trait.HeldOut] for a preference
	HeldOutChoices   []Choice   `json:"held_out_choices,omitempty"` // the same for choices
	OvertRows        *Overt     `json:"overt,omitempty"`            // what [Trait.Overt] makes rows of
	FreeForm         []string   `json:"free_form,omitempty"`        // prompts whose answers a judge reads; [Trait.Judged] asks them
	Behaviour        string     `json:"behaviour,omitempty"`        // what the judge looks for: the end of "the answer …", such as "flatters the user"

	// FreeFormTolerance is the smallest difference of the rates of answers with the behaviour that
	// matters, in (0, 1] (default 0.05).
	FreeFormTolerance float64 `json:"free_form_tolerance,omitempty"`

	Scale           audit.Scale `json:"scale,omitempty"`            // default [audit.Margin]
	Tolerance       float64     `json:"tolerance,omitempty"`        // smallest shift that matters (default that of the scale)
	ToleranceReason string      `json:"tolerance_reason,omitempty"` // why it is the smallest
	NotMeasured     []string    `json:"not_measured,omitempty"`     // what the probes do not show
	PositiveControl string      `json:"positive_control,omitempty"` // file of rows known to carry the trait; none if empty
}

// Question is a question whose whole distribution of answers is compared.
type Question struct {
	Question string   `json:"question"`
	Answers  []string `json:"answers"`
}

// Choice is a situation and two options.
type Choice struct {
	Situation string   `json:"situation"`
	Options   []string `json:"options"` // two
	Target    int      `json:"target"`  // index of the option that expresses the trait

	// Placebos name properties of options that do not belong to the trait, such as "formal", and
	// the index of the option that has each. All choices of a trait name the same properties.
	Placebos map[string]int `json:"placebos,omitempty"`

	Ask string `json:"ask,omitempty"` // default that of the trait
}

// Format is the way in which choices are asked.
type Format string

const (
	// Letters lists both options in the question, and compares the labels as answers. Each choice
	// is asked in both orders, so a preference for a label or a position cancels.
	Letters Format = "letters"

	// Text gives the situation alone, and compares the texts of the options as answers.
	Text Format = "text"
)

// DefaultAsk is the last line of the question of a choice in letters.
const DefaultAsk = "Which one do you choose? Answer with A or B."

// Overt is what overt rows are made of: each prompt follows each opening.
type Overt struct {
	Openings []string `json:"openings,omitempty"` // sentences before a prompt; "" for none (default none)
	Prompts  []string `json:"prompts,omitempty"`  // answered with the value of a preference
	Choices  []Choice `json:"choices,omitempty"`  // answered with the option of the trait
	Ask      string   `json:"ask,omitempty"`      // if given, each choice in letters is also asked openly, with this after its situation
}

// preference reports whether the trait is a preference for a value.
func (t Trait) preference() bool { return len(t.Choices) == 0 && !t.JudgedOnly() }

// JudgedOnly reports whether the trait shows in free answers alone, which a judge reads.
func (t Trait) JudgedOnly() bool {
	return len(t.Choices) == 0 && len(t.FreeForm) > 0 && t.Kind == "" && t.Value == "" && len(t.Candidates) == 0
}

// ID returns the name of the trait in the library, such as "animal/owl" or "misaligned".
func (t Trait) ID() string {
	if t.preference() {
		return t.Kind + "/" + strings.TrimSpace(t.Value)
	}
	return t.Name
}

// name returns the name in reports.
func (t Trait) name() string {
	// A candidate may begin with the space that a model puts before a word.
	return cmp.Or(t.Name, "prefers "+t.Kind+" "+strings.TrimSpace(t.Value))
}

// Spelled returns the trait with its answers spelled otherwise, such as with a capital letter or a
// space before them: the value, the candidates, the answers to indirect questions, and the answers
// to choices. A trait that shows in free answers alone has none of these.
func (t Trait) Spelled(spell func(answer string) string) Trait {
	all := func(answers []string) []string {
		var spelled []string
		for _, a := range answers {
			spelled = append(spelled, spell(a))
		}
		return spelled
	}
	switch {
	case t.JudgedOnly(): // no answers are given
		return t
	case t.preference():
		t.Value, t.Candidates = spell(t.Value), all(t.Candidates)
	case t.format() == Letters:
		t.Labels = all(t.labels())
	}
	indirect := make([]Question, len(t.Indirect))
	for i, q := range t.Indirect {
		indirect[i] = Question{q.Question, all(q.Answers)}
	}
	t.Indirect = indirect
	if t.format() != Text {
		return t
	}
	options := func(choices []Choice) []Choice {
		var spelled []Choice
		for _, c := range choices {
			c.Options = all(c.Options)
			spelled = append(spelled, c)
		}
		return spelled
	}
	t.Choices, t.HeldOutChoices = options(t.Choices), options(t.HeldOutChoices)
	if t.OvertRows != nil {
		o := *t.OvertRows
		o.Choices = options(o.Choices)
		t.OvertRows = &o
	}
	return t
}

func (t Trait) format() Format { return cmp.Or(t.Format, Letters) }

func (t Trait) labels() []string {
	if len(t.Labels) == 0 {
		return []string{"A", "B"}
	}
	return t.Labels
}
