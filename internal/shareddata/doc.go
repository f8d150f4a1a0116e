// Package shareddata finds the real data that tests read: the folder shared/data beside the repository. None of it is in
// the repository.
//
// Why: 2026-11-24: one place decides what absence means. On a newcomer's machine a test without its data skips with a
// sentence; where CI is set it fails, so that nothing goes untested unseen.
package shareddata
