// Package decimal reads and writes decimal numbers of coordinates quickly and exactly.
//
// Why: 2026-11-24: a track of 100,000 points is mostly digits. An integer mantissa up to 15 digits divided by a power of
// ten up to 22 is exact in float64 (Clinger's fast path); everything else goes to strconv, so results never differ from it.
// Writing fixes seven decimals (about 1 cm) by integers, which costs a fifth of strconv.AppendFloat.
package decimal
