// Command hold runs a command while holding the test cluster, so that the packages of one test run share one server:
//
//	go run ./internal/pgtest/hold -- go test ./...
//
// The cluster ends with it, whatever happens: the lock it holds is the kernel's, and the cluster's reaper waits for it.
package main
