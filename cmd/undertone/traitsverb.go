package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/traits"
)

type traitsVerb struct {
	Names           []string `arg:"" optional:"" name:"name" help:"Traits to show or write, such as animal/owl or misaligned; a kind such as animal stands for all of its values (default: list the library)."`
	From            string   `file:"traits" placeholder:"FILE" help:"Traits file to show or write instead of traits of the library."`
	Out             string   `file:"write" placeholder:"FILE" help:"Traits file to write, for editing and for --traits of other verbs; - for standard output."`
	Overt           string   `file:"write" placeholder:"FILE" help:"File for rows that show one trait openly, on which a teacher or a positive control is trained; - for standard output; compressed if it ends in .gz or .zst."`
	Rows            *int     `range:">= 1" short:"n" placeholder:"N" help:"Overt rows to write, >= 1 (default 2000)."`
	Seed            *uint64  `placeholder:"N" help:"Seed of the order of the overt rows (default 1)."`
	Capital         bool     `help:"Begin each answer with a capital letter, for a model that answers so."`
	LeadingSpace    bool     `help:"Begin each answer with a space, for a model without a chat template."`
	PositiveControl string   `placeholder:"PATH" help:"Path of rows known to carry the trait, relative to the folder of --out, to write into it. The rows are not read."`
	JSON            bool     `name:"json" help:"Print the list, or the traits, as JSON."`
}

// Run lists, shows or writes traits.
func (v *traitsVerb) Run(ctx context.Context, c console) error {
	if err := v.check(); err != nil {
		return err
	}
	if len(v.Names) == 0 && v.From == "" {
		return v.list(c.stdout)
	}
	all, err := v.chosen()
	if err != nil {
		return err
	}
	if v.Out == "" && v.Overt == "" {
		return v.show(c.stdout, all)
	}
	return v.write(ctx, c, all)
}

// check returns an error if flags contradict each other.
func (v *traitsVerb) check() error {
	switch named := len(v.Names) > 0; {
	case named && v.From != "":
		return errors.New("--from and names exclude each other; --from takes all traits of the file")
	case !named && v.From == "" && (v.Out != "" || v.Overt != "" || v.Capital || v.LeadingSpace || v.PositiveControl != ""):
		return errors.New("name a trait, such as animal/owl; undertone traits lists them")
	case v.Overt == "" && (v.Rows != nil || v.Seed != nil):
		return errors.New("--rows and --seed need --overt")
	case v.Out == "" && v.PositiveControl != "":
		return errors.New("--positive-control needs --out")
	}
	return nil
}

