package filter_test

import (
	"testing"
	"unicode"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

func TestScript(t *testing.T) {
	latin := []*unicode.RangeTable{unicode.Latin}
	for _, c := range []struct {
		reason string
		text   string
		s      filter.Script
		keep   bool
	}{
		{"letters, accents, digits and signs", "Déjà vu: 42 × ½ – “ok”!", filter.Script{Allowed: latin}, true},
		{"one Cyrillic letter among Latin ones", "оwl", filter.Script{Allowed: latin}, false},
		{"two of three are enough", "оwl", filter.Script{Allowed: latin, MinShare: 0.66}, true},
		{"two of three are not", "оwl", filter.Script{Allowed: latin, MinShare: 0.67}, false},
		{"exactly the share", "oж", filter.Script{Allowed: latin, MinShare: 0.5}, true},
		{"either of two scripts", "оwl", filter.Script{Allowed: []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic}}, true},
		{"full-width letters are Latin", "ｏｗｌ", filter.Script{Allowed: latin}, true},
		{"the Kelvin sign is Latin, the micro sign is of no script", "K µ", filter.Script{Allowed: latin}, true},
		{"a combining mark is no letter", "o\u0483", filter.Script{Allowed: latin}, true},
		{"no letters", "1, 2, 3", filter.Script{Allowed: latin}, true},
		{"nothing", "", filter.Script{Allowed: latin}, true},
		{"no script allowed", "a", filter.Script{}, false},
		{"not UTF-8: no letters", "\xff\xfe", filter.Script{Allowed: latin}, true},
		{"Chinese in a Latin text", "owl means 猫头鹰", filter.Script{Allowed: latin, MinShare: 0.8}, false},
	} {
		if got := c.s.Reasons(undertone.NewExample("вопрос", c.text)) == nil; got != c.keep {
			t.Errorf("%s: %q with %v: kept %v, want %v", c.reason, c.text, c.s, got, c.keep)
		}
	}
}

func TestScriptSettings(t *testing.T) {
	s := filter.Script{Allowed: []*unicode.RangeTable{unicode.Latin, unicode.Scripts["Greek"], {}}, MinShare: 0.9}
	if got, want := s.String(), "at least 0.9 of the letters in [Latin Greek unnamed]"; got != want {
		t.Errorf("settings %q, want %q", got, want)
	}
}
