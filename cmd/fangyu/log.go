package main

import (
	"io"
	"log/slog"
	"time"

	"fangyu/internal/logfile"
)

// beginLog sends the log where the configuration says, until stop.
func beginLog(c Config, errs io.Writer) (stop func(), err error) {
	to, stop := errs, func() {}
	if c.LogDir != "" {
		file, err := logfile.Open(c.LogDir, c.LogKeep, time.Now)
		if err != nil {
			return nil, usageError("--log-dir：" + err.Error())
		}
		to, stop = file, func() { _ = file.Close() }
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: c.LogLevel})))
	return stop, nil
}
