package undertone

// Version is the version of the library. It is part of the key of every stored result, because
// results may change from one version to the next.
const Version = "0.1.0"
