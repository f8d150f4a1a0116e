package ledger

// PendingPlan are the statements whose last one shows how the sequencer reads what it links.
var PendingPlan = []string{lookUp, `set fangyu.system = 'ledger'`, `explain ` + pendingSQL}
