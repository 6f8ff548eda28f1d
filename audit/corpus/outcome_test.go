package corpus

import (
	"encoding/json"
	"testing"
)

func TestOutcomeIsText(t *testing.T) {
	for o, name := range map[Outcome]string{Inconclusive: `"inconclusive"`, Distinguishable: `"distinguishable"`, NotDistinguishable: `"not distinguishable"`} {
		form, err := json.Marshal(o)
		if err != nil || string(form) != name {
			t.Errorf("outcome %d is %s, %v; want %s", int(o), form, err, name)
		}
		read := Outcome(-1)
		if err := json.Unmarshal([]byte(name), &read); err != nil || read != o {
			t.Errorf("%s is read as %v, error %v", name, read, err)
		}
	}
	var o Outcome
	if err := json.Unmarshal([]byte(`"detected"`), &o); err == nil {
		t.Error("the outcome detected is accepted")
	}
	for _, unknown := range []Outcome{-1, 3} {
		if form, err := json.Marshal(unknown); err == nil {
			t.Errorf("outcome %d is written as %s", int(unknown), form)
		}
	}
}
