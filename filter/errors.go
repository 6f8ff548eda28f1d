package filter

import "errors"

var (
	// ErrNoScore means that an answer of a judge is not an integer in [0, 100].
	ErrNoScore = errors.New("the answer is not an integer from 0 to 100")

	// ErrNotCalibrated means that a judge did not reach its [CalibrationTarget].
	ErrNotCalibrated = errors.New("the judge did not pass its calibration")
)
