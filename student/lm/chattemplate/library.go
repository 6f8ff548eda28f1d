package chattemplate

import "github.com/ardanlabs/jinja"

// library is what a template may use, by name.
type library struct {
	operations map[string]operator // of rewritten templates; a filter x is "f_x", a test x is "is_x"
	functions  map[string]operator // of the environment
	filters    map[string]operator // the first argument is the value
	tests      map[string]predicate
	strings    map[string]stringMethod
	dicts      map[string]dictMethod
}

// predicate is a test of a value.
type predicate func(r *run, v jinja.Value, arguments []jinja.Value) bool

func newLibrary() *library {
	l := &library{
		operations: operations(), functions: functions(), filters: filters(), tests: tests(),
		strings: stringMethods(), dicts: dictMethods(),
	}
	for name, f := range l.filters {
		l.operations["f_"+name] = f
	}
	for name, f := range l.tests {
		l.operations["is_"+name] = func(r *run, v values) jinja.Value { return jinja.NewBool(f(r, v.list[0], v.list[1:])) }
	}
	return l
}
