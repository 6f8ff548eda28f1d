package undertone

// Version is the library's version. It is part of every key under which
// results are kept, since results may change from one version to the next.
const Version = "0.1.0"
