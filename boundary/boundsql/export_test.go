package boundsql

// HandDisputes is what a change of divisions does to disputes.
var HandDisputes = handDisputes

// WithoutFirstWall is the store without the checks of who may see what, so that a test holds the second wall alone.
func (s *Store) WithoutFirstWall() *Store {
	open := *s
	open.open = true
	return &open
}
