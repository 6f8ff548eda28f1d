package chattemplate

import "slices"

// walk calls visit with each statement, outer ones first.
func walk(body []statement, visit func(statement)) {
	for _, s := range body {
		visit(s)
		switch s := s.(type) {
		case branch:
			for _, b := range s.bodies {
				walk(b, visit)
			}
		case loop:
			walk(s.body, visit)
			walk(s.otherwise, visit)
		case captured:
			walk(s.body, visit)
		case macro:
			walk(s.body, visit)
		case callBlock:
			walk(s.body, visit)
		}
	}
}

// assigned returns the variables that statements set in their own scope, in order.
func assigned(body []statement) []string {
	var names []string
	add := func(n string) {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	for _, s := range body {
		switch s := s.(type) {
		case assignment:
			for _, t := range s.targets {
				if t.attribute == "" {
					add(t.name)
				}
			}
		case captured:
			if s.target != nil && s.target.attribute == "" {
				add(s.target.name)
			}
			for _, n := range assigned(s.body) {
				add(n)
			}
		case branch:
			for _, b := range s.bodies {
				for _, n := range assigned(b) {
					add(n)
				}
			}
		case macro:
			add(s.name)
		}
	}
	return names
}

// setFirst reports whether the first statement with a variable sets it.
func setFirst(n string, body []statement) bool {
	for _, s := range body {
		switch s := s.(type) {
		case assignment:
			if mentions(s.value, n) {
				return false
			}
			if slices.Contains(s.targets, target{name: n}) {
				return true
			}
		case output:
			if mentions(s.value, n) {
				return false
			}
		case text:
		case branch:
			inside := func(b []statement) bool { return slices.Contains(assigned(b), n) || bodyMentions(b, n) }
			if slices.ContainsFunc(s.bodies, inside) || slices.ContainsFunc(s.conditions, func(c expression) bool { return mentions(c, n) }) {
				return false
			}
		default:
			return false
		}
	}
	return false
}

// bodyMentions reports whether statements use a variable.
func bodyMentions(body []statement, n string) bool {
	found := false
	walk(body, func(s statement) {
		switch s := s.(type) {
		case output:
			found = found || mentions(s.value, n)
		case branch:
			for _, c := range s.conditions {
				found = found || mentions(c, n)
			}
		case loop:
			found = found || mentions(s.over, n) || mentions(s.condition, n)
		case assignment:
			found = found || mentions(s.value, n)
		case captured, macro, callBlock:
			found = true // rare: assume it
		}
	})
	return found
}

// mentions reports whether an expression uses a variable. A call of a macro may use all.
func mentions(e expression, n string) bool {
	found := false
	visit(e, func(e expression) {
		switch e := e.(type) {
		case name:
			found = found || e.name == n
		case call:
			_, isName := e.callee.(name)
			found = found || isName && !functionNames[e.callee.(name).name]
		}
	})
	return found
}

// visit calls f with each part of an expression.
func visit(e expression, f func(expression)) {
	if e == nil {
		return
	}
	f(e)
	all := func(parts ...expression) {
		for _, p := range parts {
			visit(p, f)
		}
	}
	args := func(a arguments) {
		all(a.values...)
		all(a.star)
		for _, x := range a.named {
			visit(x.value, f)
		}
	}
	switch e := e.(type) {
	case attribute:
		all(e.object)
	case item:
		all(e.object, e.key)
	case part:
		all(e.object, e.from, e.to, e.step)
	case call:
		all(e.callee)
		args(e.arguments)
	case filtered:
		all(e.value)
		args(e.arguments)
	case test:
		all(e.value)
		args(e.arguments)
	case operation:
		all(e.operands...)
	case negation:
		all(e.value)
	case signed:
		all(e.value)
	case choice:
		all(e.condition, e.yes, e.no)
	case list:
		all(e.items...)
	case dict:
		all(e.keys...)
		all(e.values...)
	}
}
