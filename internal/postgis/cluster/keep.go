package cluster

import (
	"context"
	"errors"
	"log/slog"
	"syscall"
	"time"
)

// keepLook is how often Keep looks whether the server still runs.
const keepLook = time.Second

// Keep brings the server up again whenever it is gone, until the function it returns is called, which waits for the end.
// Call that before Close.
func (c *Cluster) Keep(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			if err := c.revive(ctx); err != nil && ctx.Err() == nil {
				slog.ErrorContext(ctx, "the private database is gone and does not come up", "err", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(keepLook):
			}
		}
	}()
	return func() { cancel(); <-ended }
}

// revive brings up a server where none runs. One that runs and is slow to answer is left alone.
func (c *Cluster) revive(ctx context.Context) (err error) {
	if c.postmaster() != 0 {
		return nil
	}
	start, err := c.folder.openLock(c.folder.startLock())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, start.Close()) }()
	if err := waitLock(ctx, start, syscall.LOCK_EX); err != nil {
		return err
	}
	slog.WarnContext(ctx, "the private database is gone; it is started again")
	return c.bringUp(ctx)
}
