// Package catalogue writes what a manifest knows in the formats of data catalogues, and reads what
// such files claim: Croissant 1.1 with its RAI extension and PROV-O, and sections of dataset cards.
// Modules contrib/card and contrib/cyclonedx add the front matter of dataset cards and CycloneDX.
//
// Everything that is read is a claim: no catalogue file is signed or compared with the rows.
package catalogue
