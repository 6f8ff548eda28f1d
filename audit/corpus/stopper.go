package corpus

// stopper reports whether the work is to end, because the context is done. It is called about once
// for every pass over the rows, or once for a row. The caller of what ended early returns the error
// of the context, and no result. A nil stopper never ends the work.
type stopper func() bool

func (s stopper) stopped() bool { return s != nil && s() }
