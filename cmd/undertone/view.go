package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/undertone-audit/undertone/contrib/report/view"
	"github.com/undertone-audit/undertone/internal/atomicfile"
)

type viewVerb struct {
	Dir         string `arg:"" file:"folder" help:"Folder of saved reports. Folders in it are read, too."`
	Address     string `placeholder:"HOST:PORT" default:"127.0.0.1:8080" help:"Address of this machine to listen on; port 0 chooses a free port (default ${default})."`
	AddressFile string `file:"write" placeholder:"FILE" help:"File that the address is written to when the server listens. Standard output has it too, as a URL."`
}

// Run serves the reports of a folder to browsers on this machine until ctx is done.
func (v *viewVerb) Run(ctx context.Context, c console) error {
	switch local, err := isLoopback(v.Address); {
	case err != nil:
		return err
	case !local:
		return fmt.Errorf("--address %s can be reached by other machines, and view has no key; use 127.0.0.1", v.Address)
	}
	s, err := view.New(v.Dir)
	if err != nil {
		return fmt.Errorf("%s: %w", v.Dir, withoutPath(err))
	}
	defer s.Close()
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", v.Address)
	if err != nil {
		return fmt.Errorf("--address: %w", err)
	}
	defer l.Close()
	where := fmt.Sprintf("http://%s\n", l.Addr())
	if v.AddressFile != "" {
		if err := atomicfile.WriteFile(v.AddressFile, []byte(l.Addr().String()+"\n")); err != nil {
			return err
		}
	}
	_, err = io.WriteString(c.stdout, where)
	return errors.Join(err, s.Serve(ctx, l))
}
