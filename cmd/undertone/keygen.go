package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/provenance/keys"
)

type keygenVerb struct {
	Out  string `required:"" file:"write" placeholder:"FILE" help:"File for the private key, in PEM, which its owner alone can read. The public key is written to FILE.pub. Neither file may exist."`
	Type string `enum:"ed25519,p256,p384,p521" default:"ed25519" placeholder:"TYPE" help:"Type of the key: ed25519, p256, p384 or p521. Signatures of folders need p256, p384 or p521 (default ${default})."`
	JSON bool   `name:"json" help:"Print the result as JSON."`
}

// madeKey is the result of keygen. It holds nothing of the private key.
type madeKey struct {
	Private string           `json:"private"` // path
	Public  string           `json:"public"`  // path
	ID      undertone.Digest `json:"id"`
	Type    keys.Kind        `json:"type"`
}

// publicSuffix follows the path of a private key in that of its public key.
const publicSuffix = ".pub"

// Run writes a new pair of keys. If the public key cannot be written, the private key stays:
// "openssl pkey -pubout" makes the public key from it.
func (v *keygenVerb) Run(_ context.Context, c console) error {
	if v.Out == standard {
		return errors.New("--out is -, but a private key is not printed; name a file")
	}
	key, err := keys.Generate(keys.Kind(v.Type))
	if err != nil {
		return err
	}
	text, err := key.PEM()
	if err != nil {
		return err
	}
	if err := newKeyFile(v.Out, text, true); err != nil {
		return err
	}
	if err := newKeyFile(v.Out+publicSuffix, key.Public().PEM(), false); err != nil {
		return err
	}
	made := madeKey{v.Out, v.Out + publicSuffix, key.ID(), key.Public().Kind()}
	if v.JSON {
		return printJSON(c.stdout, made)
	}
	s, w := shown(&made, c.stdout)
	_, err = fmt.Fprintf(w, "%s: private key (%s); whoever reads this file can sign in your name\n%s: public key %s; give this file to those who verify\n", s.Private, s.Type, s.Public, s.ID)
	return err
}

func newKeyFile(path string, text []byte, secret bool) error {
	err := atomicfile.WriteNew(path, text, secret)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: the file exists; a key is not overwritten, name another --out", path)
	}
	if err != nil {
		return fmt.Errorf("%s: cannot write: %w", path, withoutPath(err))
	}
	return nil
}
