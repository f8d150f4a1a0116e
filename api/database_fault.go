package api

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/internal/fault"
)

// databaseFault names the failures of the database that are nobody's mistake here: text that PostgreSQL cannot hold is
// the sender's, and a server that does not answer is back soon. nil for everything else, and for what has a name already.
func databaseFault(err error) *fault.Error {
	var known *fault.Error
	var said *pgconn.PgError
	switch {
	case errors.As(err, &known):
		return nil
	case errors.As(err, &said) && (said.Code == "22021" || said.Code == "22P05"):
		return badText(err)
	case errors.As(err, &said) && (said.Code == "40P01" || said.Code == "40001"): // two transactions in each other's way
		return fault.Wrap(err, fault.Busy, "database-conflict", "同时有人在改同样的内容，这次没有办成，什么也没有改变：请再试一次")
	case errors.Is(err, context.DeadlineExceeded): // nothing of ours but the wait for a connection has a deadline of its own
		return fault.Wrap(err, fault.Busy, "database-full", "同时办理的人太多，请稍后再试")
	case errors.As(err, &said) && unavailable(said.Code), said == nil && lostConnection(err):
		return fault.Wrap(err, fault.Busy, "database", "数据库暂时没有应答，请稍后再试")
	}
	return nil
}

// unavailable reports whether the code says that the server is ending, starting or full: classes 08, 53 and 57P.
func unavailable(code string) bool {
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53") || strings.HasPrefix(code, "57P")
}

// lostConnection reports whether there was no connection or it broke.
func lostConnection(err error) bool {
	var connect *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err)
}
