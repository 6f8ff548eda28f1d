package intoto

import (
	"fmt"

	"github.com/undertone-audit/undertone/internal/strictjson"
)

// TestResultType is the predicate type of a [TestResult].
const TestResultType = "https://in-toto.io/attestation/test-result/v0.1"

// TestResult is the predicate test-result v0.1: the outcome of tests of the subject.
type TestResult struct {
	Result        Result               `json:"result"`
	Configuration []ResourceDescriptor `json:"configuration"` // what the tests used
	URL           string               `json:"url,omitempty"` // of the full report
	PassedTests   []string             `json:"passedTests,omitempty"`
	WarnedTests   []string             `json:"warnedTests,omitempty"`
	FailedTests   []string             `json:"failedTests,omitempty"`
}

// Result is the outcome of tests.
type Result string

// The results. An audit passes if it is undetected, fails if it is detected, and warns if it is
// inconclusive.
const (
	Passed Result = "PASSED"
	Warned Result = "WARNED"
	Failed Result = "FAILED"
)

// TestResult returns the predicate of a statement of the type [TestResultType].
func (s *Statement) TestResult() (*TestResult, error) {
	r := new(TestResult)
	if err := s.predicate(TestResultType, r); err != nil {
		return nil, err
	}
	if r.Result != Passed && r.Result != Warned && r.Result != Failed {
		return nil, fmt.Errorf("intoto: test result: the result is %.40q, want %s, %s or %s", r.Result, Passed, Warned, Failed)
	}
	return r, nil
}

// predicate decodes the predicate of a statement of a type.
func (s *Statement) predicate(predicateType string, into any) error {
	if s.PredicateType != predicateType {
		return fmt.Errorf("intoto: statement: its predicate type is %.80q, want %q", s.PredicateType, predicateType)
	}
	if err := strictjson.Decode(s.Predicate, MaxSize, into); err != nil {
		return fmt.Errorf("intoto: predicate %s: %w", predicateType, err)
	}
	return nil
}
