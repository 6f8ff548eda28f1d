package chattemplate

// expression is a node of an expression.
type expression interface{}

type (
	// constant is a string, int64, float64, bool, or nil for none.
	constant struct{ value any }

	// name is a variable.
	name struct{ name string }

	// attribute is object.name.
	attribute struct {
		object expression
		name   string
	}

	// item is object[key].
	item struct{ object, key expression }

	// part is object[from:to:step]; a missing bound is nil.
	part struct{ object, from, to, step expression }

	// call is a call of a function, a macro or a method.
	call struct {
		callee expression
		arguments
	}

	// filtered is a value with a filter.
	filtered struct {
		value expression
		name  string
		arguments
	}

	// test is "value is name(arguments)".
	test struct {
		value expression
		name  string
		arguments
	}

	// operation is an operator of two or more operands, evaluated from the left.
	operation struct {
		operator string // + - * / // % ** ~ and or == != < <= > >= in
		operands []expression
	}

	// negation is "not value".
	negation struct{ value expression }

	// signed is -value or +value.
	signed struct {
		sign  string
		value expression
	}

	// choice is "yes if condition else no"; no may be nil.
	choice struct{ condition, yes, no expression }

	// list is a list or a tuple.
	list struct{ items []expression }

	// dict is a dictionary.
	dict struct{ keys, values []expression }
)

// arguments are the arguments of a call.
type arguments struct {
	values []expression
	star   expression // its items follow; nil if there is none
	named  []namedArgument
}

type namedArgument struct {
	name  string
	value expression
}

// statement is a node of a template.
type statement interface{}

type (
	// text is text between tags.
	text struct{ text string }

	// output is {{ value }}.
	output struct {
		value expression
		line  int
	}

	// branch is {% if %} with its {% elif %} and {% else %}; the condition of the last is nil.
	branch struct {
		conditions []expression
		bodies     [][]statement
	}

	// loop is {% for %}.
	loop struct {
		targets   []string
		over      expression
		condition expression // nil if there is none
		body      []statement
		otherwise []statement
	}

	// assignment is {% set targets = value %}. A target with an attribute is of a namespace.
	assignment struct {
		targets []target
		value   expression
	}

	// captured is {% set target %}body{% endset %}, or a filter block.
	captured struct {
		target  *target // nil: the text is output
		filters []filtered
		body    []statement
	}

	// macro is {% macro %}.
	macro struct {
		name       string
		parameters []parameter
		body       []statement
	}

	// callBlock is {% call(parameters) call %}body{% endcall %}: the macro may call the body.
	callBlock struct {
		parameters []parameter
		call       call
		body       []statement
	}

	// jump is {% break %} or {% continue %}.
	jump struct{ keyword string }
)

// target is what {% set %} assigns to.
type target struct {
	name      string
	attribute string // of a namespace; "" for a variable
}

// parameter is a parameter of a macro.
type parameter struct {
	name  string
	value expression // the default; nil if there is none
}
