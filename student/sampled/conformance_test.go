package sampled_test

import (
	"testing"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/sampled"
	"github.com/undertone-audit/undertone/student/studenttest"
	"github.com/undertone-audit/undertone/student/tiny"
)

// described is a student that a program trains.
type described struct{ chatty }

func (described) TrainerInfo() student.TrainerInfo {
	return student.TrainerInfo{Command: []string{"x"}}
}

// several is a student with several initialisations.
type several struct{ chatty }

func (s several) Replicate(r int) (student.Student, error) {
	return newChatty(s.slope, s.noise, uint64(r)), nil
}

// A sampled student has a trainer and replicates if the student that it wraps has them.
func TestAbilities(t *testing.T) {
	for name, c := range map[string]struct {
		s                   student.Student
		described, ensemble bool
	}{
		"plain":     {newChatty(1, .1, 1), false, false},
		"described": {described{newChatty(1, .1, 1)}, true, false},
		"several":   {several{newChatty(1, .1, 1)}, false, true},
	} {
		s, err := sampled.NewStudent(c.s, sampled.Config{Samples: 20})
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := s.(student.ExternallyTrained); ok != c.described {
			t.Errorf("%s: ExternallyTrained is %v, want %v", name, ok, c.described)
		}
		e, ok := s.(student.Ensemble)
		if ok != c.ensemble {
			t.Errorf("%s: Ensemble is %v, want %v", name, ok, c.ensemble)
		}
		if ok {
			a, errA := e.Replicate(0)
			b, errB := e.Replicate(1)
			if errA != nil || errB != nil || a.Digest() == b.Digest() || a.(student.Sampled).Samples() != 20 {
				t.Errorf("%s: replicates %v and %v", name, a, b)
			}
		}
		if n := s.(student.Sampled).Samples(); n != 20 {
			t.Errorf("%s: %d samples, want 20", name, n)
		}
	}
	if _, err := sampled.NewStudent(silent{}, sampled.Config{}); err == nil {
		t.Error("a student that does not talk is no error")
	}
}

// silent is a student that does not talk.
type silent struct{ student.Student }

// A student whose answers are sampled keeps the contract of students.
func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: that sampled students are students: it takes seconds to train them")
	}
	base, err := tiny.Base()
	if err != nil {
		t.Fatal(err)
	}
	s, err := sampled.NewStudent(base, sampled.Config{Samples: 50})
	if err != nil {
		t.Fatal(err)
	}
	studenttest.Test(t, s, rows("rows", 12), studenttest.Options{Recipe: student.Recipe{BatchSize: 4}})
}
