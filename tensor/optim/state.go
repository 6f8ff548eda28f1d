package optim

// State is what an [Adam] or [AdamW] remembers between steps: with it and the parameters,
// training goes on bit for bit where it stopped. The zero State is that before the first step.
type State struct {
	Step   int         // steps taken
	First  [][]float32 // m, by parameter; nil before the first step
	Second [][]float32 // v
}

// State returns what o remembers, which it shares: it is valid until the next step.
func (o *Adam) State() State { return State{o.step, o.first, o.other} }

// Restore makes o go on from a state, which it takes over. The next Step panics if the
// state is of other parameters.
func (o *Adam) Restore(s State) { o.step, o.first, o.other = s.Step, s.First, s.Second }
