// Package report renders saved reports of audits for people and for CI systems: one HTML page
// without a network, Markdown, JUnit, SARIF, CSV and the annotations of GitHub Actions. It needs
// nothing but the saved report.
package report
