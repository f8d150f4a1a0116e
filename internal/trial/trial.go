package trial

import (
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Seed is FANGYU_SEED, or a new one; a failing test says how to come back to it.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("FANGYU_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("FANGYU_SEED: %v", err)
		}
	}
	t.Logf("FANGYU_SEED=%d", seed)
	return seed
}

// Size is how often or how large something is tried: quick in every run, small by make custody, large by make soak.
func Size(quick, small, large int) int {
	switch os.Getenv("FANGYU_SOAK") {
	case "":
		return quick
	case "small":
		return small
	}
	return large
}

// CPUSeconds is the processor time of this process so far, collector included: what a busy machine does not stretch.
func CPUSeconds(t testing.TB) float64 {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}
