// Package dsse signs and verifies DSSE envelopes (Dead Simple Signing Envelope 1.0): a payload, its
// type, and signatures over both.
//
// [Sign] makes an envelope, [Parse] reads one, and [Envelope.Verify] checks its signatures against
// trusted keys. Use a payload only after Verify has accepted it. No signature covers the key IDs in
// an envelope, so they are not used: each trusted key is tried on each signature, by the algorithm
// of the key.
package dsse
