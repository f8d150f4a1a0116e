// Package logfile keeps a log in files by day, and each for as long as the law asks.
//
// Why (2026-11-28): 网络安全法第二十一条 asks for network logs to be kept for at least six months; a service that leaves that
// to whatever runs it finds out at the inspection that nothing did.
package logfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"fangyu/internal/beijing"
)

const (
	prefix, suffix = "fangyu-", ".log"
	// ShortestKeep is six months in days.
	ShortestKeep = 183
	// UsualKeep is a week more than that.
	UsualKeep = 190
)

// Log writes to the file of the day in UTC+8.
type Log struct {
	dir  string
	keep int // days
	now  func() time.Time

	mu   sync.Mutex
	day  string
	file *os.File
}

// Open opens the log in a folder, which is made when it is not there; files older than keep days are removed, now and
// whenever a day begins. Who writes to it is the only one.
//
// Errors: keep shorter than ShortestKeep; those of the file system.
func Open(dir string, keep int, now func() time.Time) (*Log, error) {
	if keep < ShortestKeep {
		return nil, fmt.Errorf("日志只留 %d 天：《网络安全法》第二十一条要求网络日志留存不少于六个月，请至少留 %d 天", keep, ShortestKeep)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l := &Log{dir: dir, keep: keep, now: now}
	return l, l.turn(l.today())
}

func (l *Log) today() string { return beijing.Day(l.now()) }

// Write appends to the file of the day.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if day := l.today(); day != l.day {
		if err := l.turn(day); err != nil && l.file == nil {
			return 0, err
		}
	}
	return l.file.Write(b)
}

// Close closes the file of the day.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}

// turn begins the file of a day and removes those kept long enough. The file before it stays in use when that fails.
func (l *Log) turn(day string) error {
	next, err := os.OpenFile(filepath.Join(l.dir, prefix+day+suffix), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if l.file != nil {
		err = l.file.Close()
	}
	l.day, l.file = day, next
	return errors.Join(err, l.removeOld())
}

func (l *Log) removeOld() error {
	files, err := filepath.Glob(filepath.Join(l.dir, prefix+"*"+suffix))
	if err != nil {
		return err
	}
	first := l.now().In(beijing.Zone).AddDate(0, 0, -l.keep).Format(time.DateOnly)
	for _, path := range files {
		day := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), prefix), suffix)
		if _, bad := time.Parse(time.DateOnly, day); bad == nil && day < first {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}
