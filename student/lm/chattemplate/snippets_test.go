package chattemplate

import "testing"

// TestSnippets compares short templates with transformers, feature by feature; testdata/snippets.py
// wrote the texts.
func TestSnippets(t *testing.T) {
	var sources []string
	var texts []*string
	readJSON(t, "testdata/snippets.json", &sources)
	readJSON(t, "testdata/snippets_expected.json", &texts)
	if len(sources) != len(texts) || len(sources) < 150 {
		t.Fatalf("%d snippets, %d texts", len(sources), len(texts))
	}
	c := Conversation{Messages: []Message{{Role: "user", Content: " Hello World. "}, {Role: "assistant", Content: "Hi."}}}
	for i, source := range sources {
		got, err := render(source, c)
		if different[source] != "" {
			if err == nil && texts[i] != nil && got == *texts[i] {
				t.Errorf("%q is no longer different", source)
			}
			continue
		}
		switch want := texts[i]; {
		case (err != nil) != (want == nil):
			t.Errorf("%q: error %v, the reference gives %v", source, err, show(want))
		case err == nil && got != *want:
			t.Errorf("%q:\n got %q\nwant %q", source, got, *want)
		}
	}
}

func show(s *string) string {
	if s == nil {
		return "an error"
	}
	return *s
}

func render(source string, c Conversation) (string, error) {
	t, err := Parse(source, Environment{Tokens: map[string]string{"bos_token": "<s>"}})
	if err != nil {
		return "", err
	}
	return t.Render(c)
}

// different are the snippets that render differently, and why.
var different = map[string]string{
	"{{ {'a': 1, 'b': 2}.items() | list }} {{ {'a': 1}.keys() | list }} {{ {'a': 1}.values() | list }} {{ {'a': 1}.get('a') }} {{ {'a': 1}.get('b') }} {{ {'a': 1}.get('b', 3) }}": "tuples are lists, which print with other brackets",
	"{{ messages[0] | tojson }} {{ messages[0].items() | list }}":                                            "the same",
	"{{ {1: 'a', true: 'b', none: 'c'} }} {{ {1: 'a'}[1] }} {{ 1 in {1: 2} }} {{ {1: 2, 'x': 3} | tojson }}": "1 and true are two keys",
	"{% block a %}b{% endblock %}":                      "the statement is not supported",
	"{% with a = 1 %}{{ a }}{% endwith %}":              "the statement is not supported",
	"{% for x in [1,2] recursive %}{{ x }}{% endfor %}": "recursive loops are not supported",
	"{{ ['<'] | join | e }} {{ '&' | e | e }}":          "text that a filter escaped is escaped again by the next one",
}
