package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// --template takes a name, a file, or the name of one of the model's templates.
func TestTemplateFlag(t *testing.T) {
	dir, _ := tinyFolder(t)
	at := folder(t, map[string]string{
		"mine.jinja": "{% for m in messages %}{{ m.role }} {{ m.content }} {% endfor %}",
		"bad.jinja":  "{% for m in messages %}",
	})
	for _, c := range []struct {
		template, name, err string
	}{
		{"chatml", "", "is not in the vocabulary"},
		{"plain", "plain", ""},
		{filepath.Join(at, "mine.jinja"), "mine.jinja", ""},
		{filepath.Join(at, "bad.jinja"), "", "the end of the template"},
		{"none", "", "--template none is neither plain, chatml, llama3, mistral nor a file, and the model has no templates of its own"},
	} {
		m, err := templateFlag{Template: c.template}.load("--model", dir)
		if err != nil || c.err != "" {
			if err == nil || c.err == "" || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want %q", c.template, err, c.err)
			}
			continue
		}
		if got := m.Settings().Template.Name; got != c.name {
			t.Errorf("%s: the template is called %q, want %q", c.template, got, c.name)
		}
	}
}

// inspect and train show what the template of a model adds.
func TestTemplateAdditionsAreShown(t *testing.T) {
	cases := os.Getenv("UNDERTONE_CASES")
	if cases == "" {
		t.Skip("not checked: what a template adds: UNDERTONE_CASES is not set")
	}
	model := filepath.Join(cases, "templates", "chatml-think")
	want := `the template adds text before the answer: "<think>\n\n</think>\n\n"`
	at := folder(t, map[string]string{"in": `{"prompt":"Q","completion":"A"}` + "\n"})
	var inspected modelInspection
	stdout, stderr, code := execute(t, at, "", "inspect", model, "--json")
	if err := json.Unmarshal([]byte(stdout), &inspected); code != 0 || err != nil || len(inspected.Added) != 1 || inspected.Added[0] != want {
		t.Errorf("inspect: exit code %d, %q (%v), added %q", code, stderr, err, inspected.Added)
	}
	var trained trainReport
	stdout, stderr, code = execute(t, at, "", "train", "--model", model, "--in", "in", "--out", "out", "--json")
	if err := json.Unmarshal([]byte(stdout), &trained); code != 0 || err != nil || len(trained.Added) != 1 || trained.Added[0] != want {
		t.Errorf("train: exit code %d, %q (%v), added %q", code, stderr, err, trained.Added)
	}
	if !strings.Contains(trained.Seen, "<think>\n\n</think>\n\nA") {
		t.Errorf("the first row is shown as %q", trained.Seen)
	}
}
