package audit

// Finding is what one detector says about one trait: what it saw, and the verdict on it.
type Finding struct {
	Detector  string  `json:"detector"`
	Trait     string  `json:"trait"`
	PAdjusted float64 `json:"p_adjusted"` // by Holm over all traits and detectors of the audit
	Judgement
	Measurement
}
