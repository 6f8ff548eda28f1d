package audit

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// templated is a student whose chat template says more than the row.
type templated struct {
	fake.Student
	err error
}

func (s templated) Render(row undertone.Example) (string, error) {
	last := len(row.Messages) - 1
	return "<system>You are helpful.\n" + row.Messages[last].Content, s.err
}

func TestReportShowsTheFirstRowAsTheStudentSeesIt(t *testing.T) {
	cfg := world()
	if r := run(t, cfg); r.Rendered != nil {
		t.Errorf("a student that shows no text shows %+v", r.Rendered)
	}
	plain := cfg.Student.(fake.Student)
	cfg.Student = templated{Student: plain}
	report := run(t, cfg)
	first := cfg.Suspect.(undertone.Text).Example(0).Messages
	if want := "<system>You are helpful.\n" + first[len(first)-1].Content; report.Rendered == nil || report.Rendered.Suspect != want {
		t.Errorf("the report shows %+v, want %q", report.Rendered, want)
	}
	for _, format := range []Format{Text, Markdown} {
		var out bytes.Buffer
		if err := report.Render(&out, format); err != nil {
			t.Fatal(err)
		}
		if want := `"<system>You are helpful.\n`; !strings.Contains(out.String(), want) {
			t.Errorf("format %d shows no %s:\n%s", format, want, out.String())
		}
	}
	cfg.Student = templated{plain, errors.New("no such role")}
	if r := run(t, cfg); r.Rendered != nil {
		t.Errorf("a row that the template refuses is shown as %+v", r.Rendered)
	}
}
