// Package beijing is the time in which days and deadlines are counted and people read instants: UTC+8.
//
// # Why
//
// 2026-11-28: a fixed zone and not one of the system's: there has been no summer time since 1991, before anything that is
// kept here was recorded, and a machine without zone files must count the same days.
package beijing
