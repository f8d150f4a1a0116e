package gazsql

import "fangyu/internal/postgis"

// WithoutFirstWall is the store without the checks of who may see what, so that a test holds the second wall alone.
func (s *Store) WithoutFirstWall() *Store {
	open := *s
	open.open = true
	return &open
}

// Conn is what the store works on.
func (s *Store) Conn() postgis.Conn { return s.db }
