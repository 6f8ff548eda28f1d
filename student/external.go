package student

import "github.com/undertone-audit/undertone"

// ExternallyTrained is implemented by a Student that a program of the user trains.
type ExternallyTrained interface {
	// TrainerInfo describes the program.
	TrainerInfo() TrainerInfo
}

// TrainerInfo describes a program that trains students.
type TrainerInfo struct {
	Command  []string         `json:"command"`            // the arguments, with their placeholders
	Key      undertone.Digest `json:"key"`                // of the arguments and the content of the files
	Files    []TrainerFile    `json:"files"`              // that the arguments name; never null
	Versions []TrainerVersion `json:"versions,omitempty"` // that the program reported, by name
}

// TrainerVersion is the version of a program that trained students.
type TrainerVersion struct {
	Name    string `json:"name"`
	Version string `json:"version"` // several are separated by ", "
}

// TrainerFile is a file that the command of a trainer names.
type TrainerFile struct {
	Name   string           `json:"name"`   // as the command spells it
	Digest undertone.Digest `json:"digest"` // SHA-256 of the content
}

// Closer is implemented by a trained Student that holds something outside of this process, such as
// an adapter on a server. The caller of Train closes it when it needs no more answers.
type Closer interface {
	Close() error
}
