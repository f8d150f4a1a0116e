package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"fangyu/internal/pgtest"
	"fangyu/internal/postgis/cluster"
)

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: hold -- COMMAND ARG…")
		os.Exit(2)
	}
	code, err := run(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "hold:", err)
	}
	os.Exit(code)
}

func run(args []string) (code int, err error) {
	// An interrupt from the terminal reaches the command by itself; a request to end comes to us alone and is handed on.
	// Either way the command ends as it likes and we after it.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	c, err := cluster.Join(context.Background(), cluster.Options{Dir: pgtest.Dir(), Memory: true})
	if err != nil {
		return 1, err
	}
	defer c.Close()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), pgtest.ClusterEnv+"="+c.Dir())
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	go func() {
		for s := range signals {
			if s == syscall.SIGTERM {
				_ = cmd.Process.Signal(s)
			}
		}
	}()
	return exitCode(cmd.Wait())
}

// exitCode is the command's own, or 128 and the number of the signal that ended it, as a shell says it.
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		if err != nil {
			return 1, err
		}
		return 0, nil
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}
