// Package oms signs and verifies folders of data or of a model in the format of OpenSSF Model
// Signing 1.0 (https://github.com/ossf/model-signing-spec), by the method "key": ECDSA on P-256,
// P-384 or P-521. A bundle is what "model_signing sign key" writes.
//
// [Describe] hashes the files of a folder, [Manifest.Sign] signs what it found, and [Bundle.Verify]
// returns the signed manifest, which [Manifest.Check] compares with a folder. A file that was
// changed, renamed, removed or added fails the check.
//
// A folder is never left: symbolic links, and names that lead outside, are refused.
package oms
