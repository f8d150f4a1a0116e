// Package fault is the one vocabulary in which Fangyu says that something cannot be done.
//
// An [Error] carries a [Kind] (what the caller can do about it), a stable code, a sentence in Chinese that says what is
// wrong, where, and how to mend it, and for refusals the [Finding] values that caused it. Kinds travel up unchanged;
// causes are wrapped and stay in the log. The HTTP layer maps a kind to a status in one table, the command line maps it
// to an exit code; nobody else interprets kinds.
//
// A finding has one shape everywhere: name checks, topology checks, track reading, imports and audits all answer with
// it, and their JSON embeds it.
package fault
