package main

import "github.com/undertone-audit/undertone/audit"

// ways are the ways of cleaning that are compared.
var ways = list{
	{"rows dropped", audit.Cleaning{}},
	{"at random", audit.Cleaning{Random: true}},
	{"rows replaced", audit.Cleaning{Replace: true}},
	{"at random", audit.Cleaning{Replace: true, Random: true}},
	{"words dropped", audit.Cleaning{Words: true}},
	{"at random", audit.Cleaning{Words: true, Random: true}},
	{"words replaced", audit.Cleaning{Words: true, Replace: true}},
	{"at random", audit.Cleaning{Words: true, Replace: true, Random: true}},
}

type list []struct {
	name string
	how  audit.Cleaning
}

func (l list) names() []string {
	names := make([]string, len(l))
	for i, way := range l {
		names[i] = way.name
	}
	return names
}
