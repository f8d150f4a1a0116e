// Package house holds the tests of the house itself: which package may import which, and what every file and package must
// have. It has no code of its own.
//
// Why (2026-11-24): a rule that nothing checks is forgotten by the second newcomer.
package house
