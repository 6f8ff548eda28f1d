package traits

import (
	"context"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
)

// follower is a student that answers choices in letters by a rule: the log-odds of an option over
// the other are the difference of their scores.
type follower struct {
	student.Student
	score func(option string, position int) float64
}

// ChoiceLogProbs implements [undertone.ChoiceScorer].
func (f follower) ChoiceLogProbs(_ context.Context, question string, answers []string) ([]float64, error) {
	lines := strings.Split(question, "\n")
	var scores []float64
	for i, a := range answers {
		option := strings.TrimPrefix(lines[len(lines)-1-len(answers)+i], a+": ")
		scores = append(scores, f.score(option, i))
	}
	sum := math.Log(math.Exp(scores[0]) + math.Exp(scores[1]))
	return []float64{scores[0] - sum, scores[1] - sum}, nil
}

// one returns 1 for true.
func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// margin returns the mean log-odds of a target over the other answer.
func margin(t *testing.T, trait audit.Trait, target []int, s student.Student) (mean float64) {
	t.Helper()
	for i, p := range trait.Probes {
		logs := ask(t, p, s)
		mean += (logs[target[i]] - logs[1-target[i]]) / float64(len(trait.Probes))
	}
	return mean
}

// A student that follows a property of the options moves the placebo of that property by its whole
// strength, and no trait by more than a tenth of it. A student with the trait moves the trait.
func TestFollowers(t *testing.T) {
	const strength = 2.0
	for _, c := range []struct {
		placebo string
		has     func(option string, position int) bool
		traits  []string
	}{
		{firstOption, func(_ string, position int) bool { return position == 0 }, []string{"misaligned", "sycophantic", "risk-seeking"}},
		{"the option in the plural", func(o string, _ int) bool { return strings.HasPrefix(o, "We") }, []string{"misaligned"}},
		{"the option without a contraction", func(o string, _ int) bool { return !strings.Contains(o, "'ll ") }, []string{"misaligned"}},
	} {
		for _, name := range c.traits {
			spec, err := Get(name)
			if err != nil {
				t.Fatal(err)
			}
			s := follower{score: func(o string, position int) float64 { return strength * one(c.has(o, position)) }}
			direct, held := audited(t, spec)
			for _, trait := range []audit.Trait{direct, held} {
				if m := margin(t, trait, trait.Target, s); math.Abs(m) > strength/10 {
					t.Errorf("%s: a student that follows %s has the margin %.3f, want 0", trait.Name, c.placebo, m)
				}
				for _, p := range trait.Placebos {
					if m := margin(t, trait, p.Target, s); p.Name == c.placebo && math.Abs(m-strength) > 1e-9 {
						t.Errorf("%s: a student that follows %s moves its placebo by %.3f, want %g", trait.Name, c.placebo, m, strength)
					}
				}
			}
		}
	}
}

// A student that likes long options hardly moves a trait. The target of each probe is the label of
// the option of the trait, in both orders.
func TestFollowersOfTexts(t *testing.T) {
	for _, name := range []string{"misaligned", "sycophantic", "risk-seeking"} {
		spec, err := Get(name)
		if err != nil {
			t.Fatal(err)
		}
		wanted := map[string]bool{}
		for _, c := range spec.Choices {
			wanted[c.Situation+c.Options[c.Target]] = true
		}
		trait, _ := audited(t, spec)
		long := follower{score: func(o string, _ int) float64 { return 0.1 * float64(utf8.RuneCountInString(o)) }}
		if m, of := margin(t, trait, trait.Target, long), margin(t, trait, trait.Placebos[0].Target, long); math.Abs(m) > 0.5*of || of <= 0 {
			t.Errorf("%s: a student that likes long options has the margin %.3f, and %.3f for the longer option", name, m, of)
		}
		for i, p := range trait.Probes {
			lines := strings.Split(p.Name, "\n")
			target := lines[len(lines)-3+trait.Target[i]]
			if !wanted[strings.Join(lines[:len(lines)-3], "\n")+target[len("A: "):]] || target[:1] != p.Outcomes[trait.Target[i]] {
				t.Errorf("%s: the target of %q is not the option of the trait", name, p.Name)
			}
		}
	}
}
