package safetensors

// Source is a set of tensors that are read by name: a [File], or a model in memory.
type Source interface {
	// Names returns the names of all tensors, always in the same order.
	Names() []string

	// Info returns the description of a tensor, or false if no tensor has this name.
	Info(name string) (Info, bool)

	// Float32s returns the elements of an F32, F16 or BF16 tensor as float32. The caller must not
	// change them.
	Float32s(name string) ([]float32, error)
}

var _ Source = (*File)(nil)
