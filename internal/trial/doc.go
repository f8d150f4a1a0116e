// Package trial is what tests and benchmarks share that say things of chance, size and cost: the seed that replays a
// failure, whether the large sizes are wanted, and the processor time used.
//
// # Why
//
// 2026-11-28: figures are given in processor time, because a busy machine stretches the clock and not the work.
package trial
