// Package print makes the official papers as standalone HTML pages for A4: no script, no file from elsewhere, styles and
// map inside.
//
// It leans on html/template, on the report and the signatures of package boundary, and on geo for the map.
//
// Why (2026-11-24): a browser prints better Chinese than any PDF library of ours would, and the page can be kept beside
// the digest that was signed. Every figure comes from the compiled report and stands in a data element with its exact
// value, so that paper and interface can be held against each other by a test.
package print
