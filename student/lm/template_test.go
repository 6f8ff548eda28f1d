package lm

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestTemplateNamed(t *testing.T) {
	for _, name := range []string{"plain", "chatml", "llama3", "mistral"} {
		if got, err := TemplateNamed(name); err != nil || got.Name != name {
			t.Errorf("%s: %q (%v)", name, got.Name, err)
		}
		want, _ := TemplateNamed(name)
		text, err := json.Marshal(want)
		var got Template
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s comes back as %+v (%v)", name, got, err)
		}
	}
	if _, err := TemplateNamed("alpaca"); err == nil {
		t.Error("an unknown name gives no error")
	}
}
