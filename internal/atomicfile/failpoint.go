package atomicfile

import "io/fs"

// Step is a step of writing a file or moving a folder that a full or broken disk can fail.
type Step string

// The steps.
const (
	StepCreate Step = "create" // of the temporary file
	StepWrite  Step = "write"
	StepSync   Step = "sync" // of the content
	StepRename Step = "rename"
)

// Failpoint, if it is set, is called before each step with the path of the file. Its error is that
// of the step. Only tests set it.
var Failpoint func(step Step, path string) error

// failAt returns the error of the failpoint, if it is set.
func failAt(step Step, path string) error {
	if Failpoint == nil {
		return nil
	}
	if err := Failpoint(step, path); err != nil {
		return &fs.PathError{Op: string(step), Path: path, Err: err}
	}
	return nil
}
