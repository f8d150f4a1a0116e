package ledger

// Plans are, after what is set before them, how the sequencer reads the entries it links.
var (
	PlanSettings = []string{lookUp, `set fangyu.system = 'ledger'`}
	Plans        = map[string][]any{
		`explain ` + newSQL:  {0, batchSize},
		`explain ` + lateSQL: {[]int64{1, 7}, []int64{3, 9}, batchSize},
	}
)
