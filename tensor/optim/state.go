package optim

// State is the state of an [Adam] or [AdamW] between steps: with it and the parameters, training
// resumes bit for bit. The zero State is that before the first step.
type State struct {
	Step   int         // steps taken
	First  [][]float32 // m, by parameter; nil before the first step
	Second [][]float32 // v
}

// State returns the state of o, which shares its memory with o: it is valid until the next step.
func (o *Adam) State() State { return State{o.step, o.first, o.second} }

// Restore sets the state of o, which o shares from then on. The next Step panics if the state is of
// other parameters.
func (o *Adam) Restore(s State) { o.step, o.first, o.second = s.Step, s.First, s.Second }
