package api

import (
	"github.com/gin-gonic/gin"

	"fangyu/internal/fault"
)

// mostDownloads is how many tracks one account reads within attemptWindow: tracks are movements of people, and whoever
// takes them all away is to be noticed.
const mostDownloads = 1000

// mayDownload counts the tracks an account reads.
//
// Errors: Exceeded "too-many-downloads", of which the log warns.
func (s *Server) mayDownload(c *gin.Context) error {
	key, now := actor(c).Key(), s.Now()
	if s.downloads.count(key, now) >= mostDownloads {
		s.Log.Warn("one account reads tracks in bulk", "account", key, "peer", c.ClientIP(), "id", requestID(c))
		return fault.New(fault.Exceeded, "too-many-downloads", "15 分钟内读取的轨迹超过 %d 条，请稍后再试", mostDownloads)
	}
	s.downloads.add(key, now)
	return nil
}
