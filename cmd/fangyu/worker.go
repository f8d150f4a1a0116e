package main

import (
	"fangyu/boundary/boundsql"
	"fangyu/internal/worker"
)

// workerCommand is how the server starts itself again to do what may kill a process. People have no use for it.
type workerCommand struct {
	ReadTrack readTrackCommand `cmd:""`
}

type readTrackCommand struct{}

// Run reads and matches one track.
func (*readTrackCommand) Run(e *env) error {
	boundsql.WarmReading()
	return worker.Serve(e.in, e.out, boundsql.DoReading)
}

// What a reader may use: the least memory in which the program starts, in MiB, and how much it may answer.
const (
	minReaderMemory = 128
	maxReaderAnswer = 64 << 20
)

// readers are processes that read one track each.
func (c *serveCommand) readers() *worker.Pool {
	p := &worker.Pool{Args: []string{"worker", "read-track"}, Limits: worker.Limits{
		MemoryBytes: c.ReaderMemory << 20, Time: c.ReaderTime, AnswerBytes: maxReaderAnswer,
	}}
	p.Start()
	return p
}
