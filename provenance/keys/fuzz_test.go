package keys_test

import (
	"testing"

	"github.com/undertone-audit/undertone/provenance/keys"
)

func FuzzParse(f *testing.F) {
	for _, kind := range keys.Kinds() {
		key, err := keys.Generate(kind)
		if err != nil {
			f.Fatal(err)
		}
		text, err := key.PEM()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		f.Add(key.Public().PEM())
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if public, err := keys.ParsePublic(text); err == nil {
			if again, err := keys.ParsePublic(public.PEM()); err != nil || again.ID() != public.ID() {
				t.Fatalf("%s is another key when it is read again: %v", public.PEM(), err)
			}
		}
		if private, err := keys.ParsePrivate(text); err == nil {
			sig, err := private.Sign(text)
			if err != nil {
				t.Fatal(err)
			}
			if err := private.Public().Verify(text, sig); err != nil {
				t.Fatal(err)
			}
		}
	})
}
