package dsse

import "fmt"

// PAE returns the pre-authentication encoding of a payload and its type. It is the message that is
// signed: "DSSEv1", the length of the type, the type, the length of the payload, and the payload,
// separated by single spaces. Lengths are in bytes.
func PAE(payloadType string, payload []byte) []byte {
	return append(fmt.Appendf(nil, "DSSEv1 %d %s %d ", len(payloadType), payloadType, len(payload)), payload...)
}
