//go:build !unix

package main

// processor returns 0: the processor time of the program is unknown.
func processor() float64 { return 0 }
