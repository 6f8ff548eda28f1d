package external

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// defaultGrace is the time between the request to end and the kill of a process group.
const defaultGrace = 3 * time.Second

// process is a program to run.
type process struct {
	what  string // in errors, such as "trainer"
	args  []string
	env   []string
	out   io.Writer     // receives standard output and standard error
	grace time.Duration // from the end of the context to the kill
}

// run runs the program to its end. When ctx is done, the process group is asked to end, and killed
// after the grace. When run returns, no process of the group is left, and on Linux no process that
// the program started. The error is that of ctx if ctx ended the program.
func (p process) run(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// The system may bind the life of the process to that of the thread that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, p.args[0], p.args[1:]...)
	mark := newMark()
	cmd.Env, cmd.Stdout, cmd.Stderr = append(slices.Clip(p.env), mark), p.out, p.out
	cmd.WaitDelay = p.grace
	ownGroup(cmd)
	cmd.Cancel = func() error {
		signalDescendants(mark, syscall.SIGTERM)
		return terminate(cmd)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("the %s cannot be started: %w", p.what, err)
	}
	release := guard(cmd, mark)
	err := cmd.Wait()
	killGroup(cmd)
	killDescendants(mark)
	release()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // a process of the group held the output open
		return nil
	case errors.As(err, &exit):
		return fmt.Errorf("the %s failed: %s", p.what, exit.ProcessState)
	}
	return err
}