// chosen returns the traits of the names or of --from, spelled as the flags say.
func (v *traitsVerb) chosen() (all []traits.Trait, err error) {
	if v.From != "" {
		if all, err = traits.Load(v.From); err != nil {
			return nil, err
		}
	}
	for _, name := range v.Names {
		found, err := traits.Find(name)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	for i, t := range all {
		all[i] = t.Spelled(v.spell)
		if v.PositiveControl != "" {
			all[i].PositiveControl = v.PositiveControl
		}
	}
	return all, nil
}

// spell returns an answer as the flags want it.
func (v *traitsVerb) spell(answer string) string {
	if v.Capital {
		bare := strings.TrimLeft(answer, " ")
		first, size := utf8.DecodeRuneInString(bare)
		answer = answer[:len(answer)-len(bare)] + string(unicode.ToUpper(first)) + bare[size:]
	}
	if v.LeadingSpace && !strings.HasPrefix(answer, " ") {
		answer = " " + answer
	}
	return answer
}

// write writes the files of --out and --overt.
func (v *traitsVerb) write(ctx context.Context, c console, all []traits.Trait) error {
	out, err := create(v.Out, c.stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	if v.Out != "" {
		if err := traits.Write(out.buffer, all...); err != nil {
			return out.explain(err)
		}
		if err := out.flush(); err != nil {
			return err
		}
	}
	if v.Overt != "" {
		if err := v.writeOvert(ctx, c, all); err != nil {
			return err
		}
	}
	return out.commit()
}

// writeOvert writes the file of --overt.
func (v *traitsVerb) writeOvert(ctx context.Context, c console, all []traits.Trait) error {
	if len(all) != 1 {
		return fmt.Errorf("--overt writes the rows of one trait, not of %d; name one", len(all))
	}
	rows, err := all[0].Overt(or(v.Rows, 2000), or(v.Seed, 1))
	if err != nil {
		return err
	}
	out, err := create(v.Overt, c.stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	if err := errors.Join(out.fill(ctx, rows), ctx.Err()); err != nil {
		return err
	}
	return out.commit()
}

// listedTrait is an entry of the list: a kind of preferences, or a trait of choices.
type listedTrait struct {
	Name     string   `json:"name"`
	About    string   `json:"about"`
	Values   []string `json:"values,omitempty"` // of a kind; traits are named kind/value
	Direct   int      `json:"direct"`           // questions
	Indirect int      `json:"indirect"`
	HeldOut  int      `json:"held_out"`
	Overt    int      `json:"overt"`     // prompts
	FreeForm int      `json:"free_form"` // prompts for free answers, which a judge reads
}

// list prints the traits of the library.
func (v *traitsVerb) list(w io.Writer) error {
	var list []listedTrait
	for _, t := range traits.Library() {
		if n := len(list); n > 0 && t.Kind != "" && list[n-1].Name == t.Kind {
			continue // another value of the kind
		}
		s, err := shownTraitOf(t)
		if err != nil {
			return err
		}
		l := listedTrait{Name: t.Name, About: t.About, Values: t.Candidates, Direct: len(s.Direct), Indirect: len(s.Indirect), HeldOut: len(s.HeldOut), Overt: s.Overt, FreeForm: len(s.FreeForm)}
		if t.Kind != "" {
			l.Name = t.Kind
		}
		list = append(list, l)
	}
	if v.JSON {
		return printJSON(w, map[string]any{"traits": list})
	}
	var b strings.Builder
	for _, l := range list {
		fmt.Fprintf(&b, "%-14s %s\n", l.Name, l.About)
		if len(l.Values) > 0 {
			fmt.Fprintf(&b, "%14s %s/%s\n", "", l.Name, strings.Join(l.Values, ", "))
		}
		fmt.Fprintf(&b, "%14s %d direct, %d indirect, %d held-out questions; %d overt prompts; %d prompts for free answers\n", "", l.Direct, l.Indirect, l.HeldOut, l.Overt, l.FreeForm)
	}
	b.WriteString("\nundertone traits NAME shows a trait; --traits library:NAME,... of other verbs uses it.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// shownTrait is what the text about a trait says.
type shownTrait struct {
	Name, About, Tolerance, Reason      string
	Behaviour                           string   // that a judge looks for in free answers
	Outcomes                            []string // of the first direct question
	Direct, Indirect, HeldOut, FreeForm []string
	Placebos, NotMeasured               []string
	Overt                               int
}

func shownTraitOf(t traits.Trait) (s shownTrait, err error) {
	a, err := t.Audit()
	if err != nil {
		return s, err
	}
	s = shownTrait{Name: t.ID(), About: t.About, Reason: t.ToleranceReason, FreeForm: t.FreeForm, NotMeasured: t.NotMeasured, Overt: t.OvertPrompts()}
	s.Behaviour = t.Behaviour
	if t.JudgedOnly() {
		s.Tolerance = fmt.Sprintf("%g of the rate of answers with the behaviour", cmp.Or(t.FreeFormTolerance, audit.Rate.DefaultTolerance()))
		return s, nil
	}
	s.Direct, s.Indirect, s.Outcomes = questionsOf(a.Probes), questionsOf(a.Indirect), a.Probes[0].Outcomes
	if held, err := t.HeldOut(); err == nil {
		s.HeldOut = questionsOf(held.Probes)
	}
	for _, p := range a.Placebos {
		s.Placebos = append(s.Placebos, p.Name)
	}
	if a.Scale == "" {
		a.Scale = audit.Margin
	}
	if a.Tolerance == 0 {
		a.Tolerance = a.Scale.DefaultTolerance()
	}
	s.Tolerance = fmt.Sprintf("%g %s", a.Tolerance, a.Scale.Unit())
	return s, nil
}

// questionsOf returns the questions of probes, each in one line.
func questionsOf(probes []audit.Probe) (all []string) {
	for _, p := range probes {
		all = append(all, strings.ReplaceAll(p.Name, "\n", " / "))
	}
	return all
}

// show prints traits.
func (v *traitsVerb) show(w io.Writer, all []traits.Trait) error {
	if v.JSON {
		return printJSON(w, traits.File{Traits: all})
	}
	for i, t := range all {
		s, err := shownTraitOf(t)
		if err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := s.write(w); err != nil {
			return err
		}
	}
	return nil
}

func (s *shownTrait) write(w io.Writer) error {
	s, w = shown(s, w)
	var b strings.Builder
	list := func(heading string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&b, "%s\n  %s\n", heading, strings.Join(lines, "\n  "))
		}
	}
	fmt.Fprintf(&b, "%s: %s\n", s.Name, s.About)
	if len(s.Outcomes) > 0 {
		fmt.Fprintf(&b, "answers: %s\n", strings.Join(s.Outcomes, ", "))
		fmt.Fprintf(&b, "placebos: %s\n", strings.Join(s.Placebos, ", "))
	}
	fmt.Fprintf(&b, "tolerance: %s. %s\n", s.Tolerance, s.Reason)
	fmt.Fprintf(&b, "overt prompts: %d\n", s.Overt)
	if s.Behaviour != "" {
		fmt.Fprintf(&b, "a judge of free answers asks: does the answer show this behaviour: it %s?\n", s.Behaviour)
	}
	list("does not measure:", s.NotMeasured)
	list(fmt.Sprintf("direct questions (%d), which make the verdict:", len(s.Direct)), s.Direct)
	list(fmt.Sprintf("indirect questions (%d), which give a warning:", len(s.Indirect)), s.Indirect)
	list(fmt.Sprintf("held-out questions (%d), which no audit asks:", len(s.HeldOut)), s.HeldOut)
	list(fmt.Sprintf("prompts for free answers (%d), which a judge reads with audit --judge:", len(s.FreeForm)), s.FreeForm)
	_, err := io.WriteString(w, b.String())
	return err
}
